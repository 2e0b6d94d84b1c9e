"""The nodes of one snapshot, in ring order."""

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, func, select
from sqlalchemy.orm import Session

from p2ppool.node.address import parse
from p2ppool.reports.last import last_snapshot_of_pool
from p2ppool.reports.nodes.unreachable import last_ip_of_node
from p2ppool.store.models import Host, HostState, Node, NodeSample, Pool, Snapshot
from p2ppool.store.unit_of_work import reading


class Health(StrEnum):
    """A node's state in one word: its answer to the crawl, and whether its named neighbours agree."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    SILENT = "silent"
    GHOST = "ghost"
    LEFT_OVER = "left_over"


_COUNTS = ("tcp", "udp", "tunnel", "cons", "sas", "wedges", "subring", "retries")
_SAMPLE = (
    *("state", "left", "left2", "right", "right2", "shortcuts", "bits", "consistency", "type", "ip"),
    *("virtual_ip", "ip_namespace", "geo_loc", *_COUNTS, "seconds", "error"),
)
_NUMBERS = dict.fromkeys(_COUNTS, "Int64") | {"consistency": "float64", "seconds": "float64", "local": "bool"}
COLUMNS = ("address", *_SAMPLE, "host", "health", "local")
"""Columns of the frame, besides its index, which is the position on the ring from 0."""


def last_snapshot_id(engine: Engine, pool_name: str) -> int | None:
    """Return the id of the pool's last snapshot; None before the first."""
    with reading(engine) as work:
        return work.session.scalar(select(last_snapshot_of_pool()).where(Pool.name == pool_name))


def snapshot_nodes(engine: Engine, snapshot_id: int) -> pd.DataFrame:
    """Return the nodes of a snapshot in ring order (rising addresses); empty if there is no such snapshot.

    The columns are those of the node samples (`shortcuts` as a tuple) and

    - `host`: name of the pool's host with that IP address, or None;
    - `health`: see `Health`;
    - `local`: whether it is the manager's own node, which is the only one that runs on none of the hosts. If
      several nodes do, nothing tells which it is, and none is marked.
    """
    with reading(engine) as work:
        samples = work.session.execute(
            select(Node.address, *map(_column, _SAMPLE))
            .join(Node, Node.id == NodeSample.node_id)
            .where(NodeSample.snapshot_id == snapshot_id)
        ).all()
        hosts = _hosts_by_address(work.session, snapshot_id)
    nodes = [_node(dict(row._mapping), hosts) for row in samples]  # noqa: SLF001 - its public name, see Row
    nodes.sort(key=lambda node: parse(node["address"]))
    strangers = [node for node in nodes if node["state"] == "answered" and node["host"] is None]
    for node in nodes:
        node["local"] = strangers == [node]
    # With dtype object, an unknown text stays None instead of becoming NaN.
    return pd.DataFrame(nodes, columns=list(COLUMNS), dtype=object).astype(_NUMBERS)


def _column(name: str) -> ColumnElement[Any]:
    """Select a column; a node that did not answer keeps the IP address of its last answer."""
    if name == "ip":
        return func.coalesce(NodeSample.ip, last_ip_of_node()).label("ip")
    return getattr(NodeSample, name).label(name)  # type: ignore[no-any-return] # a mapped column


def _hosts_by_address(session: Session, snapshot_id: int) -> dict[str, str]:
    """Return host names by IP address; machines behind one address are all listed."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    statement = (
        select(Host.address, Host.name)
        .join(Snapshot, Snapshot.pool_id == Host.pool_id)
        .where(Snapshot.id == snapshot_id, Host.state != HostState.JUMP)
        .order_by(Host.id)
    )
    for address, name in session.execute(statement):
        names[address].append(name)
    return {address: ", ".join(dict.fromkeys(found)) for address, found in names.items()}


def _node(sample: dict[str, Any], hosts: Mapping[str, str]) -> dict[str, Any]:
    sample["shortcuts"] = tuple(sample["shortcuts"].split())
    sample["host"] = hosts.get(sample["ip"])
    sample["health"] = health_of(sample["state"], sample["bits"])
    return sample


def health_of(state: str, bits: str) -> Health:
    """Derive the health from the state and the bits of a node sample."""
    if state != "answered":
        return Health(state)
    return Health.INCONSISTENT if "0" in bits else Health.CONSISTENT
