"""`/activity`: activity of all pools, or of one (`?pool=<name>`)."""

from dashboards.pages.activity.page import is_there, register

__all__ = ["is_there", "register"]
