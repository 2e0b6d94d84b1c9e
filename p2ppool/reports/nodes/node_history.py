"""One node over time: its state in each crawl, and the hosts on which it was."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from p2ppool.reports.nodes.nodes import health_of
from p2ppool.reports.period import Period
from p2ppool.store.models import Host, HostState, Node, NodeSample, Pool, Snapshot
from p2ppool.store.unit_of_work import reading

_SAMPLE: Final = (
    *("bits", "consistency", "cons", "tcp", "udp", "tunnel", "sas", "retries", "seconds"),
    *("ip", "type", "virtual_ip", "error"),
)
HISTORY_COLUMNS: Final = ("crawl", "at", "health", *_SAMPLE)
"""Columns of `node_history`: id and start of the crawl, then those of the node samples."""

_NUMBERS: Final = dict.fromkeys(("cons", "tcp", "udp", "tunnel", "sas", "retries"), "Int64") | dict.fromkeys(
    ("consistency", "seconds"), "float64"
)


@dataclass(frozen=True, kw_only=True)
class KnownNode:
    """A node that was ever seen in a pool; `id` is its id in the database."""

    id: int
    pool_id: int
    address: str
    first_seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A place of a node: the IP address it reported, the hosts with that address,
    and the crawls that saw it there.
    """

    ip: str
    hosts: str
    crawls: int
    first: datetime
    last: datetime


def known_node(engine: Engine, pool_name: str, address: str) -> KnownNode | None:
    """Return the pool's node with that overlay address; None if it was never seen."""
    query = select(Node).join(Pool).where(Pool.name == pool_name, Node.address == address)
    with reading(engine) as work:
        found = work.session.scalars(query).one_or_none()
    if found is None:
        return None
    return KnownNode(
        id=found.id, pool_id=found.pool_id, address=found.address, first_seen_at=found.first_seen_at
    )


def node_history(engine: Engine, node: KnownNode, period: Period) -> pd.DataFrame:
    """Return the node's state in the crawls that began in that period, by time;
    the columns are `HISTORY_COLUMNS`.
    """
    columns = (getattr(NodeSample, name) for name in ("state", *_SAMPLE))
    query = _in_period(node, period, Snapshot.id.label("crawl"), Snapshot.started_at.label("at"), *columns)
    with reading(engine) as work:
        rows = work.session.execute(query.order_by(Snapshot.started_at, Snapshot.id)).all()
    frame = pd.DataFrame(rows, columns=["crawl", "at", "state", *_SAMPLE], dtype=object)
    pairs = zip(frame["state"], frame["bits"], strict=True)
    frame["health"] = [health_of(state, bits).value for state, bits in pairs]
    return frame.astype(_NUMBERS | {"at": "datetime64[us, UTC]"})[list(HISTORY_COLUMNS)]


def stays(engine: Engine, node: KnownNode, period: Period) -> list[Stay]:
    """List the IP addresses that the node had in that period, the latest first."""
    at = Snapshot.started_at
    query = (
        _in_period(node, period, NodeSample.ip, func.count(), func.min(at), func.max(at))
        .where(NodeSample.ip.is_not(None))
        .group_by(NodeSample.ip)
        .order_by(func.max(at).desc())
    )
    with reading(engine) as work:
        found = work.session.execute(query).all()
        names = _names(work.session, node.pool_id, {ip for ip, *_ in found})
    return [
        Stay(ip=ip, hosts=", ".join(names.get(ip, ())), crawls=crawls, first=first, last=last)
        for ip, crawls, first, last in found
    ]


def _in_period(node: KnownNode, period: Period, *columns: Any) -> Select[*tuple[Any, ...]]:
    query = (
        select(*columns)
        .select_from(NodeSample)
        .join(Snapshot, Snapshot.id == NodeSample.snapshot_id)
        .where(NodeSample.node_id == node.id, Snapshot.pool_id == node.pool_id)
    )
    if period.start is not None:
        query = query.where(Snapshot.started_at >= period.start)
    return query if period.end is None else query.where(Snapshot.started_at < period.end)


def _names(session: Session, pool_id: int, ips: set[str]) -> dict[str, list[str]]:
    query = (
        select(Host.address, Host.name)
        .where(Host.pool_id == pool_id, Host.address.in_(ips), Host.state != HostState.JUMP)
        .order_by(Host.id)
    )
    names: defaultdict[str, list[str]] = defaultdict(list)
    for address, name in session.execute(query):
        names[address].append(name)
    return names
