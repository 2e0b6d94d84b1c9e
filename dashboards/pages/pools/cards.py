"""A card for each pool."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import dcc, html

from dashboards.gauge import gauge
from dashboards.progress import progress, queued
from dashboards.verdict import verdict
from dashboards.words import age, counted
from p2ppool.reports.pools import PoolReport
from p2ppool.reports.snapshots import SnapshotSummary


def cards(pools: Sequence[PoolReport]) -> html.Div:
    """All cards, or what to do first."""
    if not pools:
        return _no_pool()
    return html.Div([_card(pool) for pool in pools], className="cards")


def _no_pool() -> html.Div:
    command = "p2ppool pool create NAME --hosts FILE --package ZIP --ssh-key FILE --ssh-user USER"
    return html.Div(
        [
            html.H2("No pool yet"),
            html.P("A pool is one overlay on many hosts. Create the first one:"),
            html.Pre(command),
            html.P(["Or see one at work on this machine: ", html.Code("p2ppool demo")]),
        ],
        className="empty",
    )


def _card(pool: PoolReport) -> dcc.Link:
    judged = verdict(pool)
    return dcc.Link(
        [
            gauge(pool.snapshot, judged),
            html.Div(
                [
                    html.Div(
                        [html.H2(pool.name), html.Span(judged.text, className=f"badge {judged.tone}")],
                        className="card-head",
                    ),
                    html.P(pool.description, className="description") if pool.description else None,
                    html.P(_nodes_and_hosts(pool), className="facts"),
                    html.P(_last_crawl(pool.snapshot), className="facts quiet"),
                    *_turn(pool),
                ],
                className="card-body",
            ),
        ],
        href=f"/pools/{quote(pool.name, safe='')}",
        className="card",
    )


def _turn(pool: PoolReport) -> list[html.Div | html.P]:
    """What holds the pool, and how many wait."""
    if not pool.running:
        return [html.P(text, className="facts quiet") for text in queued(pool.waiting)]
    return [progress(ticket, pool.waiting) for ticket in pool.running]


def _nodes_and_hosts(pool: PoolReport) -> str:
    last = pool.snapshot
    nodes = f"{last.answered} of {counted(last.expected, 'node')} · " if last else ""
    failed = f", {pool.failed_hosts} with an error" if pool.failed_hosts else ""
    return f"{nodes}{counted(pool.hosts, 'host')}{failed}"


def _last_crawl(last: SnapshotSummary | None) -> list[Any]:
    return ["no crawl yet"] if last is None else ["crawled ", age(last.started_at)]
