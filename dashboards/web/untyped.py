"""Functions of Dash that have no types, typed once here."""

from collections.abc import Callable
from typing import Any

import dash

register_page: Callable[..., None] = dash.register_page


def bind_in_browser(app: dash.Dash, *wires: Any, **how: Any) -> None:
    """Bind a function of our own script files: `ClientsideFunction`, then outputs and inputs."""
    bind: Callable[..., None] = app.clientside_callback
    bind(*wires, **how)


def labelled(text: str) -> dict[str, Any]:
    """Build the attribute that names a part for screen readers (WAI-ARIA 1.2, aria-label)."""
    return {"aria-label": text}


def data(**values: str) -> dict[str, Any]:
    """Build `data-…` attributes, which our own script files read."""
    return {f"data-{name}": value for name, value in values.items()}
