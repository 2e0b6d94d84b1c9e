"""The visitor of a page, and what they may do there.

A page that only shows data needs nothing of this: dashboards/sign_in/authentication.py has turned away
everybody who may not see it, and dashboards/web/context.py gives a database that has only the pools that the
visitor may see. Code that acts, or reveals what not all may see who see the pool, declares so: a view by
`for_managers` or `for_pool`, a callback by `acts` (`managers_only` if it only reads), or by `acts_on_pools`
and then `require` for the pool that it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import Final, NoReturn, ParamSpec, TypeVar

from flask import abort, current_app, g

from dashboards.web.changing import changes
from p2ppool.accounts.roles.rights import LOOKING, NO_RIGHTS, Rights
from p2ppool.accounts.tokens import Scope
from p2ppool.actions.catalogue import Action
from p2ppool.actions.permissions import table
from p2ppool.actions.permissions.table import Act
from p2ppool.store.models import PoolRole

P = ParamSpec("P")
R = TypeVar("R")
PROVE: Final = "/prove"
"""The page that asks again who somebody is."""
_VISITOR: Final = "p2ppool_visitor"
_FINDER: Final = "p2ppool_visitors"


@dataclass(frozen=True)
class Visitor:
    """The sender of a request: `id` is the user's, None for somebody who is not signed in.

    `scopes` are those of the request's API token, None without one; with a token nobody may more than look.
    `is_recent`: the person has lately proved who they are, as grave acts require.
    """

    id: int | None
    name: str
    rights: Rights = LOOKING
    scopes: frozenset[str] | None = None
    is_recent: bool = True

    @property
    def is_manager(self) -> bool:
        """Whether they manage the whole installation: all pools, users, packages, keys."""
        return self.rights.everywhere is PoolRole.MANAGER


ANONYMOUS: Final = Visitor(None, "anonymous", NO_RIGHTS)
NO_POOL: Final = "There is no such pool."
"""What they are told who ask for a pool that is not there, or not for them."""


class Need(IntEnum):
    """The least that a visitor must be to get an answer."""

    NOTHING = 0
    VIEWER = 1  # whoever may look: a user, or anybody where the pages are open to viewers
    USER = 2  # has signed in
    MANAGER = 3


@dataclass(frozen=True)
class Rule:
    """The requirements of a view, and the scope with which an API token opens it; None: no token does.

    `form`: requests that change something must carry the CSRF token. `act`: what the view does with the pool
    that its address names.
    """

    need: Need
    scope: Scope | None = None
    form: bool = True
    act: Act | None = None


def visitor() -> Visitor:
    """Return the visitor who sent the current request."""
    found: Visitor | None = g.get(_VISITOR)
    if found is None:
        found = current_app.extensions[_FINDER]()
        setattr(g, _VISITOR, found)
    return found


def may(what: Action | Act, pool: str) -> bool:
    """Tell whether the visitor may do that with the pool; pages hide from them what they may not."""
    return table.may(visitor().rights, what, pool)


def may_request(action: str, pool: str) -> bool:
    """Tell whether the visitor may request, cancel and retry the action of that name on the pool."""
    return table.may_request(visitor().rights, action, pool)


def require_manager() -> None:
    """Return only if the visitor is a manager of the whole installation.

    Raises:
        Forbidden: for anybody else; the browser gets a 403.
    """
    if not visitor().is_manager:
        refuse("Only managers may do that.")


def require(what: Action | Act, pool: str) -> None:
    """Return only if the visitor may do that with the pool.

    Raises:
        HTTPException: 404 if for them there is no such pool, else 403.
    """
    if not may(what, pool):
        refuse_on(pool)


def require_request(action: str, pool: str) -> None:
    """Return only if the visitor may request, cancel and retry the action of that name on the pool.

    Raises:
        HTTPException: 404 if for them there is no such pool, else 403.
    """
    if not may_request(action, pool):
        refuse_on(pool)


def refuse_on(pool: str) -> NoReturn:
    """Refuse what the visitor may not do with that pool; one that they may not see is not there.

    Raises:
        HTTPException: always.
    """
    if visitor().rights.on(pool) is None:
        abort(404, NO_POOL)
    refuse("Your role on this pool does not allow that.")


def refuse(why: str) -> NoReturn:
    """Answer 403.

    Raises:
        Forbidden: always.
    """
    abort(403, why)


def acts(callback: Callable[P, R]) -> Callable[P, R]:
    """Declare a callback that acts: it runs for managers only, and a page never repeats it."""
    return changes(managers_only(callback))


def acts_on_pools(least: PoolRole) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a callback that acts on a pool: it runs for those alone who have that role on any.

    It must itself `require` what it is about to do, with the pool that was sent.
    """

    def declare(callback: Callable[P, R]) -> Callable[P, R]:
        @wraps(callback)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            highest = visitor().rights.highest
            if highest is None or not highest.includes(least):
                refuse("Your role does not allow that on any pool.")
            return callback(*args, **kwargs)

        return changes(checked)

    return declare


def managers_only(callback: Callable[P, R]) -> Callable[P, R]:
    """Declare a callback that only reads, but runs for managers only."""

    @wraps(callback)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        require_manager()
        return callback(*args, **kwargs)

    return checked


def for_everybody(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a view that needs no sign-in."""
    return _ruled(view, Rule(Need.NOTHING))


def for_programs(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a view for programs other than browsers: without sign-in, and without reading sessions."""
    return _ruled(view, Rule(Need.NOTHING, form=False))


def for_viewers(scope: Scope | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a view for everybody who may see pages, and for API tokens with this scope."""
    return lambda view: _ruled(view, Rule(Need.VIEWER, scope))


def for_users(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a view for everybody who is signed in, about what is theirs."""
    return _ruled(view, Rule(Need.USER))


def for_senders_of_our_pages(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a view for everybody who is signed in, whose pages are not ours and so do not know our token.

    Against forged requests stands the sender that browsers state (web/security_headers.py).
    """
    return _ruled(view, Rule(Need.USER, form=False))


def for_pool(act: Act, scope: Scope | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a view that does that with the pool `<pool>` of its address, and the scope that opens it."""
    need = Need.VIEWER if act is Act.LOOK else Need.USER
    return lambda view: _ruled(view, Rule(need, scope, act=act))


def for_managers(view: Callable[P, R]) -> Callable[P, R]:
    """Declare a view for managers, which is also the default."""
    return _ruled(view, Rule(Need.MANAGER))


def rule_of(view: Callable[..., object]) -> Rule:
    """Return what the view requires."""
    found: Rule = getattr(view, "p2ppool_rule", Rule(Need.MANAGER))
    return found


def set_visitor_finder(app_extensions: dict[str, object], finder: Callable[[], Visitor]) -> None:
    """Set the function with which an application finds its visitors."""
    app_extensions[_FINDER] = finder


def _ruled(view: Callable[P, R], rule: Rule) -> Callable[P, R]:
    view.p2ppool_rule = rule  # type: ignore[attr-defined]
    return view
