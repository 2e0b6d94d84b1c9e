"""What changed between two crawls: which nodes came, went, moved, and whose health changed.

A node is *there* in a crawl that lists its address, unless as a ghost: others still name a ghost, but its
node is gone. Places are told apart by the IP address that a node last told. Then

- *reinstalled* is a node that went together with one that came in the same place: most likely the same host
  with a new address (in ring order, where several did);
- *came* and *went* are the others that are there in one of the two only;
- *moved* is a node that is there in both, in different places;
- *changed* is one that is there in both, with another health.

A crawl that was cut short does not list all nodes: who is not in it may be there all the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd
from sqlalchemy import Engine, select

from p2ppool.node.address import parse
from p2ppool.overlay.snapshot import NodeState
from p2ppool.reports.nodes.nodes import Health
from p2ppool.store.models import NodeSample
from p2ppool.store.unit_of_work import reading

_AT_ONCE = 500  # ids in one statement


@dataclass(frozen=True, kw_only=True)
class CrawledNode:
    """A node in one crawl: where (`ip`, and the `host` there, as far as known), and how."""

    address: str
    ip: str | None
    host: str | None
    health: Health

    @property
    def is_there(self) -> bool:
        """Whether there is a node behind the address."""
        return self.health is not Health.GHOST


@dataclass(frozen=True)
class Churn:
    """Each kind in ring order; of pairs, the first is the earlier one."""

    came: tuple[CrawledNode, ...] = ()
    went: tuple[CrawledNode, ...] = ()
    reinstalled: tuple[tuple[CrawledNode, CrawledNode], ...] = ()
    moved: tuple[tuple[CrawledNode, CrawledNode], ...] = ()
    changed: tuple[tuple[CrawledNode, CrawledNode], ...] = ()


@dataclass(frozen=True)
class Turnover:
    """How many nodes came and went from one crawl to the next; a reinstalled one counts on both sides."""

    came: int
    went: int


def seen(nodes: pd.DataFrame) -> dict[str, CrawledNode]:
    """The nodes of a crawl, as of p2ppool.reports.nodes.nodes.snapshot_nodes, by address."""
    return {
        node["address"]: CrawledNode(**{name: node[name] for name in ("address", "ip", "host", "health")})
        for node in nodes.to_dict("records")
    }


def churn(earlier: Mapping[str, CrawledNode], later: Mapping[str, CrawledNode]) -> Churn:
    """What changed from one crawl to another."""
    there = [{address for address, node in crawl.items() if node.is_there} for crawl in (earlier, later)]
    went = _ordered(earlier[address] for address in there[0] - there[1])
    came = _ordered(later[address] for address in there[1] - there[0])
    reinstalled = tuple(_in_one_place(went, came))
    replaced = {node.address for pair in reinstalled for node in pair}
    stayed = [
        (earlier[node.address], node) for node in _ordered(later[address] for address in there[0] & there[1])
    ]
    return Churn(
        came=tuple(node for node in came if node.address not in replaced),
        went=tuple(node for node in went if node.address not in replaced),
        reinstalled=reinstalled,
        moved=tuple((old, new) for old, new in stayed if None not in {old.ip, new.ip} and old.ip != new.ip),
        changed=tuple((old, new) for old, new in stayed if old.health is not new.health),
    )


def turnover(crawls: Sequence[Iterable[object]]) -> list[Turnover]:
    """From each crawl to the next, of crawls that each are who is there: one less than crawls."""
    there = [set(crawl) for crawl in crawls]
    return [Turnover(came=len(new - old), went=len(old - new)) for old, new in pairwise(there)]


def turnover_by_crawl(engine: Engine, snapshot_ids: Sequence[int]) -> dict[int, Turnover]:
    """For each of these crawls, in their order, who came and went since the one of them before it.

    A crawl whose samples are no longer kept is passed over; the first of the others has none before it.
    """
    there: defaultdict[int, set[int]] = defaultdict(set)
    with reading(engine) as work:
        for start in range(0, len(snapshot_ids), _AT_ONCE):
            query = select(NodeSample.snapshot_id, NodeSample.node_id).where(
                NodeSample.snapshot_id.in_(snapshot_ids[start : start + _AT_ONCE]),
                NodeSample.state != NodeState.GHOST,
            )
            for snapshot_id, node_id in work.session.execute(query):
                there[snapshot_id].add(node_id)
    kept = [snapshot_id for snapshot_id in snapshot_ids if snapshot_id in there]
    return dict(zip(kept[1:], turnover([there[snapshot_id] for snapshot_id in kept]), strict=True))


def _ordered(nodes: Iterable[CrawledNode]) -> list[CrawledNode]:
    return sorted(nodes, key=lambda node: parse(node.address))


def _in_one_place(
    went: Iterable[CrawledNode], came: Iterable[CrawledNode]
) -> Iterator[tuple[CrawledNode, CrawledNode]]:
    new_at: defaultdict[Any, list[CrawledNode]] = defaultdict(list)
    for node in came:
        new_at[node.ip].append(node)
    for node in went:
        if node.ip is not None and new_at[node.ip]:
            yield node, new_at[node.ip].pop(0)
