"""`/pools/<name>/nodes`: nodes of one pool."""

from dashboards.pages.nodes.page import is_there, register

__all__ = ["is_there", "register"]
