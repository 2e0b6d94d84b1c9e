"""The slider over a range of crawls, the figure above it, and its controls.

The store of the range holds `crawls` (each `id`, `at` in ISO 8601, `text` as its label, `has_nodes`), in
order, and `before`: the id of the last crawl before them that has nodes, or None.
"""

from collections.abc import Mapping
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.components import period_picker
from dashboards.figures.palette import palette
from dashboards.frame.shell import THEME
from dashboards.live.polling import waits
from dashboards.pages.ring.convergence_figure import convergence_figure
from dashboards.pages.ring.ids import (
    AGAINST,
    ALL,
    CLOCK,
    CRAWL,
    CRAWL_RANGE,
    NAME,
    NAMESPACE,
    NONE,
    PAGE,
    PULSE,
)
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.text import consistency, counted
from dashboards.web.untyped import bind_in_browser, labelled
from p2ppool.reports.crawls.crawl_range import CrawlEntry, CrawlRange, crawl_before, crawl_range, crawls
from p2ppool.reports.nodes.churn import turnover_by_crawl
from p2ppool.reports.nodes.nodes import last_snapshot_id
from p2ppool.reports.period import Period

MOST: Final = 500
"""Crawls on a slider: more would be closer together than a pixel or two."""

_SLIDER = ident(PAGE, "slider")
_FIGURE = ident(PAGE, "convergence")
_TRACK = ident(PAGE, "track")
_BACK, _PLAY, _ON = (ident(PAGE, part) for part in ("back", "play", "on"))
_HEARTBEAT = ident(PAGE, "heartbeat")
_TURN = ident(PAGE, "turn")
_FOLLOW = ident(PAGE, "follow")
_WHERE = ident(PAGE, "where")
_BOUNDS = ident(PAGE, "bounds")
_PACE = 900  # milliseconds between frames
_HEIGHT = {"height": "128px"}
_GRAPH: Any = {"displayModeBar": False, "plotlyServerURL": "", "responsive": True}


def layout(against: str) -> html.Section:
    """Build the empty slider; `against` is the URL's comparison."""
    return html.Section(
        [
            dcc.Interval(id=_HEARTBEAT, interval=_PACE, disabled=True),
            dcc.Store(id=_TURN),
            html.Ul([html.Li(text, className=text) for text in _LINES], className="lines"),
            html.Div(
                [
                    dcc.Graph(id=_FIGURE, config=_GRAPH, className="convergence", style=_HEIGHT),
                    html.I(className="needle"),
                    _slider(),
                ],
                id=_TRACK,
                className="track",
            ),
            html.Div(id=_BOUNDS, className="bounds quiet"),
            _buttons(against),
        ],
        className="timeline",
        **labelled("Crawls"),
    )


_LINES = ("consistency", "nodes", "came", "went")


def _slider() -> dcc.Input:
    # Browsers support more types than Dash lists, and Dash passes unknown ones on.
    return dcc.Input(id=_SLIDER, type="range", min=0, max=0, step=1, value=0, className="slider")


def _buttons(against: str) -> html.Div:
    def button(id_: str, text: str, title: str) -> html.Button:
        return html.Button(text, id=id_, type="button", title=title, className="do", **labelled(title))

    return html.Div(
        [
            button(_BACK, "◂", "Previous crawl (left arrow)"),
            button(_PLAY, "▶ Play", "Play or pause (space)"),
            button(_ON, "▸", "Next crawl (right arrow)"),
            html.Span(id=_WHERE, className="where", role="status"),
            dcc.Checklist({"follow": "follow new crawls"}, [], id=_FOLLOW),
            html.Label(
                [html.Span("Compare with"), _against(against)],
                className="compared",
            ),
        ],
        className="player",
    )


def _against(value: str) -> dcc.Dropdown:
    # Its other options come with the range.
    options = [{"label": "nothing", "value": ""}, {"label": value, "value": value}]
    return dcc.Dropdown(options, value, id=AGAINST, className="against", searchable=False, clearable=False)


def register(app: Dash) -> None:
    """Bind the range, the slider and its buttons."""
    app.callback(
        Output(CRAWL_RANGE, "data"),
        Output(PULSE, "data-heartbeat"),
        Input(period_picker.chosen(PAGE), "data"),
        Input(CLOCK, "n_intervals"),
        State(NAME, "data"),
        State(CRAWL_RANGE, "data"),
        State(CRAWL, "data"),
        running=waits(CLOCK),
    )(_refresh)
    app.callback(
        Output(_FIGURE, "figure"), Input(CRAWL_RANGE, "data"), Input(THEME, "data"), State(NAME, "data")
    )(_draw)
    _register_in_browser(app)


