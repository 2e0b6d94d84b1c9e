"""The focused node: its facts, and what it and its neighbours report about each other."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from dash import Dash, Input, Output, State, dcc, html

from dashboards.components.ring_legend import HEALTH_TEXT, sign
from dashboards.frame.navigation import pool_path
from dashboards.pages.ring.frames import LARGEST_ID
from dashboards.pages.ring.ids import NAME, PAGE, SETTLED
from dashboards.pages.ring.sentences import Hosts, claim_line, jump, side_line
from dashboards.web import context, text
from dashboards.web.ids import ident
from p2ppool.errors import one_line
from p2ppool.node.address import PREFIX
from p2ppool.reports.crawls.crawl_range import crawls
from p2ppool.reports.nodes.agreement import Agreement, agreement_of
from p2ppool.reports.nodes.nodes import snapshot_nodes

_PANEL = ident(PAGE, "panel")
_LONGEST = 64  # characters of an address that may be none
_MOST = 24  # shortcuts or claims that are listed


def layout() -> html.Div:
    """Build the empty panel; a callback fills it."""
    return html.Div(id=_PANEL, className="node-panel", tabIndex=-1)


def register(app: Dash) -> None:
    """Fill it when the choice has settled."""
    app.callback(Output(_PANEL, "children"), Input(SETTLED, "data"), State(NAME, "data"))(_fill)


def nodes_of(name: str, snapshot_id: object) -> pd.DataFrame:
    """Return the nodes of that crawl; none if it is not a crawl of the pool."""
    is_id = isinstance(snapshot_id, int) and 0 <= snapshot_id <= LARGEST_ID
    own = crawls(context.engine(), name, [snapshot_id]) if is_id and isinstance(snapshot_id, int) else []
    return snapshot_nodes(context.engine(), own[0].summary.id if own else -1)


def _fill(settled: Mapping[str, Any] | None, name: str) -> list[Any]:
    address = (settled or {}).get("node")
    if not settled or not isinstance(address, str):
        return [
            html.P("Choose a node: click it, search for it, or pick it from the list.", className="quiet")
        ]
    nodes = nodes_of(name, settled.get("crawl"))
    found = agreement_of(nodes, address)
    body = _missing() if found is None else list(_of_node(found, nodes))
    return [*_head(name, address), *body]


def _head(name: str, address: str) -> list[Any]:
    shown = one_line(address.removeprefix(PREFIX), _LONGEST)
    history = f"{pool_path(name, '/nodes')}?{urlencode({'node': address[: len(PREFIX) + _LONGEST]})}"
    clear: dict[str, Any] = {"data-node": ""}
    return [
        html.H3(shown, className="mono whole"),
        html.Div(
            [
                dcc.Link("History of this node", href=history),
                html.Button(
                    "Clear", type="button", className="jump", title="Back to the whole ring", **clear
                ),
            ],
            className="node-ways",
        ),
    ]


def _missing() -> list[Any]:
    return [html.P("It is not in this crawl.", className="note watch")]


def _of_node(found: Agreement, nodes: pd.DataFrame) -> Iterator[Any]:
    hosts: Hosts = {
        node["address"]: "this manager" if node["local"] else node["host"]
        for node in nodes[["address", "host", "local"]].to_dict("records")
    }
    facts = found.facts
    yield html.P([sign(facts["health"].value), HEALTH_TEXT[facts["health"]]], className="node-health")
    if found.sides:
        yield html.Ul([side_line(side, hosts) for side in found.sides], className="says")
    yield from _listed("Named by", [claim_line(claim, hosts) for claim in found.claims], "says")
    links = [html.Li(jump(address, hosts)) for address in found.shortcuts]
    yield from _listed("Shortcuts", links, "shortcuts")
    known = [(title, value) for title, value in _facts(facts, hosts, nodes) if value not in (None, "")]
    yield html.Dl([part for title, value in known for part in (html.Dt(title), html.Dd(value))])


def _listed(title: str, lines: list[Any], style: str) -> Iterator[Any]:
    if not lines:
        return
    more = [html.Li(f"and {len(lines) - _MOST} more")] if len(lines) > _MOST else []
    yield html.H4(title)
    yield html.Ul([*lines[:_MOST], *more], className=style)


def _facts(facts: Mapping[Any, Any], hosts: Hosts, nodes: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    def number(name: str) -> Any:
        return None if pd.isna(facts[name]) else facts[name]

    place = list(nodes["address"]).index(facts["address"]) + 1
    seconds = number("seconds")
    yield "Host", hosts.get(facts["address"])
    yield "IP", facts["ip"]
    yield "Place", f"{place} of {len(nodes)}"
    yield "Consistency", text.consistency(number("consistency"))
    yield "Connections", number("cons")
    yield "TCP, UDP, tunnel", _counts(number(name) for name in ("tcp", "udp", "tunnel"))
    yield "Type", facts["type"]
    yield "Virtual IP", facts["virtual_ip"]
    yield "IP namespace", facts["ip_namespace"]
    yield "Round trip", None if seconds is None else f"{seconds * 1000:.1f} ms"
    yield "Retries", number("retries")
    yield "Error", facts["error"]


def _counts(numbers: Iterator[Any]) -> str | None:
    shown = ["?" if value is None else str(value) for value in numbers]
    return ", ".join(shown) if set(shown) != {"?"} else None
