"""Registers the list of pools and keeps it fresh."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards import context
from dashboards.identifiers import ident
from dashboards.live import heartbeat, interval
from dashboards.pages.pools.cards import cards
from dashboards.untyped import register_page
from p2ppool.reports.changes import mark_of
from p2ppool.reports.pools import pools

_PAGE = "pools"
_LIST = ident(_PAGE, "list")
_MARK = ident(_PAGE, "mark")
_CLOCK = ident(_PAGE, "clock")
_PULSE = ident(_PAGE, "pulse")


def register(app: Dash) -> None:
    """The page, and its refresh."""
    register_page(__name__, path="/", title="Pools · P2PPool Manager", layout=_layout)
    app.callback(
        Output(_LIST, "children"),
        Output(_MARK, "data"),
        Output(_PULSE, "data-beat"),
        Input(_CLOCK, "n_intervals"),
        State(_MARK, "data"),
    )(_refresh)


def is_there(path: str) -> bool:
    """Whether `path`, as the server decoded it, is this page."""
    return path == "/"


def _layout(**_query: str) -> html.Div:
    return html.Div(
        [
            interval(_CLOCK),
            dcc.Store(id=_MARK),
            html.Div([html.H1("Pools"), heartbeat(_PULSE)], className="title"),
            html.Div(id=_LIST),
        ]
    )


def _refresh(beat: int, seen: str | None) -> tuple[Any, Any, int]:
    found = pools(context.engine())
    mark = mark_of(found)
    return (no_update, no_update, beat) if mark == seen else (cards(found), mark, beat)
