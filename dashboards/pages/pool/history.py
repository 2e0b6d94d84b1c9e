"""The pool's ended actions and their results."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.components.tickets import ended_item
from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.actions.tickets import RECENT, TicketRecord, ended_tickets
from p2ppool.reports.pools.changes import fingerprint_of

_LIST = ident(PAGE, "history")
_MORE = ident(PAGE, "history-more")
_SEEN = ident(PAGE, "history-seen")

_STEPS: Final = (RECENT, 100, 200)
"""Number of tickets to show, at first and after each click on "Show more"; more would make the page slow."""


def layout() -> html.Div:
    """Build the empty list; a callback fills it."""
    more = html.Button("Show more", id=_MORE, type="button", className="more", hidden=True)
    return html.Div([html.Div(id=_LIST), more, dcc.Store(id=_SEEN)])


def register(app: Dash) -> None:
    """Fill it when a ticket ends, or when more is requested."""
    app.callback(
        Output(_LIST, "children"),
        Output(_MORE, "hidden"),
        Output(_SEEN, "data"),
        Input(ACTIVITY, "data"),
        Input(_MORE, "n_clicks"),
        State(NAME, "data"),
        State(_SEEN, "data"),
    )(_fill)


def _fill(_activity: str, clicks: int | None, name: str, seen: str | None) -> tuple[Any, Any, Any]:
    step = min(clicks or 0, len(_STEPS) - 1)
    shown = _STEPS[step]
    found = ended_tickets(context.engine(), name, shown + 1)
    mark = fingerprint_of((shown, found))
    if mark == seen:  # only a running action has progressed
        return no_update, no_update, no_update
    all_shown, last_step = len(found) <= shown, step == len(_STEPS) - 1
    hint = [] if all_shown or not last_step else [_older(name)]
    return [_list(found[:shown]), *hint], all_shown or last_step, mark


def _list(tickets: Sequence[TicketRecord]) -> html.Ol | html.P:
    if not tickets:
        return html.P("Nothing has ended yet.", className="quiet")
    return html.Ol([ended_item(ticket) for ticket in tickets], className="history")


def _older(name: str) -> html.P:
    return html.P(
        ["Older ones: ", dcc.Link("all ended actions", href=f"/activity?{urlencode({'pool': name})}")],
        className="quiet older",
    )
