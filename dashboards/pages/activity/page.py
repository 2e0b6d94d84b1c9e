"""Registers the page and lays it out."""

from dash import Dash, html

from dashboards.untyped import register_page

_PATH = "/activity"


def register(_app: Dash) -> None:
    """The page."""
    register_page(__name__, path=_PATH, title="Activity · P2PPool Manager", layout=_layout)


def is_there(path: str) -> bool:
    """Whether `path`, as the server decoded it, is this page."""
    return path == _PATH


def _layout(**_query: str) -> html.Div:
    return html.Div(html.Div(html.H1("Activity"), className="title"))
