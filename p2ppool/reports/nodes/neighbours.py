"""A node in one crawl, and the neighbours that it named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from p2ppool.reports.nodes.node_history import KnownNode
from p2ppool.reports.nodes.nodes import Health, health_of
from p2ppool.store.models import Node, NodeSample
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A node that another node named in a crawl.

    Attributes:
        position: left, left2, right, right2 or shortcut.
        health: None if it is not in that crawl.
        agrees: whether it named the node back; None if that was not determined.
    """

    position: str
    address: str
    health: Health | None
    agrees: bool | None


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """A node in one crawl, and the nodes that it named."""

    health: Health
    consistency: float | None
    ip: str | None
    neighbours: list[Neighbour]


_BITS: Final = ("left", "left2", "right", "right2")
_AGREES: Final = {"1": True, "0": False}


def neighbourhood(engine: Engine, node: KnownNode, snapshot_id: int) -> Neighbourhood | None:
    """Return the node with its neighbours in that crawl; None if it is not in the crawl."""
    with reading(engine) as work:
        sample = work.session.get(NodeSample, (snapshot_id, node.id))
        if sample is None:
            return None
        named = list(_named(sample))
        health = _healths(work.session, node.pool_id, snapshot_id, {address for _, address, _ in named})
    return Neighbourhood(
        health=health_of(sample.state, sample.bits),
        consistency=sample.consistency,
        ip=sample.ip,
        neighbours=[
            Neighbour(position=position, address=address, health=health.get(address), agrees=agrees)
            for position, address, agrees in named
        ],
    )


def _named(sample: NodeSample) -> Iterator[tuple[str, str, bool | None]]:
    bits = dict(zip(_BITS, sample.bits, strict=False))
    for position in _BITS:
        if address := getattr(sample, position):
            yield position, address, _AGREES.get(bits.get(position, ""))
    for address in sample.shortcuts.split():
        yield "shortcut", address, None


def _healths(session: Session, pool_id: int, snapshot_id: int, addresses: set[str]) -> dict[str, Health]:
    query = (
        select(Node.address, NodeSample.state, NodeSample.bits)
        .join(NodeSample, NodeSample.node_id == Node.id)
        .where(Node.pool_id == pool_id, Node.address.in_(addresses), NodeSample.snapshot_id == snapshot_id)
    )
    return {address: health_of(state, bits) for address, state, bits in session.execute(query)}
