"""`/activity`: actions in all pools, or in one (`?pool=<name>`); `/activity/<number>`: one action."""

from dash import Dash

from dashboards.pages.activity import action_page, overview_page


def register(app: Dash) -> None:
    """Register both pages, and what they share."""
    overview_page.register(app)
    action_page.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is one of the two."""
    return overview_page.is_there(path) or action_page.is_there(path)


__all__ = ["is_there", "register"]
