"""`/export`: rows of a pool as a file, and the lines that get the same without this page."""

from dashboards.pages.export.export_page import is_there, register

__all__ = ["is_there", "register"]
