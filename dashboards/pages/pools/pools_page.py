"""Registers the list of pools and refreshes it."""

from collections.abc import Sequence
from typing import Any, Final

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import current_app

from dashboards.components.actions import confirm
from dashboards.live.polling import News, heartbeat, interval, waits
from dashboards.pages.pools.bar import bar
from dashboards.pages.pools.cards import cards, face
from dashboards.pages.pools.ids import BAR, FACE, PAGE
from dashboards.pages.pools.order import BY_NAME, MANY, ORDERS, chosen
from dashboards.web import context
from dashboards.web.access import visitor
from dashboards.web.ids import ident
from dashboards.web.text import counted
from dashboards.web.untyped import labelled, register_page
from p2ppool.pools.rollout.wanted_versions import ExpectedVersions
from p2ppool.reports.pools.cards import PoolCard, pool_cards

_LIST = ident(PAGE, "list")
_SEEN = ident(PAGE, "seen")
_CLOCK = ident(PAGE, "clock")
_PULSE = ident(PAGE, "pulse")
_FILTER = ident(PAGE, "filter")
_ORDER = ident(PAGE, "order")
_CHOICE = ident(PAGE, "choice")
_COUNT = ident(PAGE, "count")
_VERSIONS: Final = "p2ppool-versions"
_TIMEOUT: Final = 0.3  # seconds per answer for reading versions; the next answer continues


def register(app: Dash) -> None:
    """Register the page and its refresh."""
    register_page(__name__, path="/", title="Pools · P2PPool Manager", layout=_layout)
    app.callback(
        output={
            "list": Output(_LIST, "children"),
            "seen": Output(_SEEN, "data"),
            "heartbeat": Output(_PULSE, "data-heartbeat"),
            "choice": Output(_CHOICE, "hidden"),
            "count": Output(_COUNT, "children"),
            "faces": Output({"part": FACE, "pool": ALL}, "children"),
            "bars": Output({"part": BAR, "pool": ALL}, "children"),
        },
        inputs={
            "heartbeat": Input(_CLOCK, "n_intervals"),
            "words": Input(_FILTER, "value"),
            "order": Input(_ORDER, "value"),
            "seen": State(_SEEN, "data"),
        },
        running=waits(_CLOCK),
    )(_refresh)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page."""
    return path == "/"


def _layout(**_query: str) -> html.Div:
    new = dcc.Link("New pool", href="/new-pool", className="do strong") if visitor().is_manager else None
    return html.Div(
        [
            interval(_CLOCK),
            dcc.Store(id=_SEEN),
            html.Div([html.H1("Pools"), heartbeat(_PULSE), new], className="title pools-title"),
            html.Div(_choice(), id=_CHOICE, className="pools-choice", hidden=True),
            html.Div(id=_LIST),
            confirm.layout(),
        ]
    )


def _choice() -> list[Any]:
    return [
        html.Label("Find pools", htmlFor=_FILTER, className="unseen"),
        dcc.Input(
            id=_FILTER,
            type="search",
            value="",
            placeholder="Search name, description, state …",
            debounce=0.25,
            persistence=True,
            persistence_type="session",
        ),
        dcc.RadioItems(
            {key: label for key, (label, _) in ORDERS.items()},
            BY_NAME,
            id=_ORDER,
            inline=True,
            persistence=True,
            persistence_type="session",
            className="orders",
        ),
        html.Span(id=_COUNT, className="quiet", role="status", **labelled("Pools that show")),
    ]


def _refresh(
    *, heartbeat: int, words: str | None, order: str | None, seen: dict[str, str] | None
) -> dict[str, Any]:
    found = _pool_cards()
    shown = chosen(found, words, order)
    news = News(seen)
    which = news.of("which", [card.pool.name for card in shown] if found else ["none at all"])
    faces = {card.pool.name: news.of(f"face {card.pool.name}", face(card)) for card in shown}
    bars = {card.pool.name: news.of(f"bar {card.pool.name}", _bar(card)) for card in shown}
    is_new_list = which is not no_update
    return {
        "list": _list(found, shown) if is_new_list else no_update,
        "seen": no_update if news.marks == seen else news.marks,
        "heartbeat": heartbeat,
        "choice": len(found) < MANY,
        "count": f"{len(shown)} of {counted(len(found), 'pool')}",
        "faces": _by_name("faces", faces, is_new_list=is_new_list),
        "bars": _by_name("bars", bars, is_new_list=is_new_list),
    }


def _by_name(part: str, news: dict[str, Any], *, is_new_list: bool) -> list[Any]:
    """Order the updates as the browser has the pools; with a new list there are none."""
    names = [output["id"]["pool"] for output in ctx.outputs_grouping[part]]
    return [no_update if is_new_list else news.get(name, no_update) for name in names]


def _list(found: Sequence[PoolCard], shown: Sequence[PoolCard]) -> Any:
    if found and not shown:
        return html.P("No pool matches.", className="quiet")
    return cards(shown, visitor().rights)


def _bar(card: PoolCard) -> list[Any]:
    return bar(card, visitor().rights)


def _pool_cards() -> list[PoolCard]:
    engine = context.engine()
    versions = current_app.extensions.setdefault(_VERSIONS, ExpectedVersions(context.settings()))
    return pool_cards(engine, versions.of_active_pools(context.whole_engine(), _TIMEOUT))
