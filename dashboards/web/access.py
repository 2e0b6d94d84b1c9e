"""Who asks for a page, and what they may do there.

A page that shows data needs nothing of this: dashboards/sign_in/authentication.py has turned away whoever
may not see it. What acts, or reveals what only managers may have, says so: a view by `for_managers`, a
callback by `acts`, or by `managers_only` where it only reads.
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
_VISITOR: Final = "p2ppool_visitor"
_FINDER: Final = "p2ppool_visitors"


@dataclass(frozen=True)
class Visitor:
    """One who asks: `id` is that of the user, None for somebody who has not signed in.

    `scopes` are those of the API token that was shown, None where none was; with a token nobody is a manager.
    """

    id: int | None
    name: str
    is_manager: bool
    scopes: frozenset[str] | None = None


ANONYMOUS: Final = Visitor(None, "anonymous", is_manager=False)


class Need(IntEnum):
    """What one must be to get an answer; whoever is more gets it, too."""

    NOTHING = 0
    VIEWER = 1  # whoever may look: a user, or anybody where the pages are open to viewers
    USER = 2  # has signed in
    MANAGER = 3


@dataclass(frozen=True)
class Rule:
    """What a view needs, and with which scope an API token opens it; None: with none.

    `form`: what does not only read carries the token against forged requests.
    """

    need: Need
    scope: Scope | None = None
    form: bool = True


def visitor() -> Visitor:
    """The one who sent the request that is being served."""
    found: Visitor | None = g.get(_VISITOR)
    if found is None:
        found = current_app.extensions[_FINDER]()
        setattr(g, _VISITOR, found)
    return found


def may_act() -> bool:
    """Whether the visitor is a manager: what they can't do is not shown to others."""
    return visitor().is_manager


def require_manager() -> None:
    """Go on only for a manager.

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
    """A callback that acts: it runs for managers alone, and a page does not ask for it twice."""
    return changes(managers_only(callback))


def managers_only(callback: Callable[P, R]) -> Callable[P, R]:
    """A callback that only reads, but runs for managers alone."""

    @wraps(callback)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_manager()
        return callback(*args, **kwargs)

    return guarded


def for_everybody(view: Callable[P, R]) -> Callable[P, R]:
    """A view that needs no sign-in."""
    return _ruled(view, Rule(Need.NOTHING))


def for_programs(view: Callable[P, R]) -> Callable[P, R]:
    """A view for programs that are no browsers: it needs no sign-in, and must not look who has signed in."""
    return _ruled(view, Rule(Need.NOTHING, form=False))


def for_viewers(scope: Scope | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view for whoever may see, and for programs whose API token has this scope."""
    return lambda view: _ruled(view, Rule(Need.VIEWER, scope))


def for_users(view: Callable[P, R]) -> Callable[P, R]:
    """A view for whoever has signed in: it is about what is theirs."""
    return _ruled(view, Rule(Need.USER))


def for_managers(view: Callable[P, R]) -> Callable[P, R]:
    """A view for managers; so is each that says nothing."""
    return _ruled(view, Rule(Need.MANAGER))


def rule_of(view: Callable[..., object]) -> Rule:
    """What the view says of itself."""
    found: Rule = getattr(view, "p2ppool_rule", Rule(Need.MANAGER))
    return found


def find_by(app_extensions: dict[str, object], finder: Callable[[], Visitor]) -> None:
    """Let an application find out who asks."""
    app_extensions[_FINDER] = finder


def _ruled(view: Callable[P, R], rule: Rule) -> Callable[P, R]:
    view.p2ppool_rule = rule  # type: ignore[attr-defined]
    return view
