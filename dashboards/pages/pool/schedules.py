"""The pool's schedules: how often they start actions, and when next."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html

from dashboards.components.health_badge import Tone
from dashboards.live.polling import News, waits
from dashboards.pages.pool.ids import NAME, PAGE
from dashboards.web import context
from dashboards.web.access import may
from dashboards.web.ids import ident
from p2ppool.actions.permissions.table import Act
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.intervals import format_interval
from p2ppool.prefect_client.schedules import Schedule, Schedules

_LIST = ident(PAGE, "schedules")
_SEEN = ident(PAGE, "schedules-seen")
_CLOCK = ident(PAGE, "schedules-clock")
_EVERY: Final = 10_000  # milliseconds; Prefect is slower to ask than our own database
_TIMEOUT: Final = 3.0  # seconds that the server may take; the page can do without


def layout() -> html.Div:
    """Build the empty list; a callback fills it."""
    return html.Div([html.Div(id=_LIST), dcc.Store(id=_SEEN), dcc.Interval(id=_CLOCK, interval=_EVERY)])


def register(app: Dash) -> None:
    """Fill it at first and with every tick."""
    app.callback(
        Output(_LIST, "children"),
        Output(_SEEN, "data"),
        Input(_CLOCK, "n_intervals"),
        State(NAME, "data"),
        State(_SEEN, "data"),
        running=waits(_CLOCK),
    )(_fill)


def _fill(_tick: int | None, name: str, seen: dict[str, str] | None) -> tuple[Any, dict[str, str]]:
    news = News(seen)
    return news.of("list", _list(name)), news.marks


def _list(name: str) -> html.Ul | html.P:
    if not may(Act.LOOK, name):
        return _items([], {})
    try:
        with PrefectApi.open(context.settings(), retry_for=0.0, timeout=_TIMEOUT) as api:
            schedules = Schedules(api)
            found = schedules.of(name)
            coming = schedules.next_runs(found)
    except UserError:
        return html.P("The Prefect server, which keeps the schedules, does not answer.", className="quiet")
    return _items(found, coming)


def _items(found: Sequence[Schedule], coming: dict[str, datetime]) -> html.Ul | html.P:
    if not found:
        return html.P("This pool has no schedules.", className="quiet")
    return html.Ul([_item(one, coming.get(one.id)) for one in found], className="history")


def _item(schedule: Schedule, due: datetime | None) -> html.Li:
    state, tone = ("active", Tone.GOOD) if schedule.active else ("paused", Tone.IDLE)
    return html.Li(
        [
            html.Span(state, className=f"badge {tone}"),
            html.B(schedule.action),
            html.Span(format_interval(schedule.how), className="message"),
            html.Span(["next ", _time(due)] if due else "", className="quiet when"),
        ]
    )


def _time(due: datetime) -> html.Time:
    utc = due.astimezone(UTC)
    return html.Time(f"{utc:%Y-%m-%d %H:%M} UTC", dateTime=utc.isoformat(timespec="seconds"))
