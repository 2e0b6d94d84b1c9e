"""`/pools/<name>/system`: system of one pool."""

from dashboards.pages.system.page import is_there, register

__all__ = ["is_there", "register"]
