"""Pools with a past, straight in the database: what the pages and reports show without any host at work."""

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import select

from p2ppool.store.models import (
    Host,
    HostResult,
    Node,
    NodeSample,
    Package,
    Pool,
    Snapshot,
    SshKey,
    Ticket,
    TicketState,
)
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.crawled import captured_samples, host_ip, ring_samples

RUN = "0d6f3c1e-5b0a-4d8f-9c53-1f2e3d4c5b6a"
"""Id of a Prefect run."""

_unique = count()


def a_pool(engine, name="demo", *, nodes=9, dead=0, left_over=0, failed=0, seed=1, minutes_ago=2, **fields):
    """A pool of `nodes` - 1 hosts and the local node, created and crawled once; gives its name.

    Of its nodes `dead` no longer answer (silent and ghosts in turn) and `left_over` were not asked;
    the creation went wrong on `failed` hosts.
    """
    with UnitOfWork(engine) as work:
        pool = _bare_pool(name, nodes - 1, **fields)
        work.session.add(pool)
        work.session.flush()
        _create_ticket(work.session, pool, failed, minutes_ago + 2)
        work.commit()
    a_crawl(engine, name, nodes=nodes, dead=dead, left_over=left_over, seed=seed, minutes_ago=minutes_ago)
    return name


def a_bare_pool(engine, name="demo", *, hosts=8, **fields):
    """A pool that was registered and nothing more, and `extra_hosts` as rows; gives its name."""
    with UnitOfWork(engine) as work:
        work.session.add(_bare_pool(name, hosts, **fields))
        work.commit()
    return name


def a_crawl(engine, pool_name, *, nodes=9, dead=0, left_over=0, seed=1, minutes_ago=2):
    """One more crawl of that pool; gives the snapshot's id. The same seed means the same addresses."""
    return keep_crawl(engine, pool_name, ring_samples(nodes, dead, left_over, seed), minutes_ago=minutes_ago)


def captured_crawl(engine, pool_name):
    """The crawl of 40 real Brunet nodes; gives the snapshot's id."""
    return keep_crawl(engine, pool_name, captured_samples())


def a_ticket(engine, pool_name, action="check", state=TicketState.RUNNING, **fields):
    """A ticket on that pool; gives its id."""
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == pool_name)).one()
        ticket = _ticket(pool, action, state, **fields)
        work.session.add(ticket)
        work.commit()
        return ticket.id


def a_waiting_ticket(engine, pool_name, action="check", **fields):
    """A ticket that waits for that pool; gives its id."""
    return a_ticket(engine, pool_name, action, TicketState.WAITING, **({"started_at": None} | fields))


def a_busy_day(engine, pool_name):
    """On that pool a ticket in each state, as they come about: one runs, two wait, the others have ended.

    Gives the id of the one that runs. The pool is to be older than 200 minutes.
    """
    never = {"started_at": None}

    def ticket(action, state, minutes_ago, message="", **fields):
        values = {"requester": "cli ada", "flow_run": RUN, "message": message, "minutes_ago": minutes_ago}
        return a_ticket(engine, pool_name, action, state, **(values | fields))

    failed = ticket("check", TicketState.FAILED, 190, "in order on 0 of 39 hosts (39 timeout)")
    ticket("check", TicketState.DONE, 180, "in order on all 39 hosts, 2 of them repaired", retry_of=failed)
    crashed = "crashed after 17 of 39: its process died"
    ticket("upgrade", TicketState.CRASHED, 95, crashed, parameters={"pool": pool_name, "package": "p2p@1.4"})
    crawl = ticket("crawl", TicketState.CANCELLED, 41, requester="prefect")
    suspend = ticket("suspend", TicketState.DONE, 40, "suspended on all 39 hosts", requester="cli grace")
    preempted = f"preempted by suspend of cli grace (ticket {suspend}) after 31 of 40"
    change_ticket(engine, crawl, preempted_by=suspend, message=preempted)
    suspended = "the pool is suspended: `p2ppool pool resume` brings it back"
    ticket("crawl", TicketState.REFUSED, 35, suspended, requester="prefect", **never)
    partial = ticket("install", TicketState.PARTIAL, 12, "installed on 37 of 39 hosts (2 refused)")
    install = ticket("install", TicketState.RUNNING, 1, done=27, total=39, retry_of=partial)
    merged = f"merged into install of cli ada (ticket {install}), which already runs"
    ticket("install", TicketState.MERGED, 0.8, merged, requester="cli grace", merged_into=install, **never)
    ticket("check", TicketState.WAITING, 0.6, requester="cli grace", **never)
    ticket("crawl", TicketState.WAITING, 0.3, requester="prefect", **never)
    return install


def a_result(engine, pool_name, host_name, *, action="check", **fields):
    """What a new ticket for `action` left on that host."""
    ticket_id = a_ticket(engine, pool_name, action, TicketState.DONE)
    values = {"error": None, "step": "check", "message": "runs", "seconds": 0.2}
    with UnitOfWork(engine) as work:
        host = work.session.scalars(
            select(Host).join(Pool).where(Pool.name == pool_name, Host.name == host_name)
        ).one()
        work.session.add(HostResult(ticket_id=ticket_id, host_id=host.id, **(values | fields)))
        work.commit()


