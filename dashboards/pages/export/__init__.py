"""`/export`: rows of a pool as a file, and commands that produce the same."""

from dashboards.pages.export.export_page import is_there, register

__all__ = ["is_there", "register"]
