"""The changes between two crawls: nodes that came, went or moved, and nodes whose health changed.

A node is *there* in a crawl that lists its address, unless as a ghost: other nodes still name a ghost, but it
is gone. Places are distinguished by the IP address that a node last reported. Then

- *reinstalled* is a node that went together with one that came at the same place: most likely the same host
with a new address (in ring order, if several did); - *came* and *went* are the others that are there in only
one of the two; - *moved* is a node that is there in both, at different places; - *changed* is one that is
there in both, with different health.

A crawl that was cut short does not list all nodes: a node missing from it may be there all the same.
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
class NodeInCrawl:
    """A node in one crawl: its place (`ip`, and the `host` there, as far as known) and its health."""

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
    """Each kind in ring order; in pairs, the first is the earlier one."""

    came: tuple[NodeInCrawl, ...] = ()
    went: tuple[NodeInCrawl, ...] = ()
    reinstalled: tuple[tuple[NodeInCrawl, NodeInCrawl], ...] = ()
    moved: tuple[tuple[NodeInCrawl, NodeInCrawl], ...] = ()
    changed: tuple[tuple[NodeInCrawl, NodeInCrawl], ...] = ()


@dataclass(frozen=True)
class Turnover:
    """The number of nodes that came and went between two crawls; a reinstalled one counts for both."""

    came: int
    went: int


def nodes_by_address(nodes: pd.DataFrame) -> dict[str, NodeInCrawl]:
    """Return the nodes of a crawl, from p2ppool.reports.nodes.nodes.snapshot_nodes, by address."""
    return {
        node["address"]: NodeInCrawl(**{name: node[name] for name in ("address", "ip", "host", "health")})
        for node in nodes.to_dict("records")
    }


def churn(earlier: Mapping[str, NodeInCrawl], later: Mapping[str, NodeInCrawl]) -> Churn:
    """Compare two crawls."""
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
    """Return the turnover from each crawl to the next, given the nodes of each; one fewer than crawls."""
    there = [set(crawl) for crawl in crawls]
    return [Turnover(came=len(new - old), went=len(old - new)) for old, new in pairwise(there)]


def turnover_by_crawl(engine: Engine, snapshot_ids: Sequence[int]) -> dict[int, Turnover]:
    """Return, for each of these crawls in order, the turnover since the one before it.

    Crawls whose samples are no longer kept are skipped; the first of the others has none before it.
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


def _ordered(nodes: Iterable[NodeInCrawl]) -> list[NodeInCrawl]:
    return sorted(nodes, key=lambda node: parse(node.address))


def _in_one_place(
    went: Iterable[NodeInCrawl], came: Iterable[NodeInCrawl]
) -> Iterator[tuple[NodeInCrawl, NodeInCrawl]]:
    new_at: defaultdict[Any, list[NodeInCrawl]] = defaultdict(list)
    for node in came:
        new_at[node.ip].append(node)
    for node in went:
        if node.ip is not None and new_at[node.ip]:
            yield node, new_at[node.ip].pop(0)