def _register_in_browser(app: Dash) -> None:
    bind_in_browser(
        app,
        ClientsideFunction(NAMESPACE, "step"),
        Output(CRAWL, "data"),
        Output(_SLIDER, "value"),
        Output(_SLIDER, "max"),
        Output(_FOLLOW, "value"),
        Output(_FIGURE, "clickData"),
        Input(_SLIDER, "value"),
        Input(_BACK, "n_clicks"),
        Input(_ON, "n_clicks"),
        Input(_HEARTBEAT, "n_intervals"),
        Input(_TURN, "data"),
        Input(_FIGURE, "clickData"),
        Input(_FOLLOW, "value"),
        Input(CRAWL_RANGE, "data"),
        State(CRAWL, "data"),
    )
    bind_in_browser(
        app,
        ClientsideFunction(NAMESPACE, "play"),
        Output(_HEARTBEAT, "disabled"),
        Output(_PLAY, "children"),
        Input(_PLAY, "n_clicks"),
        Input(CRAWL, "data"),
        State(_HEARTBEAT, "disabled"),
        State(CRAWL_RANGE, "data"),
    )
    bind_in_browser(
        app,
        ClientsideFunction(NAMESPACE, "where"),
        Output(_WHERE, "children"),
        Output(_BOUNDS, "children"),
        Output(AGAINST, "options"),
        Output(ALL, "hidden"),
        Output(NONE, "hidden"),
        Input(CRAWL, "data"),
        Input(CRAWL_RANGE, "data"),
        State(AGAINST, "value"),
    )


def crawl_range_of(
    name: str, chosen: Mapping[str, Any], *, reach: int | None = None, since: int | None = None
) -> dict[str, Any]:
    """Return the data of the store.

    Args:
        name: of the pool.
        chosen: the period, as the picker stores it.
        reach: id of a crawl to start the range with, if the last ones do not reach back to it.
        since: id of the crawl that the range already starts with.
    """
    wanted = period_picker.choice(chosen)
    engine = context.engine()
    if since is not None:
        found = crawl_range(engine, name, wanted.period, most=MOST, since=since)
    else:
        found = crawl_range(engine, name, wanted.period, most=min(wanted.crawls or MOST, MOST))
    if reach is not None and all(entry.summary.id != reach for entry in found.crawls):
        found = _reaching(name, wanted.period, found, reach)
    return _stored(name, found)


def _reaching(name: str, period: Period, found: CrawlRange, reach: int) -> CrawlRange:
    """Return the range from that crawl on; if too long, that crawl followed by the latest ones."""
    longer = crawl_range(context.engine(), name, period, most=MOST, since=reach)
    if longer.crawls and longer.crawls[0].summary.id == reach:
        return longer
    others = [entry.summary.id for entry in found.crawls]
    return CrawlRange(tuple(crawls(context.engine(), name, [reach, *others])), found.total)


def _stored(name: str, found: CrawlRange) -> dict[str, Any]:
    first = found.crawls[0].summary.id if found.crawls else None
    return {
        "crawls": [_entry(entry) for entry in found.crawls],
        "before": None if first is None else crawl_before(context.engine(), name, first),
        "total": found.total,
    }


def _entry(entry: CrawlEntry) -> dict[str, Any]:
    sums = entry.summary
    text = (
        f"{sums.started_at:%Y-%m-%d %H:%M:%S} · {consistency(sums.consistency)} · "
        f"{counted(sums.answered, 'node')}"
    )
    return {
        "id": sums.id,
        "at": f"{sums.started_at:%Y-%m-%d %H:%M}",
        "text": text,
        "has_nodes": entry.has_nodes,
    }


def _refresh(
    chosen: Mapping[str, Any],
    heartbeat: int | None,
    name: str,
    known: Mapping[str, Any] | None,
    crawl: int | None,
) -> tuple[Any, Any]:
    if known is None:
        return crawl_range_of(name, chosen, reach=crawl), heartbeat
    if ctx.triggered_id != CLOCK:
        return crawl_range_of(name, chosen), heartbeat
    if not period_picker.choice(chosen).is_open:
        return no_update, heartbeat
    ids = [entry["id"] for entry in known["crawls"]]
    if last_snapshot_id(context.engine(), name) == (ids[-1] if ids else None):
        return no_update, heartbeat
    return crawl_range_of(name, chosen, since=ids[0] if ids else None), heartbeat


def _draw(data: Mapping[str, Any] | None, theme: str | None, name: str) -> Any:
    if theme is None or data is None:  # the browser reports it in a moment
        return no_update
    ids = [entry["id"] for entry in data["crawls"]]
    engine = context.engine()
    before = [data["before"]] if data["before"] is not None else []
    return convergence_figure(
        crawls(engine, name, ids), turnover_by_crawl(engine, [*before, *ids]), palette(theme)
    )
