"""Ids and functions that the parts of the page of one node share."""

from typing import Final

from dash import html

from dashboards.frame.navigation import pool_path
from dashboards.pages.nodes.ids import LEAF
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.node.address import PREFIX
from p2ppool.reports.nodes.node_history import KnownNode, known_node
from p2ppool.reports.nodes.nodes import Health

PAGE: Final = "node"
NODE: Final = ident(PAGE, "node")
"""Store of the page's node: `pool` and `address`."""
LAST: Final = ident(PAGE, "last")
"""Store of the id of the pool's last crawl: changes when one ends."""
CLOCK: Final = ident(PAGE, "clock")
PULSE: Final = ident(PAGE, "pulse")


def get_node(data: dict[str, str]) -> KnownNode | None:
    """Return the node that the store names."""
    return known_node(context.engine(), data["pool"], data["address"])


def node_path(pool: str, address: str) -> str:
    """Return the path of the node's page."""
    return pool_path(pool, f"{LEAF}/{address.removeprefix(PREFIX)}")


def state_label(health: Health | None) -> html.Span:
    """Build a state with its sign."""
    if health is None:
        return html.Span("not seen", className="quiet")
    sign = html.I(className=f"sign {health.value}")
    return html.Span([sign, health.value.replace("_", " ")], className="state-word")
