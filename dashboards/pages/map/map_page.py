"""Registers the page, lays it out and refreshes it."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.live.polling import heartbeat, interval, waits
from dashboards.pages.map import drawing, filters, panel, places
from dashboards.pages.map.choice import chosen_pools
from dashboards.pages.map.ids import CLOCK, MARK, POOLS, PULSE
from dashboards.web import context
from dashboards.web.untyped import register_page
from p2ppool.reports.pools.world_map import fingerprint_of_map

_PATH = "/map"


def register(app: Dash) -> None:
    """Register the page, its parts, and its refresh."""
    register_page(__name__, path=_PATH, title="Map · P2PPool Manager", layout=_layout)
    app.callback(
        Output(MARK, "data"),
        Output(PULSE, "data-heartbeat"),
        Input(CLOCK, "n_intervals"),
        State(POOLS, "value"),
        State(MARK, "data"),
        prevent_initial_call=True,
        running=waits(CLOCK),
    )(_refresh)
    for part in (drawing, filters, panel, places):
        part.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page."""
    return path == _PATH


def _layout(pool: str = "", **_query: str) -> html.Div:
    return html.Div(
        [
            interval(CLOCK),
            dcc.Store(id=MARK),
            html.Div([html.H1("Map"), heartbeat(PULSE)], className="title"),
            filters.layout(pool),
            html.Div([drawing.layout(), panel.layout()], className="world"),
            *places.layout(),
        ]
    )


def _refresh(heartbeat: int, names: list[str] | None, mark: str | None) -> tuple[Any, int]:
    found = fingerprint_of_map(context.engine(), chosen_pools(names))
    return no_update if found == mark else found, heartbeat
