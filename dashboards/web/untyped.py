"""Functions of Dash that carry no types, given some here once."""

from collections.abc import Callable
from typing import Any

import dash

register_page: Callable[..., None] = dash.register_page


def bind_in_browser(app: dash.Dash, *wires: Any, **how: Any) -> None:
    """Bind a function of our own script files: `ClientsideFunction`, then outputs and inputs."""
    bind: Callable[..., None] = app.clientside_callback
    bind(*wires, **how)


def labelled(text: str) -> dict[str, Any]:
    """The attribute that names a part for those who do not see it (WAI-ARIA 1.2, aria-label)."""
    return {"aria-label": text}


def data(**values: str) -> dict[str, Any]:
    """Attributes `data-…`, which our own script files read."""
    return {f"data-{name}": value for name, value in values.items()}
