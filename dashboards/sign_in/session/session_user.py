"""A user in the form that the sign-in library takes."""

from typing import Any

from flask_security import RoleMixin, UserDatastore, UserMixin
from sqlalchemy import Engine

from dashboards.web import context
from p2ppool.accounts import sign_ins
from p2ppool.store.models import SignIn, User
from p2ppool.store.unit_of_work import UnitOfWork, reading


class Account(UserMixin):
    """A user; within a session also the key in the browser's cookie.

    The library keeps `fs_uniquifier` in the cookie and asks for it with each request. Here it is new with
    each sign-in, so that each session can end alone.
    """

    fs_uniquifier = ""

    def __init__(self, user: User, key: str = "", sign_in: SignIn | None = None) -> None:
        self.id = user.id
        self.name = user.name
        self.password = user.password
        self.active = user.active
        self.user = user
        self.fs_uniquifier = key
        self.sign_in = sign_in
        self.roles = []


class Accounts(UserDatastore):
    """Where the library finds its users."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(Account, RoleMixin)
        self._engine = engine

    def find_user(self, case_insensitive: bool = False, **criteria: Any) -> Account | None:  # noqa: ARG002, FBT001, FBT002 - the library's
        """Return the account whose session has this key."""
        idle, longest = context.session_lifetimes()
        key = str(criteria["fs_uniquifier"])
        with reading(self._engine) as work:
            found = sign_ins.find(work.session, key, idle, longest)
        return None if found is None else Account(found.user, key, found)

    def put(self, model: Account) -> Account:
        """Store a password that the library has rehashed at a higher cost."""
        with UnitOfWork(self._engine) as work:
            work.session.get_one(User, model.id).password = model.password
            work.commit()
        return model

    def commit(self) -> None:
        """Do nothing: each change is already committed."""
