"""The log of an action's run in Prefect, updated line by line."""

from collections.abc import Mapping
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboards.components.tickets import run_of
from dashboards.live.polling import waits
from dashboards.pages.activity.ids import ACTION, CLOCK, NUMBER, number_in
from dashboards.pages.activity.sources import Log, LogOf, sources
from dashboards.web.ids import ident
from dashboards.web.untyped import bind_in_browser, labelled
from p2ppool.prefect_client.run_logs import LogLine
from p2ppool.reports.actions.tickets import TicketRecord

_LEVEL: Final = ident(ACTION, "log-level")
_LINES: Final = ident(ACTION, "log")
_NOTE: Final = ident(ACTION, "log-note")
_DELTA: Final = ident(ACTION, "log-delta")
_HAVE: Final = ident(ACTION, "log-have")

_LEVELS: Final = {"all": 0, "information": 20, "warnings": 30, "errors": 40}
_QUIETLY: Final[Mapping[str, Any]] = {"aria-live": "polite"}
_NAMES: Final = ((40, "error"), (30, "warning"), (20, "info"))


def layout(ticket: TicketRecord) -> html.Section:
    """Build the empty log for a callback to fill."""
    runs = run_of(ticket) is not None
    levels = dcc.RadioItems(
        [{"label": name, "value": name} for name in _LEVELS], "information", id=_LEVEL, inline=True
    )
    return html.Section(
        [
            html.H2("Log"),
            dcc.Store(id=_DELTA),
            dcc.Store(id=_HAVE),
            html.Fieldset([html.Legend("From this level up"), levels], className="levels", hidden=not runs),
            html.P("" if runs else "It has no run in Prefect.", id=_NOTE, className="quiet", role="status"),
            html.Ol(
                id=_LINES,
                className="log",
                role="log",
                tabIndex=0,
                hidden=not runs,
                **_QUIETLY,
                **labelled("Log"),
            ),
        ]
    )


def register(app: Dash) -> None:
    """Fetch new lines with every tick, in a callback of their own: Prefect may be slow."""
    app.callback(
        Output(_DELTA, "data"),
        Output(_HAVE, "data"),
        Output(_NOTE, "children"),
        Input(CLOCK, "n_intervals"),
        Input(_LEVEL, "value"),
        State(NUMBER, "data"),
        State(_HAVE, "data"),
        State(_NOTE, "children"),
        running=waits(CLOCK),
    )(_refresh)
    bind_in_browser(
        app, ClientsideFunction("activity", "lines"), Output(_LINES, "data-last"), Input(_DELTA, "data")
    )


def _refresh(
    _tick: int | None, level: object, number: object, have: object, noted: object
) -> tuple[Any, Any, Any]:
    which = _log_of(number, level)
    if which is None:
        return no_update, no_update, no_update
    log = sources().logs.at(which)
    seen = _last_line(have, log, which.level)
    lines = [line for line in log.lines if line[0] > (seen or 0)]
    note = _note(log)
    last = log.lines[-1][0] if log.lines else 0
    return (
        {"whole": seen is None, "lines": [_sent(*line) for line in lines]}
        if lines or seen is None
        else no_update,
        {"kept": log.kept, "level": which.level, "last": last} if lines or seen is None else no_update,
        no_update if note == noted else note,
    )


def _log_of(number: object, level: object) -> LogOf | None:
    """Return the requested log; a browser can send anything."""
    known = number_in(number)
    followed = None if known is None else sources().actions.at(known)
    run = run_of(followed.detail.ticket) if followed else None
    return LogOf(run, _LEVELS.get(str(level), 0)) if run else None


def _last_line(have: object, log: Log, level: int) -> int | None:
    """Return the number of the last line that the browser has of this log; None: it has none."""
    found = have if isinstance(have, dict) else {}
    last = found.get("last")
    same = found.get("kept") == log.kept and found.get("level") == level
    return last if same and type(last) is int else None


def _note(log: Log) -> str:
    if log.trouble:
        return log.trouble
    if not log.lines:
        return "There are no lines yet."
    return "Only the latest lines are shown; Prefect has all of them." if log.log.cut else ""


def _sent(number: int, line: LogLine) -> list[Any]:
    name = next((name for level, name in _NAMES if line.level >= level), "debug")
    return [number, line.at.isoformat(timespec="milliseconds"), name, line.text]
