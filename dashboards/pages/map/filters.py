"""The filters: pools, IP namespaces, health, nodes and hosts; health is also the map's legend."""

from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html

from dashboards.live.polling import News
from dashboards.pages.map.choice import CHOICE, selected
from dashboards.pages.map.ids import HEALTH, HOSTS, MARK, NAMESPACES, NODES, PAGE, POOLS, SHOWN
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.untyped import labelled
from p2ppool.reports.nodes.nodes import Health
from p2ppool.reports.pools.pools import pools

_SEEN: Final = ident(PAGE, "filters-seen")
_NO_NAMESPACE: Final = "none reported"
_TEXT: Final = {
    Health.CONSISTENT: "consistent",
    Health.INCONSISTENT: "inconsistent",
    Health.SILENT: "silent",
    Health.GHOST: "ghost",
    Health.LEFT_OVER: "left over",
}


def layout(pool: str) -> html.Div:
    """Build the controls; `pool` is selected, if it exists."""
    names = [found.name for found in pools(context.engine())]
    return html.Div(
        [
            dcc.Store(id=_SEEN),
            _dropdown("Pools", POOLS, "All pools", names, [pool] if pool in names else []),
            _dropdown("IP namespaces", NAMESPACES, "All namespaces", [], []),
            html.Fieldset(
                [
                    html.Legend("Show"),
                    dcc.Checklist({NODES: "nodes", HOSTS: "hosts"}, [NODES, HOSTS], id=SHOWN),
                ]
            ),
            html.Fieldset(
                [html.Legend("Health"), dcc.Checklist(_healths({}), [*Health], id=HEALTH)],
                className="world-healths",
            ),
        ],
        className="world-filters switches",
    )


def register(app: Dash) -> None:
    """Keep the options and their counts up to date."""
    app.callback(
        output=(
            Output(POOLS, "options"),
            Output(NAMESPACES, "options"),
            Output(HEALTH, "options"),
            Output(_SEEN, "data"),
        ),
        inputs={"choice": CHOICE, "mark": Input(MARK, "data"), "marks": State(_SEEN, "data")},
    )(_options)


def _options(*, choice: dict[str, Any], mark: str, marks: dict[str, str] | None) -> tuple[Any, ...]:
    del mark
    found, news = selected(**choice), News(marks)
    return (
        news.of("pools", [pool.name for pool in pools(context.engine())]),
        news.of("namespaces", [{"value": name, "label": name or _NO_NAMESPACE} for name in found.namespaces]),
        news.of("healths", _healths(found.healths)),
        news.marks,
    )


def _healths(counts: Any) -> list[dict[str, Any]]:
    return [
        {
            "value": health.value,
            "label": html.Span(
                [html.I(className=f"sign {health.value}"), _TEXT[health], html.B(counts.get(health, 0))],
                className="world-health",
            ),
        }
        for health in Health
    ]


def _dropdown(label: str, ident_: str, everything: str, options: list[str], value: list[str]) -> html.Div:
    return html.Div(
        [
            html.Label(label, htmlFor=ident_),
            dcc.Dropdown(options, value, id=ident_, multi=True, placeholder=everything),
        ],
        className="world-choice",
        **labelled(label),
    )
