"""The part of a pool's page about the people who have a role on it."""

from dashboards.pages.pool.people.section import layout, register

__all__ = ["layout", "register"]
