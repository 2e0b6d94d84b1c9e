"""`/map`: map of all pools, or of one (`?pool=<name>`)."""

from dashboards.pages.map.map_page import is_there, register

__all__ = ["is_there", "register"]
