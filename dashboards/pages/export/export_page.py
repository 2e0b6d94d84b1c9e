"""Registers the page, lays out the choices, and shows the result."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import Dash, Input, Output, ctx, dcc, html
from flask import request

from dashboards.components import period_picker
from dashboards.components.period_picker import Quick
from dashboards.pages.export import outcome
from dashboards.pages.export.lines import Choice
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.untyped import labelled, register_page
from p2ppool.exports.tables.names import ExportKind, Format
from p2ppool.exports.tables.tables import TABLES
from p2ppool.reports.pools.pools import names_of_pools

_PATH: Final = "/export"
_PAGE: Final = "export"
_KIND, _POOL, _FORM = (ident(_PAGE, part) for part in ("kind", "pool", "format"))
_COLUMNS, _ALL, _NONE = (ident(_PAGE, part) for part in ("columns", "all", "none"))
_OUTCOME: Final = ident(_PAGE, "outcome")
_TITLES: Final = {
    ExportKind.NODE_STATS: ("Nodes", "a row for each node of each crawl"),
    ExportKind.SYSTEM_STATS: ("System", "a row for each crawl"),
    ExportKind.HOST_STATS: ("Hosts", "a row for each measurement of a host"),
    ExportKind.ACTIONS: ("Actions", "a row for each request"),
}
_FORMATS: Final = {Format.CSV: "CSV", Format.PARQUET: "Parquet"}


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    register_page(__name__, path=_PATH, title="Export · P2PPool Manager", layout=_layout)
    period_picker.register(app, _PAGE)
    app.callback(
        Output(_COLUMNS, "options"),
        Output(_COLUMNS, "value"),
        Input(_KIND, "value"),
        Input(_ALL, "n_clicks"),
        Input(_NONE, "n_clicks"),
        prevent_initial_call=True,
    )(_choose_columns)
    app.callback(
        Output(_OUTCOME, "children"),
        Input(_KIND, "value"),
        Input(_POOL, "value"),
        Input(period_picker.chosen(_PAGE), "data"),
        Input(_COLUMNS, "value"),
        Input(_FORM, "value"),
    )(_show)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page."""
    return path == _PATH


def _layout(pool: str = "", kind: str = "", **query: str) -> html.Div:
    pools = names_of_pools(context.engine())
    if not pools:
        return html.Div([_title(), _without_pools()])
    chosen = kind if kind in _TITLES else ExportKind.NODE_STATS
    return html.Div(
        [
            _title(),
            html.Div(
                [
                    html.Div(_choices(pools, pool if pool in pools else pools[0], chosen, query)),
                    html.Div(_columns_part(chosen), className="choosing-columns"),
                    html.Div(id=_OUTCOME, className="outcome", role="status", **labelled("What you get")),
                ],
                className="export",
            ),
        ]
    )


def _title() -> html.Div:
    quiet = "Data for a spreadsheet, a notebook or a script. All times are UTC."
    return html.Div([html.H1("Export"), html.Span(quiet, className="quiet")], className="title exporting")


def _without_pools() -> html.Div:
    return html.Div(
        [html.H2("There is nothing to export yet."), html.P("Create a pool first.")], className="empty"
    )


def _choices(pools: Sequence[str], pool: str, kind: str, query: Mapping[str, str]) -> list[Any]:
    kinds = [{"value": name.value, "label": _lines(title, about)} for name, (title, about) in _TITLES.items()]
    period = period_picker.picker(
        _PAGE, query, quicks=(Quick.DAY, Quick.WEEK, Quick.MONTH, Quick.ALL), default=Quick.ALL
    )
    return [
        _part("What", dcc.RadioItems(kinds, kind, id=_KIND, className="kinds")),
        _part("Pool", dcc.Dropdown(list(pools), pool, id=_POOL, clearable=False, className="pool")),
        _part("Period", period),
        _part("Format", dcc.RadioItems(_options(_FORMATS), Format.CSV.value, id=_FORM, className="formats")),
    ]


def _columns_part(kind: str) -> html.Section:
    return _part("Columns", dcc.Checklist(*_columns(kind), id=_COLUMNS, className="columns"), _all_or_none())


def _part(title: str, content: Any, *beside: Any) -> html.Section:
    head = html.Div([html.H2(title), *beside], className="naming")
    return html.Section([head, html.Div(content, role="group", **labelled(title))])


def _all_or_none() -> html.Span:
    return html.Span(
        [
            html.Button("all", id=_ALL, type="button", className="quiet-button"),
            html.Button("none", id=_NONE, type="button", className="quiet-button"),
        ]
    )


def _options(labels: Mapping[Format, str]) -> list[Any]:
    return [{"value": value.value, "label": label} for value, label in labels.items()]


def _choose_columns(kind: str, _all: int | None, _none: int | None) -> tuple[list[Any], list[str]]:
    options, names = _columns(kind)
    return options, [] if ctx.triggered_id == _NONE else names


def _columns(kind: str) -> tuple[list[Any], list[str]]:
    """Return the columns of that kind, all of them chosen."""
    columns = TABLES[ExportKind(kind)].columns
    options = [
        {"value": column.name, "label": _lines(column.name, column.meaning + _unit(column.unit))}
        for column in columns
    ]
    return options, [column.name for column in columns]


def _lines(name: str, about: str) -> str:
    """Build a label whose first line the style sheet highlights: Dash can't update labels made of
    components.
    """
    return f"{name}\n{about}"


def _unit(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _show(kind: str, pool: str, period: Mapping[str, Any], columns: Sequence[str], form: str) -> list[Any]:
    names = [column.name for column in TABLES[ExportKind(kind)].columns]
    if not columns:
        return outcome.nothing("Choose at least one column.")
    bounds = period_picker.choice(period).period
    chosen = Choice(
        kind,
        pool,
        outcome.moment(bounds.start),
        outcome.moment(bounds.end),
        () if set(names) <= set(columns) else [name for name in names if name in columns],
        form,
    )
    return outcome.show(context.engine(), chosen, request.host_url.rstrip("/"))
