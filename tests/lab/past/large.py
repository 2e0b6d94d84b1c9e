"""Pools of many nodes with a long past, stored in bulk: rows that differ as much as a page needs."""

import random
from datetime import timedelta

from sqlalchemy import func, insert, select

from p2ppool.node import address as overlay_address
from p2ppool.store.models import Node, NodeSample, Pool, Snapshot
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.crawled import host_ip
from tests.lab.past.history import a_bare_pool

_BATCH = 100  # crawls that are stored at once


def a_large_pool(engine, name, *, nodes, hosts=0, crawls=1, with_samples=None, minutes=30):
    """A pool with so many nodes and crawls, `minutes` apart, of which the last `with_samples` have nodes.

    The others (None: none) are as retention leaves them: sums only.
    """
    a_bare_pool(engine, name, hosts=hosts)
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool.id).where(Pool.name == name)).one()
        samples = _samples(work.session, pool, nodes)
        sums = _sums(samples)
        first = (work.session.scalar(select(func.max(Snapshot.id))) or 0) + 1
        kept = first + crawls - (crawls if with_samples is None else with_samples)
        for start in range(first, first + crawls, _BATCH):
            ids = range(start, min(start + _BATCH, first + crawls))
            ages = {i: timedelta(minutes=minutes * (first + crawls - i)) for i in ids}
            work.session.execute(insert(Snapshot), [sums | _snapshot(pool, i, ages[i]) for i in ids])
            found = [sample | {"snapshot_id": i} for i in ids if i >= kept for sample in samples]
            if found:
                work.session.execute(insert(NodeSample), found)
        work.commit()
    return name


def _samples(session, pool, nodes):
    """Nodes in a ring where every hundredth is silent, and what a crawl would say of each."""
    rng = random.Random(nodes)
    ring = [overlay_address.write(n) for n in sorted(rng.getrandbits(160) & ~1 for _ in range(nodes))]
    first = (session.scalar(select(func.max(Node.id))) or 0) + 1
    seen = {"pool_id": pool, "first_seen_at": now()}
    session.execute(
        insert(Node), [seen | {"id": first + place, "address": node} for place, node in enumerate(ring)]
    )
    return [_sample(first + place, place, ring, rng) for place in range(nodes)]


def _sample(node_id, place, ring, rng):
    near = {"left": 1, "left2": 2, "right": -1, "right2": -2}
    tcp, udp = rng.randrange(4), rng.randrange(2, 9)
    silent = place % 100 == 99
    return {
        "node_id": node_id,
        "state": "silent" if silent else "answered",
        "bits": "----" if silent else "1111",
        "consistency": None if silent else 1.0,
        "ip": host_ip(place + 1),
        "type": "BasicNode",
        "virtual_ip": f"5.{place // 65536}.{place // 256 % 256}.{place % 256}",
        "ip_namespace": "grid-appliance",
        "geo_loc": f"{rng.uniform(-60, 70):.2f}, {rng.uniform(-180, 180):.2f}",
        "tcp": tcp,
        "udp": udp,
        "tunnel": 0,
        "cons": tcp + udp,
        "sas": rng.randrange(9),
        "wedges": 0,
        "subring": len(ring),
        "retries": int(silent),
        "seconds": rng.uniform(0.002, 0.4),
        "error": "no answer within 3 s" if silent else "",
        "shortcuts": " ".join(rng.sample(ring, 2)),
        **{name: ring[(place + step) % len(ring)] for name, step in near.items()},
    }


def _snapshot(pool, snapshot_id, age):
    return {
        "id": snapshot_id,
        "pool_id": pool,
        "ticket_id": None,
        "started_at": now() - age,
        "seconds": 20.0,
        "complete": True,
        "reason": "",
    }


def _sums(samples):
    silent = len(samples) // 100
    return {
        "expected": len(samples),
        "answered": len(samples) - silent,
        "silent": silent,
        "ghosts": 0,
        "left_over": 0,
        "consistency": 0.99,
        "retries": silent,
        "tunnel": 0,
        **{name: sum(sample[name] for sample in samples) for name in ("tcp", "udp", "cons", "sas")},
    }
