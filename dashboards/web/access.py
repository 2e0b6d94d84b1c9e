"""The visitor of a page, and what they may do there.

A page that only shows data needs nothing of this: dashboards/sign_in/authentication.py has turned away
everybody who may not see it. Code that acts, or reveals what only managers may see, declares so: a view by
`for_managers`, a callback by `acts`, or by `managers_only` if it only reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import Final, NoReturn, ParamSpec, TypeVar

from flask import abort, current_app, g

from dashboards.web.changing import changes
from p2ppool.accounts.tokens import Scope

P = ParamSpec("P")
R = TypeVar("R")
PROVE: Final = "/prove"
"""The page that asks again who somebody is."""
_VISITOR: Final = "p2ppool_visitor"
_FINDER: Final = "p2ppool_visitors"


@dataclass(frozen=True)
class Visitor:
    """The sender of a request: `id` is the user's, None for somebody who is not signed in.

    `scopes` are those of the request's API token, None without one; with a token nobody is a manager.
    `is_recent`: the person has lately proved who they are, as grave acts require.
    """

    id: int | None
    name: str
    is_manager: bool
    scopes: frozenset[str] | None = None
    is_recent: bool = True


ANONYMOUS: Final = Visitor(None, "anonymous", is_manager=False)


class Need(IntEnum):
    """The least that a visitor must be to get an answer."""

    NOTHING = 0
    VIEWER = 1  # whoever may look: a user, or anybody where the pages are open to viewers
    USER = 2  # has signed in
    MANAGER = 3


@dataclass(frozen=True)
class Rule:
    """The requirements of a view, and the scope with which an API token opens it; None: no token does.

    `form`: requests that change something must carry the CSRF token.
    """

    need: Need
    scope: Scope | None = None
    form: bool = True


def visitor() -> Visitor:
    """Return the visitor who sent the current request."""
    found: Visitor | None = g.get(_VISITOR)
    if found is None:
        found = current_app.extensions[_FINDER]()
        setattr(g, _VISITOR, found)
    return found


def may_act() -> bool:
    """Tell whether the visitor is a manager; pages hide actions from everybody else."""
    return visitor().is_manager


def require_manager() -> None:
    """Return only if the visitor is a manager.

    Raises:
        Forbidden: for anybody else; the browser gets a 403.
    """
    if not may_act():
        refuse("Only managers may do that.")


def refuse(why: str) -> NoReturn:
    """Answer 403.

    Raises:
        Forbidden: always.
    """
    abort(403, why)


def acts(callback: Callable[P, R]) -> Callable[P, R]:
    """Declare a callback that acts: it runs for managers only, and a page never repeats it."""
    return changes(managers_only(callback))


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
