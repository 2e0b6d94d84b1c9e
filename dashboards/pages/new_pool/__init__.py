"""`/new-pool`: the form that creates a pool."""

from dashboards.pages.new_pool.new_pool_page import is_there, register

__all__ = ["is_there", "register"]
