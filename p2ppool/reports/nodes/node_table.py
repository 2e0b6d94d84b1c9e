"""The nodes of one crawl with all their data, column by column: ten thousand nodes are a few long lists."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from p2ppool.places.geolocation import Geolocation
from p2ppool.places.place import Place
from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.hosts.hosts_then import HostThen, hosts_then
from p2ppool.reports.last import last_snapshot_of_pool
from p2ppool.reports.nodes.nodes import health_of
from p2ppool.reports.nodes.unreachable import last_ip_of_node
from p2ppool.store.models import Node, NodeSample, Package, Pool, Snapshot
from p2ppool.store.unit_of_work import reading

_AS_STORED: Final = (
    *("type", "virtual_ip", "ip_namespace", "geo_loc", "bits", "consistency", "error"),
    *("tcp", "udp", "tunnel", "cons", "sas", "wedges", "subring", "retries", "seconds"),
)
_POSITIONS: Final = ("left", "left2", "right", "right2")

COLUMNS: Final = (
    *("address", "health", "host", "ip", *_AS_STORED, *_POSITIONS),
    *("shortcuts", "cpu", "memory", "node_rss", "version", "place"),
)
"""Names of the columns of a `NodeTable`."""


@dataclass(frozen=True, kw_only=True)
class NodeTable:
    """The nodes of one crawl in ring order (rising addresses).

    Attributes:
        crawl: its summary.
        columns: a list for each of `COLUMNS`, all of the same length: as in the node samples, and

            - `health`: see `p2ppool.reports.nodes.nodes.Health`;
            - `host`: name of the host that the node runs on; if several share one address, all names. None if
              no host has its address;
            - `left` … `right2`: the index of the neighbour in this table, from 0; its address if it is not in
              the table;
            - `shortcuts`: their number;
            - `cpu`, `memory` (0 … 1), `node_rss` (bytes) and `version` of that one host, as known when the
              crawl ended;
            - `place`: its name, as p2ppool.places.geolocation finds it now; None if unknown.
        wanted: NAME@VERSION that the pool should have; None if the crawl is not its last.
    """

    crawl: SnapshotSummary
    columns: dict[str, list[Any]]
    wanted: str | None


def node_table(engine: Engine, pool_name: str, snapshot_id: int, where: Geolocation) -> NodeTable | None:
    """Return the nodes of that crawl; None if the pool has no such crawl. Empty if its samples are gone."""
    with reading(engine) as work:
        found = work.session.execute(_crawl(pool_name, snapshot_id)).one_or_none()
        if found is None:
            return None
        snapshot, is_last, package = found
        moment = None if is_last else snapshot.started_at + timedelta(seconds=snapshot.seconds)
        hosts = hosts_then(work.session, snapshot.pool_id, moment)
        samples = _samples(work.session, snapshot_id)
    return NodeTable(
        crawl=SnapshotSummary.of(snapshot),
        columns=_columns(samples, _Machines(hosts), where),
        wanted=package if is_last else None,
    )


def _crawl(pool_name: str, snapshot_id: int) -> Any:
    return (
        select(
            Snapshot,
            Snapshot.id == last_snapshot_of_pool(),
            Package.name.concat("@").concat(Package.version),
        )
        .join(Pool, Pool.id == Snapshot.pool_id)
        .join(Package, Package.id == Pool.package_id)
        .where(Pool.name == pool_name, Snapshot.id == snapshot_id)
    )


def _samples(session: Session, snapshot_id: int) -> dict[str, list[Any]]:
    """Read the samples in ring order; a node that did not answer keeps the place of its last answer."""
    stored = NodeSample.__table__.c  # columns of the table, not of the class: three times as fast to read
    columns = {
        "address": Node.__table__.c.address,
        "ip": func.coalesce(stored.ip, last_ip_of_node()),
        **{name: stored[name] for name in (*_AS_STORED, *_POSITIONS, "shortcuts", "state")},
    }
    query = (
        select(*columns.values())
        .select_from(NodeSample.__table__.join(Node.__table__, Node.id == NodeSample.node_id))
        .where(NodeSample.snapshot_id == snapshot_id)
    )
    rows = sorted(session.execute(query), key=lambda row: row[0].translate(_IN_RING_ORDER))
    found = zip(*rows, strict=True) if rows else [()] * len(columns)
    return dict(zip(columns, map(list, found), strict=True))


_IN_RING_ORDER: Final = str.maketrans("234567", "abcdef")
"""Base32 (RFC 4648) orders its digits after its letters:
translated like this, addresses sort as their numbers do.
"""


def _columns(
    samples: dict[str, list[Any]], machines: "_Machines", where: Geolocation
) -> dict[str, list[Any]]:
    addresses, ips = samples["address"], samples["ip"]
    place = {address: number for number, address in enumerate(addresses)}
    states = zip(samples["state"], samples["bits"], strict=True)
    of_hosts = machines.columns(zip(addresses, ips, strict=True))
    set_places = of_hosts.pop("by_hand")
    return {
        **{name: samples[name] for name in ("address", "ip", *_AS_STORED)},
        **{name: [_placed(address, place) for address in samples[name]] for name in _POSITIONS},
        "health": [health_of(state, bits).value for state, bits in states],
        "shortcuts": [len(named.split()) for named in samples["shortcuts"]],
        **of_hosts,
        "place": _places(where, ips, samples["geo_loc"], set_places),
    }


def _places(
    where: Geolocation, ips: list[str | None], geo_locs: list[str | None], by_hand: list[Place | None]
) -> list[str | None]:
    found = (where.find(*known) for known in zip(ips, geo_locs, by_hand, strict=True))
    return [place.label if isinstance(place, Place) else None for place in found]


def _placed(address: str | None, place: dict[str, int]) -> int | str | None:
    return None if address is None else place.get(address, address)


_OF_HOST: Final = ("cpu", "memory", "node_rss", "version", "by_hand")


class _Machines:
    """Finds the machine of a node: by the node that the machine reported, otherwise by its IP address."""

    def __init__(self, hosts: Iterable[HostThen]) -> None:
        self._by_node: dict[str, HostThen] = {}
        self._by_ip: defaultdict[str, list[HostThen]] = defaultdict(list)
        for host in hosts:
            self._by_ip[host.address].append(host)
            if host.node_address:
                self._by_node[host.node_address] = host

    def columns(self, nodes: Iterable[tuple[str, str | None]]) -> dict[str, list[Any]]:
        """Return the host columns for nodes with these overlay and IP addresses."""
        found = [self._of(address, ip) for address, ip in nodes]
        alone = [hosts[0] if len(hosts) == 1 else None for hosts in found]
        names = [", ".join(dict.fromkeys(host.name for host in hosts)) or None for hosts in found]
        return {"host": names} | {
            name: [getattr(host, name) if host else None for host in alone] for name in _OF_HOST
        }

    def _of(self, address: str, ip: str | None) -> list[HostThen]:
        at_ip = self._by_ip.get(ip, []) if ip else []
        own = self._by_node.get(address)
        # The machine's node may run elsewhere by now: then the IP address is not that of the node.
        return [own] if own and (own in at_ip or not ip) else at_ip
