"""Pools with a long past: what crawls found over weeks, in sums, with all that happened in between."""

import math
import random
from datetime import timedelta

from sqlalchemy import insert, select

from p2ppool.store.models import HostSample, Pool, Snapshot, Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool

_GIB = 1 << 30


def a_past(engine, name="demo", *, hosts=40, days=30, minutes=30, **fields):
    """A pool that was made so many days ago and crawled every so many minutes since; gives its name."""
    a_bare_pool(engine, name, hosts=hosts, **fields)
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == name)).one()
        at = now() - timedelta(days=days)
        message = f"{hosts} of {hosts} hosts installed"
        work.session.execute(insert(Ticket), [_ticket(pool.id, "create", at, message=message)])
        work.commit()
    return give_a_past(engine, name, days=days, minutes=minutes)


def give_a_past(engine, name, *, days=30, minutes=30, seed=1, until=2):
    """Crawls of that pool every so many minutes for so many days, up to `until` minutes ago; gives its name.

    Nodes come and go with the time of day; at two fifths of the time it was upgraded, at two thirds half of
    its hosts were away for six hours, and every week a check repaired something.
    """
    rng = random.Random(seed)
    end = now() - timedelta(minutes=until)
    count = days * 24 * 60 // minutes
    times = [end - timedelta(minutes=minutes * (count - 1 - place)) for place in range(count)]
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == name)).one()
        ids = [host.id for host in pool.hosts]
        story = _Story(times[0], end, len(ids), rng)
        _store(work.session, pool.id, ids, [(at, *story.at(at)) for at in times], rng)
        work.session.execute(insert(Ticket), [_ticket(pool.id, **each) for each in story.actions()])
        work.commit()
    return name


def crawls_at(engine, pool_name, moments, **columns):
    """One crawl at each moment; `columns` are lists of values of snapshots, None where nothing is said."""
    with UnitOfWork(engine) as work:
        pool_id = work.session.scalars(select(Pool.id).where(Pool.name == pool_name)).one()
        tickets = _crawl_tickets(work.session, pool_id, moments)
        rows = [
            _snapshot(pool_id, ticket, at, {name: values[place] for name, values in columns.items()})
            for place, (ticket, at) in enumerate(zip(tickets, moments, strict=True))
        ]
        work.session.execute(insert(Snapshot), rows)
        work.commit()
    return tickets


def samples_beside(engine, pool_name, measured):
    """What was measured beside crawls: by their tickets, a dict of columns for each of the first hosts."""
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == pool_name)).one()
        hosts = [host.id for host in pool.hosts]
        work.session.add_all(
            HostSample(ticket_id=ticket, host_id=host, taken_at=now(), **values)
            for ticket, told in measured.items()
            for host, values in zip(hosts, told, strict=False)
        )
        work.commit()


class _Story:
    """What had happened to a pool by a given moment."""

    def __init__(self, start, end, hosts, rng):
        self._start, self._end, self._hosts, self._rng = start, end, hosts, rng
        span = end - start
        self._upgrade, self._outage = start + span * 2 / 5, start + span * 2 / 3

    def at(self, moment):
        """Hosts that were up, nodes that answered, and a consistency."""
        hour = moment.hour + moment.minute / 60
        away = self._hosts * 0.04 * (1 + math.sin((hour - 10) / 24 * math.tau)) + abs(self._rng.gauss(0, 0.4))
        if timedelta() <= moment - self._outage < timedelta(hours=6):
            away += self._hosts / 2
        up = max(0, min(self._hosts, round(self._hosts - away)))
        settling = (
            max(0.0, 1 - (moment - self._upgrade) / timedelta(hours=3)) if moment >= self._upgrade else 0
        )
        answered = max(1, round(up * (1 - 0.3 * settling)) + 1)
        consistency = 1 - min(0.6, settling * 0.3 + (self._hosts - up) / self._hosts * 0.2)
        return up, answered, min(1.0, consistency * self._rng.uniform(0.994, 1.0) + 0.004)

    def actions(self):
        """What was done to it, as columns of tickets."""
        hosts, day = self._hosts, timedelta(days=1)
        done = f"upgraded on all {hosts} hosts"
        yield {"action": "upgrade", "at": self._upgrade, "message": done, "requester": "cli ada"}
        partial = f"installed on {hosts - 2} of {hosts} hosts (2 refused)"
        again = {"state": TicketState.PARTIAL, "requester": "cli grace"}
        yield {"action": "install", "at": self._outage + day / 4, "message": partial, **again}
        weeks = int((self._end - self._start) / (7 * day))
        for week in range(weeks):
            repaired = f"in order on all {hosts} hosts, {week % 3 + 1} of them repaired"
            at = self._start + day * (7 * week + 3.2)
            yield {"action": "check", "at": at, "message": repaired, "requester": "prefect"}
            fine = f"in order on all {hosts} hosts"
            yield {"action": "check", "at": at + day, "message": fine, "requester": "prefect"}


