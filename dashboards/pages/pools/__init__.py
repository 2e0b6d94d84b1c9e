"""`/`: an overview of all pools."""

from dashboards.pages.pools.pools_page import is_there, register

__all__ = ["is_there", "register"]
