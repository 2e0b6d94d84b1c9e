"""Finding a node of the crawl by the beginning of its address, its host's name, or its IP address."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.pages.ring.ids import NAME, NODE, PAGE, SETTLED
from dashboards.pages.ring.panel import nodes_of
from dashboards.pages.ring.sentences import jump
from dashboards.web.ids import ident
from p2ppool.errors import one_line
from p2ppool.node.address import PREFIX

_FIELD = ident(PAGE, "find")
_FOUND = ident(PAGE, "found")
_LONGEST: Final = 64  # characters that are used
_MOST: Final = 8  # nodes that are offered


def layout() -> html.Div:
    """Build the field, and the place for its results."""
    return html.Div(
        [
            html.Label("Find a node", htmlFor=_FIELD),
            dcc.Input(
                id=_FIELD,
                type="search",
                placeholder="address, host or IP",
                maxLength=_LONGEST,
                autoComplete="off",
            ),
            html.Div(id=_FOUND, role="status"),
        ],
        className="finder",
    )


def register(app: Dash) -> None:
    """Offer the results; Enter takes the first."""
    app.callback(
        Output(_FOUND, "children"), Input(_FIELD, "value"), State(SETTLED, "data"), State(NAME, "data")
    )(_offer)
    app.callback(
        Output(NODE, "data", allow_duplicate=True),
        Input(_FIELD, "n_submit"),
        State(_FIELD, "value"),
        State(SETTLED, "data"),
        State(NAME, "data"),
        prevent_initial_call=True,
    )(_take)


def find(nodes: pd.DataFrame, text: str) -> list[str]:
    """Return the addresses of the nodes that match `text`, the best first.

    It may be the beginning of an address (with or without the common prefix, in any case), of an IP address,
    or any part of a host's name.
    """
    wanted = text[:_LONGEST].strip().casefold().removeprefix(PREFIX.casefold())
    if not wanted:
        return []
    ranked = sorted((rank, place) for place, rank in enumerate(_ranks(nodes, wanted)) if rank is not None)
    return [str(nodes["address"].iloc[place]) for _, place in ranked]


def _ranks(nodes: pd.DataFrame, wanted: str) -> list[int | None]:
    known = nodes[["address", "host", "ip", "local"]].to_dict("records")
    return [_rank(node, wanted) for node in known]


def _rank(node: Mapping[Any, Any], wanted: str) -> int | None:
    host = ("this manager local" if node["local"] else node["host"] or "").casefold()
    ip = (node["ip"] or "").casefold()
    if wanted in {host, ip}:
        return 0
    if node["address"].removeprefix(PREFIX).casefold().startswith(wanted) or ip.startswith(wanted):
        return 1
    return 2 if wanted in host else None


def _offer(text: str | None, settled: Mapping[str, Any] | None, name: str) -> Any:
    if not text or not text.strip() or not settled:
        return []
    nodes = nodes_of(name, settled.get("crawl"))
    found = find(nodes, text)
    if not found:
        return html.P(f"No node of this crawl matches {one_line(text, _LONGEST)}.", className="quiet")
    hosts = dict(zip(nodes["address"], nodes["host"], strict=True))
    more = [html.Li(f"and {len(found) - _MOST} more", className="quiet")] if len(found) > _MOST else []
    return html.Ul([*(html.Li(jump(address, hosts)) for address in found[:_MOST]), *more])


def _take(_: int | None, text: str | None, settled: Mapping[str, Any] | None, name: str) -> Any:
    found = find(nodes_of(name, (settled or {}).get("crawl")), text or "")
    return found[0] if found else no_update
