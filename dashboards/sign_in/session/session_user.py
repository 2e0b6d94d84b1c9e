"""A user as the sign-in library sees one."""

from typing import Any

from flask_security import RoleMixin, UserDatastore, UserMixin
from sqlalchemy import Engine

from dashboards.web import context
from p2ppool.accounts import sign_ins
from p2ppool.store.models import Role, SignIn, User
from p2ppool.store.unit_of_work import UnitOfWork, reading


class Account(UserMixin):
    """A user; in a session also the key that the browser's cookie holds.

    The library keeps `fs_uniquifier` in the cookie and asks for it with each request. Here it is new with
    each sign-in, so that each session can end alone.
    """

    fs_uniquifier = ""

    def __init__(self, user: User, key: str = "", sign_in: SignIn | None = None) -> None:
        self.id = user.id
        self.name = user.name
        self.password = user.password
        self.active = user.active
        self.is_manager = user.role is Role.MANAGER
        self.fs_uniquifier = key
        self.sign_in = sign_in
        self.roles = []


class Accounts(UserDatastore):
    """Where the library finds them."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(Account, RoleMixin)
        self._engine = engine

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Account | None:  # noqa: ARG002, FBT001, FBT002 - the library's
        """The one whose session has this key."""
        idle, longest = context.session_lifetimes()
        key = str(wanted["fs_uniquifier"])
        with reading(self._engine) as work:
            found = sign_ins.find(work.session, key, idle, longest)
        return None if found is None else Account(found.user, key, found)

    def put(self, model: Account) -> Account:
        """Keep a password's hash that the library has made anew at a higher cost."""
        with UnitOfWork(self._engine) as work:
            work.session.get_one(User, model.id).password = model.password
            work.commit()
        return model

    def commit(self) -> None:
        """Nothing is left to do."""