def _store(session, pool_id, host_ids, crawls, rng):
    tickets = _crawl_tickets(session, pool_id, [at for at, *_ in crawls])
    rows, samples = [], []
    for ticket, (at, up, answered, consistency) in zip(tickets, crawls, strict=True):
        missing = len(host_ids) + 1 - answered
        columns = {
            "expected": len(host_ids) + 1,
            "answered": answered,
            "silent": missing - missing // 3,
            "ghosts": missing // 3,
            "consistency": consistency,
            "retries": missing + rng.choice([0, 0, 0, 1, 2]),
            "tcp": answered * 3 - rng.randrange(4),
            "udp": answered * 5 - rng.randrange(6),
            "tunnel": rng.randrange(4) + missing // 4,
            "sas": answered * 2,
            "seconds": 1.5 + missing * 0.4 + rng.random() / 2,
        }
        columns["cons"] = columns["tcp"] + columns["udp"] + columns["tunnel"]
        rows.append(_snapshot(pool_id, ticket, at, columns))
        load = 0.25 + 0.15 * math.sin((at.hour - 9) / 24 * math.tau)
        samples += [_sample(ticket, host, at, load, rng) for host in host_ids[:up]]
    session.execute(insert(Snapshot), rows)
    session.execute(insert(HostSample), samples)


def _crawl_tickets(session, pool_id, moments):
    rows = [_ticket(pool_id, "crawl", at, requester="prefect") for at in moments]
    ids = session.scalars(insert(Ticket).returning(Ticket.id, sort_by_parameter_order=True), rows)
    return list(ids)


def _ticket(pool_id, action, at, *, message="", requester="manager", state=TicketState.DONE):
    return {
        "pool_id": pool_id,
        "action": action,
        "state": state,
        "requester": requester,
        "message": message,
        "parameters": {},
        "requested_at": at,
        "started_at": at,
        "ended_at": at + timedelta(seconds=95),
    }


def _snapshot(pool_id, ticket, at, columns):
    counts = ("expected", "answered", "silent", "ghosts", "left_over", "retries")
    links = ("tcp", "udp", "tunnel", "cons", "sas")
    values = dict.fromkeys([*counts, *links], 0) | {"consistency": None, "seconds": 0.4, "complete": True}
    return {"pool_id": pool_id, "ticket_id": ticket, "started_at": at, **(values | columns)}


def _sample(ticket, host, at, load, rng):
    total = 4 * _GIB
    used = min(0.95, 0.35 + (host % 7) * 0.05 + rng.random() * 0.06)
    return {
        "ticket_id": ticket,
        "host_id": host,
        "taken_at": at,
        "cores": 4,
        "cpu": min(1.0, max(0.0, rng.gauss(load, 0.08))),
        "memory_total": total,
        "memory_free": int(total * (1 - used)),
    }
