"""The period that a page shows: quick choices, or two moments in UTC.

For a page of id PAGE, whose layout gets the query of the URL as keywords:

    layout:    period_picker.picker(PAGE, query)
    register:  period_picker.register(app, PAGE)
    callbacks: Input(period_picker.chosen(PAGE), "data"), and with it
               `choice(data)`, which returns the `Choice` to show

The store changes only to valid values; errors are shown under the fields. A page with another way to choose a
period (such as dragging) writes `value` of the fields `start(PAGE)` and `end(PAGE)`, with texts from
`field_text`, or of `quick(PAGE)`. The URL has it as `?period=week` or `?from=2026-03-01T00:00&to=…`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from dash import Dash, Input, Output, ctx, dcc, html, no_update

from dashboards.live.url_state import keep_in_address
from dashboards.web.ids import ident
from dashboards.web.untyped import labelled
from p2ppool.errors import UserError
from p2ppool.reports.period import ALWAYS, Period, period
from p2ppool.store.types import now

LAST_CRAWLS: Final = 20


class Quick(StrEnum):
    """Choices with one click, each until now; the values appear in the URL."""

    CRAWLS = "crawls"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


_LABELS: Final = {
    Quick.CRAWLS: f"Last {LAST_CRAWLS} crawls",
    Quick.DAY: "Day",
    Quick.WEEK: "Week",
    Quick.MONTH: "Month",
    Quick.ALL: "All",
}
_DAYS: Final = {Quick.DAY: 1, Quick.WEEK: 7, Quick.MONTH: 30}
_EARLIEST: Final = "1970-01-01T00:00"
_LONGEST: Final = 40  # characters of a time in the address


@dataclass(frozen=True)
class Choice:
    """The chosen period; with `crawls`, only the last ones in it (None: all)."""

    period: Period
    crawls: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether the period has no end, so that new crawls belong to it."""
        return self.period.end is None


def chosen(page: str) -> str:
    """Return the id of the store with that page's choice; `choice` reads its data."""
    return ident(page, "period")


def quick(page: str) -> str:
    """Return the id of the quick choices; their value is one of `Quick`, or None if the fields apply."""
    return ident(page, "period-quick")


def start(page: str) -> str:
    """Return the id of the field "from"."""
    return ident(page, "period-from")


def end(page: str) -> str:
    """Return the id of the field "to"."""
    return ident(page, "period-to")


def choice(data: Mapping[str, Any], at: datetime | None = None) -> Choice:
    """Return the choice in the data of the store `chosen`, at that moment (None: now).

    Raises:
        UserError: it is not a period; the picker never stores such data, but a URL may contain anything.
    """
    if data.get("period"):
        return _of_quick(_quick(str(data["period"])), at or now())
    return Choice(period(data.get("from"), data.get("to")))


def field_text(moment: datetime | None) -> str:
    """Format the moment for the fields: to the minute, in UTC (HTML: local date and time string)."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}" if moment else ""


def picker(
    page: str,
    query: Mapping[str, str],
    *,
    quicks: Sequence[Quick] = tuple(Quick),
    default: Quick = Quick.CRAWLS,
) -> html.Div:
    """Build the picker with the URL's choice; the default if there is none or it is invalid."""
    data, error = _read(query, default)
    return html.Div(
        [
            dcc.Store(id=chosen(page), data=data),
            html.Div(
                [
                    dcc.RadioItems(
                        {one.value: _LABELS[one] for one in quicks},
                        data["period"],
                        id=quick(page),
                        className="quicks",
                    ),
                    html.Div(
                        [_field("From", start(page), data["from"]), _field("to", end(page), data["to"])]
                    ),
                    html.Span(
                        "UTC, end excluded",
                        className="quiet",
                        title='"From" belongs to the period, "to" is the first moment after it.',
                    ),
                ],
                className="period",
                role="group",
                **labelled("Period"),
            ),
            html.P(error, id=ident(page, "period-error"), className="period-error", role="alert"),
        ]
    )


def register(app: Dash, page: str) -> None:
    """Keep the picker, its store and the URL in sync."""

    def choose(quick_value: str | None, from_text: str | None, to_text: str | None) -> tuple[Any, ...]:
        if quick_value and quick(page) in ctx.triggered_prop_ids.values():
            return _chosen_quick(quick_value)
        return _chosen_fields(from_text, to_text)

    app.callback(
        Output(chosen(page), "data"),
        Output(ident(page, "period-error"), "children"),
        Output(quick(page), "value"),
        Output(start(page), "value"),
        Output(end(page), "value"),
        Input(quick(page), "value"),
        Input(start(page), "value"),
        Input(end(page), "value"),
        prevent_initial_call=True,
    )(choose)
    keep_in_address(app, chosen(page))


def _chosen_quick(value: str) -> tuple[Any, ...]:
    return _stored(quick_value=value), "", no_update, "", ""


def _chosen_fields(from_text: str | None, to_text: str | None) -> tuple[Any, ...]:
    if not from_text and not to_text:
        return (no_update,) * 5
    data = _stored(from_text, to_text)
    try:
        _refuse_half_a_year(data)
        choice(data)
    except UserError as error:
        return no_update, str(error), no_update, no_update, no_update
    return data, "", None, no_update, no_update


def _read(query: Mapping[str, str], default: Quick) -> tuple[dict[str, str | None], str]:
    """Return the URL's choice, and the error in it."""
    known = {name: (query.get(name) or "")[:_LONGEST] for name in ("period", "from", "to")}
    data = _stored(quick_value=known["period"]) if known["period"] else _stored(known["from"], known["to"])
    try:
        if not any(known.values()):
            return _stored(quick_value=default), ""
        wanted = choice(data)
    except UserError as error:
        return _stored(quick_value=default), str(error)
    if data["period"]:
        return data, ""
    # The fields have no time zones.
    return _stored(field_text(wanted.period.start), field_text(wanted.period.end)), ""


def _stored(
    from_text: str | None = None, to_text: str | None = None, quick_value: str | None = None
) -> dict[str, str | None]:
    return {"period": quick_value, "from": from_text or None, "to": to_text or None}


def _field(title: str, id_: str, value: str | None) -> html.Label:
    return html.Label(
        [
            html.Span(title),
            # Browsers support more types than Dash lists, and Dash passes unknown ones on.
            dcc.Input(id=id_, type="datetime-local", value=value or "", min=_EARLIEST),  # type: ignore[arg-type]
        ]
    )


def _refuse_half_a_year(data: Mapping[str, str | None]) -> None:
    """Reject years still being typed: for 2026, browsers report the years 2, 20 and 202 first."""
    for text in (data["from"], data["to"]):
        if text and text < _EARLIEST:
            raise UserError(f"the year {text[:4]} is too early: enter four digits, from 1970 on")


def _quick(value: str) -> Quick:
    try:
        return Quick(value)
    except ValueError:
        raise UserError(f"period {value[:_LONGEST]!r} is not one of {', '.join(Quick)}") from None


def _of_quick(wanted: Quick, at: datetime) -> Choice:
    if wanted is Quick.CRAWLS:
        return Choice(ALWAYS, LAST_CRAWLS)
    if wanted is Quick.ALL:
        return Choice(ALWAYS)
    return Choice(Period(start=at - timedelta(days=_DAYS[wanted])))
