"""`/pools/<name>/ring`: ring of one pool."""

from dashboards.pages.ring.ring_page import is_there, register

__all__ = ["is_there", "register"]
