"""`/pools/<name>/system`: system of one pool."""

from dashboards.pages.system.system_page import is_there, register

__all__ = ["is_there", "register"]
