"""The crawl to show: always the latest, or one picked by its day and time."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.live.url_state import keep_in_address
from dashboards.pages.nodes.ids import LAST, NAME, PAGE, SNAPSHOT
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.text import age, consistency, counted, duration
from dashboards.web.untyped import labelled
from p2ppool.reports.crawls.crawls import CrawlInTime, crawl, crawl_nearest, crawls_in
from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.period import Period

_BEFORE: Final = ident(PAGE, "before")
_AFTER: Final = ident(PAGE, "after")
_LATEST: Final = ident(PAGE, "latest")
_DAY: Final = ident(PAGE, "day")
_TIME: Final = ident(PAGE, "time")
_FACTS: Final = ident(PAGE, "facts")
_CHOICE: Final = ident(PAGE, "choice")
"""Store of the URL's state: `crawl` is an id, or None while the page follows the latest."""


def layout(name: str, found: CrawlInTime | None, *, follows: bool) -> html.Div:
    """Build the controls for that crawl."""
    shown = _shown(name, found, follows=follows)
    controls = [
        html.Button("◂", id=_BEFORE, disabled=shown["before"], **_step("Previous crawl")),
        _day(shown["day"]),
        _time(shown["times"], shown["time"]),
        html.Button("▸", id=_AFTER, disabled=shown["after"], **_step("Next crawl")),
        html.Button("Latest", id=_LATEST, type="button", className=shown["latest"]),
        html.Span("UTC", className="quiet"),
    ]
    return html.Div(
        [
            dcc.Store(id=_CHOICE, data=shown["choice"]),
            html.Div(controls, className="crawl-choice", role="group", **labelled("Crawl")),
            html.P(shown["facts"], id=_FACTS, className="crawl-facts", role="status"),
        ]
    )


def _day(value: str | None) -> html.Div:
    # Not the browser's own control: Dash mishandles its caret, and its date format varies by country.
    field = dcc.DatePickerSingle(
        id=_DAY, date=value, display_format="YYYY-MM-DD", placeholder="Day", first_day_of_week=1
    )
    return html.Div(field, className="day", role="group", **labelled("Day"))


def _time(options: list[dict[str, Any]], value: int | None) -> html.Label:
    field = dcc.Dropdown(options, value, id=_TIME, clearable=False, placeholder="Time", maxHeight=320)
    return html.Label([html.Span("Time", className="unseen"), field])


def register(app: Dash) -> None:
    """Bind the controls, and follow the latest crawl."""
    app.callback(
        output={
            "snapshot": Output(SNAPSHOT, "data"),
            "choice": Output(_CHOICE, "data"),
            "before": Output(_BEFORE, "disabled"),
            "after": Output(_AFTER, "disabled"),
            "day": Output(_DAY, "date"),
            "times": Output(_TIME, "options"),
            "time": Output(_TIME, "value"),
            "latest": Output(_LATEST, "className"),
            "facts": Output(_FACTS, "children"),
        },
        inputs={
            "_clicks": [Input(button, "n_clicks") for button in (_BEFORE, _AFTER, _LATEST)],
            "_last": Input(LAST, "data"),
            "day": Input(_DAY, "date"),
            "time": Input(_TIME, "value"),
            "name": State(NAME, "data"),
            "snapshot": State(SNAPSHOT, "data"),
            "choice": State(_CHOICE, "data"),
        },
        prevent_initial_call=True,
    )(_choose)
    keep_in_address(app, _CHOICE)


def _choose(*, snapshot: int | None, choice: dict[str, Any], name: str, **controls: Any) -> dict[str, Any]:
    found, follows = _chosen(name, snapshot, follows=choice.get("crawl") is None, **controls)
    shown = _shown(name, found, follows=follows)
    if shown["snapshot"] == snapshot:  # what the table has already
        shown["snapshot"] = no_update
    if shown["choice"] == choice:
        shown["choice"] = no_update
    return shown


def _chosen(
    name: str, snapshot: int | None, *, follows: bool, day: str | None, time: int | None, **_rest: Any
) -> tuple[CrawlInTime | None, bool]:
    """Return the crawl that the used control selects, and whether to follow the latest."""
    engine, control = context.engine(), ctx.triggered_id
    now_shown = None if snapshot is None else crawl(engine, name, snapshot)
    if control == _LATEST or now_shown is None or (control == LAST and follows):
        return crawl(engine, name), True
    wanted: int | None = {_BEFORE: now_shown.before, _AFTER: now_shown.after, _TIME: time}.get(control or "")
    if control == _DAY and (end := _end_of(day)):
        return crawl_nearest(engine, name, end), False
    if not isinstance(wanted, int):
        return now_shown, follows
    return crawl(engine, name, wanted) or now_shown, False


def _shown(name: str, found: CrawlInTime | None, *, follows: bool) -> dict[str, Any]:
    """Return the values of all controls for that crawl."""
    pressed = "crawl-step pressed" if follows else "crawl-step"
    if found is None:
        nothing: dict[str, Any] = {
            "snapshot": None,
            "before": True,
            "after": True,
            "day": None,
            "times": [],
            "time": None,
        }
        return nothing | {"choice": {"crawl": None, "at": None}, "latest": pressed, "facts": _no_crawl(name)}
    started = found.crawl.started_at
    return {
        "snapshot": found.crawl.id,
        "choice": {"crawl": None if follows else str(found.crawl.id), "at": None},
        "before": found.before is None,
        "after": found.after is None,
        "day": f"{started:%Y-%m-%d}",
        "times": _times(name, started),
        "time": found.crawl.id,
        "latest": pressed,
        "facts": _facts(found.crawl),
    }


def _times(name: str, moment: datetime) -> list[dict[str, Any]]:
    """List the crawls of that day."""
    start = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return [
        {"label": f"{found.started_at:%H:%M:%S}", "value": found.id}
        for found in crawls_in(context.engine(), name, Period(start, start + timedelta(days=1)))
    ]


def _end_of(day: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day}T00:00+00:00") + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def _facts(found: SnapshotSummary) -> list[Any]:
    partial = [] if found.complete else [html.B(" · partial: not every node was asked")]
    return [
        f"{found.own} of {counted(found.expected, 'node')} answered{found.and_others}",
        f" · consistency {consistency(found.consistency)} · took {duration(found.seconds)} · ",
        age(found.started_at),
        *partial,
    ]


def _no_crawl(name: str) -> list[Any]:
    return ["No crawl yet. Start one: ", html.Code(f"p2ppool pool crawl {name}")]


def _step(title: str) -> dict[str, Any]:
    return {"type": "button", "className": "crawl-step", "title": title, **labelled(title)}
