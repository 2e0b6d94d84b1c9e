"""`/pools/<name>`: one pool, its ring, its nodes, its hosts, what was done on it."""

from dashboards.pages.pool.pool_page import is_there, register

__all__ = ["is_there", "register"]
