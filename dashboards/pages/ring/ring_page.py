"""Registers the page and lays it out."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from dash import Dash, dcc, html

from dashboards.components import period_picker
from dashboards.frame.navigation import pool_navigation
from dashboards.live.polling import heartbeat, interval
from dashboards.live.url_state import keep_in_address
from dashboards.pages.not_found_404 import nothing
from dashboards.pages.ring import changes, finder, listing, panel, rings, timeline
from dashboards.pages.ring.focus_figure import FocusView
from dashboards.pages.ring.frames import LARGEST_ID, frames
from dashboards.pages.ring.ids import (
    ALL,
    CLOCK,
    CRAWL,
    CRAWL_RANGE,
    IN_ADDRESS,
    LEAF,
    NAME,
    NODE,
    NONE,
    OTHER,
    PAGE,
    PAIR,
    PULSE,
    SETTLED,
)
from dashboards.web import context
from dashboards.web.pool_paths import is_page_of_pool
from dashboards.web.untyped import labelled, register_page
from p2ppool.errors import one_line
from p2ppool.node.address import AddressError, parse
from p2ppool.reports.crawls.crawl_range import crawls
from p2ppool.reports.pools.pools import exists

_DIGITS: Final = 19  # of the largest id


def register(app: Dash) -> None:
    """Register the page, its parts, and the frames that they request."""
    # Before the page of a pool: Dash takes the first matching template, and lets names contain slashes.
    register_page(__name__, path_template=f"/pools/<name>{LEAF}", title=_title, layout=_layout, order=1)
    app.server.register_blueprint(frames)
    period_picker.register(app, PAGE)
    keep_in_address(app, IN_ADDRESS)
    for part in (timeline, rings, finder, panel, changes, listing):
        part.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page of a pool."""
    return is_page_of_pool(path, LEAF)


def _title(name: str = "", **_query: str) -> str:
    return f"Ring of {one_line(unquote(name), 64)} · P2PPool Manager"


def _layout(name: str = "", **query: str) -> html.Div:
    name = unquote(name)
    if not exists(context.engine(), name):
        return nothing("There is no such pool.", "It may have another name, or have been deleted.")
    return html.Div(
        [
            *_stores(name, query),
            pool_navigation(name, LEAF),
            html.Div([html.H1("Ring"), heartbeat(PULSE)], className="title"),
            period_picker.picker(PAGE, query),
            _no_crawl(name),
            html.Div(_sections(name, query), id=ALL, hidden=True),
        ],
        className="ring-page",
    )


def _stores(name: str, query: Mapping[str, object]) -> list[Any]:
    known = {
        NAME: name,
        CRAWL_RANGE: None,
        CRAWL: _crawl(name, query.get("crawl")),
        NODE: _node(query.get("node")),
        OTHER: None,
        PAIR: None,
        SETTLED: None,
        IN_ADDRESS: None,
    }
    return [interval(CLOCK), *(dcc.Store(id=id_, data=data) for id_, data in known.items())]


def _sections(name: str, query: Mapping[str, object]) -> list[Any]:
    wanted = query.get("with")
    against = "before" if wanted == "before" else str(_crawl(name, wanted) or "")
    view = query.get("view")
    side = html.Aside([finder.layout(), panel.layout()], **labelled("Node"))
    return [
        timeline.layout(against),
        html.Div(
            [rings.layout(str(view) if view in set(FocusView) else FocusView.NEAR.value), side],
            className="stage",
        ),
        changes.layout(name),
        listing.layout(name),
    ]


def _no_crawl(name: str) -> html.Div:
    return html.Div(
        [
            html.H3("No crawl in this period"),
            html.P("The ring shows what crawls found. Choose another period, or start a crawl:"),
            html.Pre(f"p2ppool pool crawl {name}"),
        ],
        id=NONE,
        className="empty",
        hidden=True,
    )


def _crawl(name: str, text: object) -> int | None:
    """Return the crawl of the pool that the URL names; None if it names none."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        return None
    number = int(text[:_DIGITS])
    return number if number <= LARGEST_ID and crawls(context.engine(), name, [number]) else None


def _node(text: object) -> str | None:
    try:
        parse(text)
    except AddressError:
        return None
    return str(text)