def change_ticket(engine, ticket_id, **values):
    with UnitOfWork(engine) as work:
        ticket = work.session.get_one(Ticket, ticket_id)
        for name, value in values.items():
            setattr(ticket, name, value)
        work.commit()


def keep_crawl(engine, pool_name, samples, *, minutes_ago=2, **fields):
    """Store a snapshot of these samples (as dicts with an `address`); gives its id."""
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == pool_name)).one()
        ticket = _ticket(
            pool, "crawl", TicketState.DONE, message=f"{len(samples)} nodes", minutes_ago=minutes_ago
        )
        known = {
            node.address: node for node in work.session.scalars(select(Node).where(Node.pool_id == pool.id))
        }
        snapshot = _snapshot(pool.id, samples, minutes_ago, **fields)
        work.session.add_all([ticket, snapshot])
        work.session.flush()
        snapshot.ticket_id = ticket.id
        for sample in samples:
            values = dict(sample)
            address = values.pop("address")
            node = known.get(address) or Node(
                pool_id=pool.id, address=address, first_seen_at=snapshot.started_at
            )
            work.session.add(NodeSample(snapshot=snapshot, node=node, **values))
        work.commit()
        return snapshot.id


def _snapshot(pool_id, samples, minutes_ago, **fields):
    states = [sample["state"] for sample in samples]
    counted = [sample["consistency"] for sample in samples if sample["consistency"] is not None]
    left_over = states.count("left_over")
    values = {
        "started_at": now() - timedelta(minutes=minutes_ago),
        "seconds": 0.4,
        "complete": not left_over,
        "reason": "deadline" if left_over else "",
        "expected": len(samples),
        "answered": states.count("answered"),
        "silent": states.count("silent"),
        "ghosts": states.count("ghost"),
        "left_over": left_over,
        "consistency": sum(counted) / len(counted) if counted else None,
        **{
            name: sum(sample.get(name) or 0 for sample in samples)
            for name in ("tcp", "udp", "tunnel", "cons")
        },
        "sas": 0,
        "retries": sum(sample.get("retries", 0) for sample in samples),
    }
    return Snapshot(pool_id=pool_id, **(values | fields))


def _ticket(pool, action, state, *, minutes_ago=2, **fields):
    moment = now() - timedelta(minutes=minutes_ago)
    values = {
        "requester": "manager",
        "parameters": {"pool": pool.name},
        "requested_at": moment,
        "started_at": moment,
        "ended_at": moment + timedelta(seconds=4) if state.ended else None,
    }
    return Ticket(pool_id=pool.id, action=action, state=state, **(values | fields))


def _create_ticket(session, pool, failed, minutes_ago):
    hosts = len(pool.hosts)
    ticket = _ticket(
        pool,
        "create",
        TicketState.PARTIAL if failed else TicketState.DONE,
        message=f"{hosts - failed} of {hosts} hosts installed",
        done=hosts,
        total=hosts,
        minutes_ago=minutes_ago,
        flow_run=RUN,
    )
    session.add(ticket)
    session.flush()
    session.add_all(_host_result(ticket, host, ok=place >= failed) for place, host in enumerate(pool.hosts))


def _host_result(ticket, host, *, ok):
    values = {"ticket_id": ticket.id, "host_id": host.id, "ended_at": ticket.ended_at}
    if ok:
        return HostResult(error=None, step="start", message="runs", seconds=2.1, **values)
    message = f"{host.name}:{host.port} refused the connection: is sshd running there?"
    return HostResult(error="refused", step="connect", message=message, seconds=0.1, **values)


def _bare_pool(name, hosts, extra_hosts=(), **fields):
    values = {
        "name": name,
        "token": f"{next(_unique):032x}",
        "namespace": f"p2ppool-{name}"[:64],
        "udp_port": 15000,
        "rpc_port": 10000,
        "ssh_user": "p2p",
        "ssh_key": _key(),
        "package": _package(),
        "install_path": "/tmp/p2p",
        "created_at": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    }
    machines = [Host(name=f"node{i:02d}", address=host_ip(i), port=22) for i in range(1, hosts + 1)]
    return Pool(hosts=[*machines, *extra_hosts], **(values | fields))


def _key():
    name = f"key{next(_unique)}"
    return SshKey(
        name=name, key_type="ssh-ed25519", bits=256, fingerprint="SHA256:x", public_line="x", sealed=b""
    )


def _package():
    version = f"1.{next(_unique)}"
    program = {"runtime": "python3", "program": "node.py"}
    return Package(name="reference-node", version=version, digest="0" * 64, size=1, **program)


def pool_of(engine, name):
    """The pool with its hosts, detached."""
    with reading(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == name)).one()
        _ = list(pool.hosts)
        return pool
