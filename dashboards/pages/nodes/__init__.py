"""`/pools/<name>/nodes`: all nodes of one crawl; `/pools/<name>/nodes/<address>`: one node over time."""

from dash import Dash

from dashboards.pages.nodes import node_page, page


def register(app: Dash) -> None:
    """Both pages."""
    page.register(app)
    node_page.register(app)


def is_there(path: str) -> bool:
    """Whether `path`, as the server decoded it, is one of them."""
    return page.is_there(path) or node_page.is_there(path)


__all__ = ["is_there", "register"]
