"""Marks callbacks that change something: if the answer is lost, the page must not send the request again.

All others only read; a page repeats those until an answer comes (assets/retry.js).
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from dash import Dash

P = ParamSpec("P")
R = TypeVar("R")
_MARK: Final = "p2ppool_changes"


def changes(callback: Callable[P, R]) -> Callable[P, R]:
    """Mark a callback that changes something; `acts` includes this."""
    setattr(callback, _MARK, True)
    return callback


def changing_callbacks(app: Dash) -> list[str]:
    """List the outputs of the marked callbacks, in the form in which pages send them."""
    return [
        output for output, found in app.callback_map.items() if getattr(found.get("callback"), _MARK, False)
    ]
