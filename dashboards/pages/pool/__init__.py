"""`/pools/<name>`: one pool, with its ring, nodes, hosts and actions."""

from dashboards.pages.pool.pool_page import is_there, register

__all__ = ["is_there", "register"]
