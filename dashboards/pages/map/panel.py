"""The panel beside the map: the pools, and how many nodes have a place or lack one."""

from collections import Counter
from typing import Any, Final

import pandas as pd
from dash import Dash, Input, Output, State, dcc, html

from dashboards.components.health_badge import health_status
from dashboards.frame.navigation import pool_path
from dashboards.live.polling import News
from dashboards.pages.map.choice import CHOICE, Selection, selected
from dashboards.pages.map.ids import MARK, PAGE
from dashboards.web.ids import ident
from dashboards.web.text import age, consistency, counted
from p2ppool.errors import one_line
from p2ppool.places.place import Precision, Unplaced
from p2ppool.reports.pools.pools import PoolReport

_POOLS: Final = ident(PAGE, "panel-pools")
_PLACED: Final = ident(PAGE, "panel-placed")
_SEEN: Final = ident(PAGE, "panel-seen")
_MOST_POOLS: Final = 30
_MOST_NAMED: Final = 100  # nodes of one reason
_PRECISION: Final = {
    Precision.EXACT: "exactly, as set by hand",
    Precision.CITY: "to the city",
    Precision.COUNTRY: "only to the country",
}


def layout() -> html.Aside:
    """Build the empty panel; a callback fills it."""
    return html.Aside(
        [dcc.Store(id=_SEEN), html.Div(id=_PLACED, className="world-placed"), html.Div(id=_POOLS)],
        className="world-panel",
    )


def register(app: Dash) -> None:
    """Fill the panel for the selection."""
    app.callback(
        output=(Output(_POOLS, "children"), Output(_PLACED, "children"), Output(_SEEN, "data")),
        inputs={"choice": CHOICE, "mark": Input(MARK, "data"), "marks": State(_SEEN, "data")},
    )(_fill)


def _fill(*, choice: dict[str, Any], mark: str, marks: dict[str, str] | None) -> tuple[Any, ...]:
    del mark
    found, news = selected(**choice), News(marks)
    return news.of("pools", _pools(found.pools)), news.of("placed", _placed(found)), news.marks


def _pools(found: list[PoolReport]) -> list[Any]:
    more = len(found) - _MOST_POOLS
    return [
        *(_pool(pool) for pool in found[:_MOST_POOLS]),
        *([html.P(f"and {counted(more, 'more pool')}", className="quiet")] if more > 0 else []),
    ]


def _pool(pool: PoolReport) -> html.Section:
    status = health_status(pool)
    return html.Section(
        [
            html.Div(
                [
                    html.H3(dcc.Link(pool.name, href=pool_path(pool.name))),
                    html.Span(status.text, className=f"badge {status.tone}"),
                ],
                className="world-pool-head",
            ),
            html.P(one_line(pool.description, 300), className="description") if pool.description else None,
            html.P(_crawl(pool), className="quiet"),
        ],
        className="world-pool",
    )


def _crawl(pool: PoolReport) -> list[Any]:
    last = pool.snapshot
    if last is None:
        return [f"{counted(pool.hosts, 'host')} · not crawled yet"]
    nodes = f"{last.own} of {counted(last.expected, 'node')}{last.and_others}"
    return [f"{nodes} · consistency {consistency(last.consistency)} · crawled ", age(last.started_at)]


def _placed(found: Selection) -> list[Any]:
    nodes, hosts = found.placed_nodes, found.placed_hosts
    precisions = Counter(nodes["precision"])
    return [
        html.P(found.problem, className="note bad", role="alert") if found.problem else None,
        html.H3(f"{len(nodes)} of {counted(len(found.nodes), 'node')} on the map"),
        html.Ul(
            [
                *(
                    html.Li([html.B(precisions[precision]), html.Span(text)])
                    for precision, text in _PRECISION.items()
                    if precisions[precision]
                ),
                html.Li(
                    [html.B(len(hosts)), html.Span(f"of {counted(len(found.hosts), 'host')} on the map")]
                ),
            ],
            className="world-counts",
        ),
        *_unplaced(found.nodes, "node", "address"),
        *_unplaced(found.hosts, "host", "name"),
    ]


def _unplaced(frame: pd.DataFrame, kind: str, name: str) -> list[Any]:
    """List what is not on the map, by reason and name."""
    without = frame[frame["unplaced"].notna()]
    if without.empty:
        return []
    return [
        html.H3(f"{counted(len(without), kind)} not placed"),
        *(
            _reason(reason, rows, name)
            for reason in Unplaced
            if len(rows := without[without["unplaced"] == reason])
        ),
    ]


def _reason(reason: Unplaced, rows: pd.DataFrame, name: str) -> html.Details:
    more = len(rows) - _MOST_NAMED
    return html.Details(
        [
            html.Summary([html.B(len(rows)), html.Span(f" {reason.value}")]),
            html.Ul([html.Li(_named(row, name)) for row in rows.head(_MOST_NAMED).to_dict("records")]),
            html.P(f"and {more} more") if more > 0 else None,
        ],
        className="world-unplaced",
    )


def _named(row: dict[Any, Any], name: str) -> list[Any]:
    where = row["ip"] if "ip" in row else row["address"]
    text = row[name].rpartition(":")[2] if name == "address" else row[name]
    return [html.Code(one_line(text, 64)), html.Span(f" {one_line(where, 45)}" if where else "")]
