"""Which callbacks change something: where the answer of one is lost, a page must not ask for it again.

All others only read; a page asks for those until an answer comes (assets/retry.js).
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from dash import Dash

P = ParamSpec("P")
R = TypeVar("R")
_MARK: Final = "p2ppool_changes"


def changes(callback: Callable[P, R]) -> Callable[P, R]:
    """Mark a callback that changes something; `acts` does so by itself."""
    setattr(callback, _MARK, True)
    return callback


def changing_callbacks(app: Dash) -> list[str]:
    """The outputs of those so marked, as a page names them when it asks."""
    return [
        output for output, found in app.callback_map.items() if getattr(found.get("callback"), _MARK, False)
    ]
