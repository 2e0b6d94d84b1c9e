"""The period that a page shows: quick choices, or two moments in UTC.

For a page of id PAGE, whose layout gets the query of the address as keywords:

    layout:    period_picker.picker(PAGE, query)
    register:  period_picker.register(app, PAGE)
    callbacks: Input(period_picker.chosen(PAGE), "data"), and with it
               `choice(data)`, which says what to show: a `Choice`

The store changes only by what can be read; what can't is told under the fields. A page that lets somebody
choose a period in another way (say, by dragging) writes `value` of the fields `start(PAGE)` and `end(PAGE)`,
with texts that `field_text` makes, or of `quick(PAGE)`. The address has it as `?period=week` or
`?from=2026-03-01T00:00&to=…`.
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
    """Choices with one click, each up to now; the values are those of the address."""

    CRAWLS = "crawls"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


_WORDS: Final = {
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
    """What somebody wants to see: what lies in `period`, of that only the last `crawls` (None: all)."""

    period: Period
    crawls: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it goes on with time, so that what happens next belongs to it."""
        return self.period.end is None


def chosen(page: str) -> str:
    """Id of the store of what is chosen on that page; `choice` reads its data."""
    return ident(page, "period")


def quick(page: str) -> str:
    """Id of the quick choices; their value is one of `Quick`, None while the fields hold."""
    return ident(page, "period-quick")


def start(page: str) -> str:
    """Id of the field "from"."""
    return ident(page, "period-from")


def end(page: str) -> str:
    """Id of the field "to"."""
    return ident(page, "period-to")


def choice(data: Mapping[str, Any], at: datetime | None = None) -> Choice:
    """What the store of `chosen` says, at that moment (None: now).

    Raises:
        UserError: it is no period; the picker itself stores none such, but an address may hold anything.
    """
    if data.get("period"):
        return _of_quick(_quick(str(data["period"])), at or now())
    return Choice(period(data.get("from"), data.get("to")))


def field_text(moment: datetime | None) -> str:
    """The moment as the fields have it: to the minute, in UTC (HTML: local date and time string)."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}" if moment else ""


def picker(
    page: str,
    query: Mapping[str, str],
    *,
    quicks: Sequence[Quick] = tuple(Quick),
    default: Quick = Quick.CRAWLS,
) -> html.Div:
    """The picker as the address wants it; the default where it wants nothing, or what can't be read."""
    data, error = _read(query, default)
    return html.Div(
        [
            dcc.Store(id=chosen(page), data=data),
            html.Div(
                [
                    dcc.RadioItems(
                        {one.value: _WORDS[one] for one in quicks},
                        data["period"],
                        id=quick(page),
                        className="quicks",
                    ),
                    html.Div(
                        [_field("From", start(page), data["from"]), _field("to", end(page), data["to"])]
                    ),
                    html.Span(
                        "UTC, without the end",
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
    """Keep the picker, its store and the address together."""

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
    """What an address wants, and what is wrong with it."""
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
    # The fields know no time zones.
    return _stored(field_text(wanted.period.start), field_text(wanted.period.end)), ""


def _stored(
    from_text: str | None = None, to_text: str | None = None, quick_value: str | None = None
) -> dict[str, str | None]:
    return {"period": quick_value, "from": from_text or None, "to": to_text or None}


def _field(title: str, id_: str, value: str | None) -> html.Label:
    return html.Label(
        [
            html.Span(title),
            # Dash knows fewer types than browsers do, and hands over what it does not know.
            dcc.Input(id=id_, type="datetime-local", value=value or "", min=_EARLIEST),  # type: ignore[arg-type]
        ]
    )


def _refuse_half_a_year(data: Mapping[str, str | None]) -> None:
    """While somebody types 2026, browsers tell of the years 2, 20 and 202."""
    for text in (data["from"], data["to"]):
        if text and text < _EARLIEST:
            raise UserError(f"the year {text[:4]} is too long ago: write four digits, from 1970 on")


def _quick(value: str) -> Quick:
    try:
        return Quick(value)
    except ValueError:
        raise UserError(f"period {value[:_LONGEST]!r} is none of {', '.join(Quick)}") from None


def _of_quick(wanted: Quick, at: datetime) -> Choice:
    if wanted is Quick.CRAWLS:
        return Choice(ALWAYS, LAST_CRAWLS)
    if wanted is Quick.ALL:
        return Choice(ALWAYS)
    return Choice(Period(start=at - timedelta(days=_DAYS[wanted])))
