"""Registers the page and lays it out."""

from urllib.parse import unquote

from dash import Dash, html

from dashboards import context, period_picker
from dashboards.navigation import pool_navigation
from dashboards.pages.not_found_404 import nothing
from dashboards.pool_address import is_page_of_pool
from dashboards.untyped import register_page
from p2ppool.errors import one_line
from p2ppool.reports.pools import exists

_LEAF = "/system"
_BEFORE_POOL = 0
"""Dash takes the first page whose template fits, and for it "<name>" of "/pools/<name>" has slashes too."""


def register(app: Dash) -> None:
    """The page."""
    register_page(
        __name__, path_template=f"/pools/<name>{_LEAF}", title=_title, layout=_layout, order=_BEFORE_POOL
    )
    period_picker.register(app, "system")


def is_there(path: str) -> bool:
    """Whether `path`, as the server decoded it, is this page of a pool."""
    return is_page_of_pool(path, _LEAF)


def _title(name: str = "") -> str:
    return f"System of {one_line(unquote(name), 64)} · P2PPool Manager"


def _layout(name: str = "", **query: str) -> html.Div:
    name = unquote(name)
    if not exists(context.engine(), name):
        return nothing("There is no such pool.", "It may have another name, or be gone.")
    return html.Div(
        [
            pool_navigation(name, _LEAF),
            html.Div(html.H1("System"), className="title"),
            period_picker.picker("system", query),
        ]
    )
