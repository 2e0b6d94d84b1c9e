"""The pool's summary: health, crawl, software."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from dashboards.components.health_badge import health_status
from dashboards.live.polling import News
from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE, SNAPSHOT
from dashboards.web import context
from dashboards.web.access import visitor
from dashboards.web.ids import ident
from dashboards.web.text import age, consistency, counted, duration
from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.pools.pools import PoolReport, pool
from p2ppool.settings import PREFECT_UI_PATH

_HEAD = ident(PAGE, "head")
_SEEN = ident(PAGE, "head-seen")

_NONE = "none yet"
_CUT_SHORT = {
    "deadline": "it ran out of time",
    "max_nodes": "more addresses than a crawl may follow",
    "gateway": "the local node stopped answering",
    "cancelled": "it was cancelled",
}


def layout() -> html.Div:
    """Build the empty summary; a callback fills it."""
    return html.Div([html.Div(id=_HEAD), dcc.Store(id=_SEEN)])


def register(app: Dash) -> None:
    """Fill it now and with every change."""
    app.callback(
        Output(_HEAD, "children"),
        Output(_SEEN, "data"),
        Input(SNAPSHOT, "data"),
        Input(ACTIVITY, "data"),
        State(NAME, "data"),
        State(_SEEN, "data"),
    )(_fill)


def _fill(_snapshot: int | None, _activity: str, name: str, seen: dict[str, str] | None) -> tuple[Any, Any]:
    found, news = pool(context.engine(), name), News(seen)
    return news.of("head", _gone() if found is None else _of(found)), news.marks


def _gone() -> list[Any]:
    return [html.P("This pool was deleted.", className="note bad")]


def _of(found: PoolReport) -> list[Any]:
    return [
        _status(found),
        html.P(found.description, className="description") if found.description else None,
        html.Dl([_fact(title, value) for title, value in _facts(found).items()], className="head"),
        _partial(found.snapshot),
        _unconfined(),
    ]


def _unconfined() -> html.P | None:
    if context.settings().local_node_confinement == "required":
        return None
    return html.P(
        "Its local node runs unconfined: the package can read every secret of this manager "
        "(P2PPOOL_LOCAL_NODE_CONFINEMENT).",
        className="note watch",
    )


def _status(found: PoolReport) -> html.P:
    judged = health_status(found)
    return html.P(
        [
            html.Span(judged.text, className=f"badge {judged.tone}"),
            visitor().rights.sees_all
            and html.A(
                "Runs in the Prefect UI",
                href=f"{PREFECT_UI_PATH}/runs",
                target="_blank",
                rel="noopener noreferrer",
            ),
        ],
        className="standing",
    )


def _facts(found: PoolReport) -> dict[str, Any]:
    last = found.snapshot
    return {
        "Consistency": consistency(last.consistency) if last else _NONE,
        "Nodes answered": f"{last.own} of {last.expected}{last.and_others}" if last else _NONE,
        "Hosts": _hosts(found),
        "Last crawl": [age(last.started_at), f", took {duration(last.seconds)}"] if last else _NONE,
        "State": found.state.value,
        "Namespace": html.Code(found.namespace),
        "Package": found.package,
        "Nodes per process": found.nodes_per_process,
    }


def _fact(name: str, value: Any) -> html.Div:
    return html.Div([html.Dt(name), html.Dd(value)])


def _hosts(found: PoolReport) -> str:
    failed = f", {found.failed_hosts} with an error" if found.failed_hosts else ""
    return f"{found.hosts}{failed}"


def _partial(last: SnapshotSummary | None) -> html.P | None:
    if last is None or last.complete:
        return None
    why = _CUT_SHORT.get(last.reason, last.reason)
    return html.P(
        f"The last crawl is partial: {why}. {counted(last.left_over, 'address', 'addresses')} left over.",
        className="note watch",
    )
