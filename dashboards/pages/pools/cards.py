"""A card for each pool: its state, its recent crawls, and its buttons."""

from collections.abc import Iterator, Sequence
from typing import Any

from dash import dcc, html

from dashboards.components.gauge import gauge
from dashboards.components.health_badge import health_status
from dashboards.components.progress import progress, queued
from dashboards.frame.navigation import pool_path
from dashboards.pages.pools.bar import bar
from dashboards.pages.pools.ids import BAR, FACE
from dashboards.pages.pools.sparkline import sparkline
from dashboards.web.text import age, counted
from p2ppool.accounts.roles.rights import Rights
from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.pools.cards import PoolCard
from p2ppool.reports.pools.pools import PoolReport
from p2ppool.store.models import PoolRole


def cards(found: Sequence[PoolCard], rights: Rights) -> html.Div:
    """Build all cards with the buttons that these rights allow, or the first steps if there is no pool."""
    if not found:
        return _no_pool(rights)
    return html.Div([_card(card, bar(card, rights)) for card in found], className="cards")


def _no_pool(rights: Rights) -> html.Div:
    if not rights.sees_all:
        return html.Div(
            [
                html.H2("No pools for you yet"),
                html.P("You see a pool once a manager gives you a role on it."),
            ],
            className="empty",
        )
    command = "p2ppool pool create NAME --hosts FILE --package ZIP --ssh-key FILE --ssh-user USER"
    create = dcc.Link("Create the first pool", href="/new-pool", className="do strong")
    return html.Div(
        [
            html.H2("No pools yet"),
            html.P("A pool is one overlay on many hosts."),
            html.P(create, className="first") if rights.everywhere is PoolRole.MANAGER else None,
            html.P("Or on the command line:"),
            html.Pre(command),
            html.P(["Or try one on this machine: ", html.Code("p2ppool demo")]),
        ],
        className="empty",
    )


def face(card: PoolCard) -> list[Any]:
    """Build everything on a card but its buttons."""
    pool = card.pool
    judged = health_status(pool)
    about = [
        html.Div(
            [
                html.H2(dcc.Link(pool.name, href=pool_path(pool.name), className="card-link")),
                html.Span(judged.text, className=f"badge {judged.tone}"),
            ],
            className="card-head",
        ),
        html.P(pool.description, className="description") if pool.description else None,
        html.P(_nodes_and_hosts(pool), className="facts"),
        html.P(_last_crawl(pool.snapshot), className="facts quiet"),
        _troubles(card),
    ]
    return [
        html.Div(
            [gauge(pool.snapshot, judged), html.Div(about, className="card-body")], className="card-top"
        ),
        sparkline(card.crawls),
        *_turn(pool),
    ]


def _card(card: PoolCard, bar: Any) -> html.Article:
    name = card.pool.name
    return html.Article(
        [
            html.Div(face(card), id={"part": FACE, "pool": name}, className="card-face"),
            html.Div(bar, id={"part": BAR, "pool": name}, className="card-bar"),
        ],
        className="card",
    )


def _troubles(card: PoolCard) -> html.Ul | None:
    """List the hosts that need attention, by problem."""
    texts = list(_trouble_texts(card))
    return html.Ul([html.Li(text) for text in texts], className="troubles") if texts else None


def _trouble_texts(card: PoolCard) -> Iterator[str]:
    pool = card.pool
    if pool.down_hosts:
        yield f"{counted(pool.down_hosts, 'host')} down"
    if failed := pool.failed_hosts - pool.down_hosts:
        yield f"{counted(failed, 'host')} with an error"
    if card.behind:
        yield f"{counted(card.behind, 'host')} on another version"


def _turn(pool: PoolReport) -> list[html.Div | html.P]:
    """Show the running actions, and how many wait."""
    if not pool.running:
        return [html.P(text, className="facts quiet") for text in queued(pool.waiting)]
    return [progress(ticket, pool.waiting) for ticket in pool.running]


def _nodes_and_hosts(pool: PoolReport) -> str:
    last = pool.snapshot
    nodes = f"{last.own} of {counted(last.expected, 'node')} · " if last else ""
    return f"{nodes}{counted(pool.hosts, 'host')}"


def _last_crawl(last: SnapshotSummary | None) -> list[Any]:
    return ["no crawl yet"] if last is None else ["crawled ", age(last.started_at)]
