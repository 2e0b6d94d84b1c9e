"""`/`: all pools at a glance."""

from dashboards.pages.pools.page import register

__all__ = ["register"]
