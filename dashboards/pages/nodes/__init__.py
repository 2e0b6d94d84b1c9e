"""`/pools/<name>/nodes`: all nodes of one crawl; `/pools/<name>/nodes/<address>`: one node over time."""

from dash import Dash

from dashboards.pages.nodes import node_page, nodes_page


def register(app: Dash) -> None:
    """Register both pages."""
    nodes_page.register(app)
    node_page.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is one of them."""
    return nodes_page.is_there(path) or node_page.is_there(path)


__all__ = ["is_there", "register"]
