"""Whether the requester of a run may still have it: checked at the request, and again when its turn comes.

A run may wait for hours; meanwhile its requester's role may be taken, or the user disabled or deleted. Only
people on the pages have roles: whoever owns the data folder, and so its command line, may do everything, as
may schedules, which they set up. What comes through Prefect's API unsigned is of those with its credential.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session

from p2ppool.accounts import users
from p2ppool.accounts.roles.pool_roles import rights_of
from p2ppool.accounts.roles.rights import Rights
from p2ppool.actions.permissions.table import Act, may, may_request
from p2ppool.errors import UserError

_ON_PAGES: Final = ("page ", "Prefect UI ")
"""How signed requesters begin who are users of the pages, also of the Prefect UI among them."""


def refusal(session: Session, requesters: Iterable[str], action: str, pool: str) -> str | None:
    """Return why none of the requesters may have the action on the pool; None: one of them may."""
    reasons = [_refusal_of(session, requester, action, pool) for requester in requesters]
    return None if None in reasons else reasons[0]


def require_request(session: Session, requester: str, action: str, pool: str) -> None:
    """Return only if the requester may have the action on the pool.

    Raises:
        UserError: they may not.
    """
    if why := refusal(session, [requester], action, pool):
        raise UserError(why)


def require_viewer(session: Session, requester: str, pool: str) -> None:
    """Return only if the requester may look at the pool.

    Raises:
        UserError: they may not.
    """
    name = _person(requester)
    if name is not None and not may(_rights(session, name), Act.LOOK, pool):
        raise UserError(f"refused: the user {name} may not look at pool {pool} any more")


def _refusal_of(session: Session, requester: str, action: str, pool: str) -> str | None:
    name = _person(requester)
    if name is None or may_request(_rights(session, name), action, pool):
        return None
    found = users.find(session, name)
    if found is None or not found.active:
        return f"refused: its requester, the user {name}, was {'disabled' if found else 'deleted'}"
    return f"refused: the role of the user {name} on pool {pool} does not allow {action}, or not any more"


def _person(requester: str) -> str | None:
    """Return the name of the user who requested it on a page; None: it was requested in another way."""
    return next((requester.removeprefix(each) for each in _ON_PAGES if requester.startswith(each)), None)


def _rights(session: Session, name: str) -> Rights:
    return rights_of(session, users.find(session, name))
