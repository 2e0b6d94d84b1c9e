"""Stores what an action did on each host: one row for each host and ticket."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.fleet.agent.host_stats import PREFIX
from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.node import address
from p2ppool.pools.definition.jump_hosts import jump_target
from p2ppool.pools.recording.host_samples import keep_measured
from p2ppool.store.models import Host, HostResult, Pool

CLEARED = "cleared"
"""The fact of a host that no longer has anything of the pool."""
_IN_BATCH = 500  # values in one IN list, well below SQLite's limit
_FACTS_LIMIT: Final = 64
_FACT_LIMIT: Final = 1000  # an offered RSA key has about 700 characters


@dataclass(frozen=True)
class Tally:
    """Numbers of hosts of one ticket, by result."""

    done: int
    failed: int
    cut_off: int
    not_started: int

    @property
    def tried(self) -> int:
        """The number of all hosts with a result."""
        return self.done + self.failed + self.cut_off + self.not_started


def targets_of(pool: Pool) -> list[Target]:
    """Return the pool's hosts as targets of the fleet."""
    return [target_of(host) for host in pool.hosts]


def target_of(host: Host) -> Target:
    """Return a host as a target of the fleet."""
    return Target(
        key=host.id,
        name=host.name,
        address=host.address,
        port=host.port,
        host_key=host.host_key,
        jump=jump_target(host),
        is_manager=host.is_manager,
    )


def keep(session: Session, ticket_id: int, outcomes: Iterable[HostOutcome]) -> None:
    """Store the outcomes, and host keys seen for the first time; the caller commits."""
    for outcome in outcomes:
        session.merge(
            HostResult(
                ticket_id=ticket_id,
                host_id=outcome.target.key,
                error=outcome.error,
                step=outcome.step,
                message=outcome.message,
                seconds=outcome.seconds,
                facts=_facts_to_keep(outcome.facts),
            )
        )
        host = session.get_one(Host, outcome.target.key)
        host.host_key = host.host_key or outcome.host_key
        if outcome.jump_key and outcome.target.jump:
            jump = session.get_one(Host, outcome.target.jump.key)
            jump.host_key = jump.host_key or outcome.jump_key
        if outcome.error in {None, ErrorKind.ROLLED_BACK} and "digest" in outcome.facts:
            host.digest = outcome.facts["digest"] or None
        if package := outcome.facts.get("package"):
            host.facts = {**host.facts, "package": package}
        if outcome.error is None and CLEARED in outcome.facts:
            host.touched = False
        host.node_address = _address(outcome.facts) or host.node_address
        keep_measured(session, ticket_id, host, outcome.facts)


def _facts_to_keep(facts: Mapping[str, str]) -> dict[str, Any]:
    """Select a host's facts, bounded, without its measurements, which have their own table."""
    bounded = {one_line(name, 40): one_line(value, _FACT_LIMIT) for name, value in facts.items()}
    kept = ((name, value) for name, value in bounded.items() if not name.startswith(PREFIX))
    return dict(islice(kept, _FACTS_LIMIT))


def _address(facts: Mapping[str, str]) -> str | None:
    """Return the overlay address of the host's node; None if it reported none."""
    try:
        return address.write(address.parse(facts.get("address")))
    except address.AddressError:
        return None


def tally(session: Session, ticket_id: int) -> Tally:
    """Count the hosts of that ticket by result."""
    query = select(HostResult.error, HostResult.step).where(HostResult.ticket_id == ticket_id)
    rows = [(error, step) for error, step in session.execute(query)]
    cancelled = [step for error, step in rows if error == ErrorKind.CANCELLED]
    done = sum(error is None for error, _ in rows)
    return Tally(
        done=done,
        failed=len(rows) - done - len(cancelled),
        cut_off=sum(step != "" for step in cancelled),
        not_started=sum(step == "" for step in cancelled),
    )


def touch(session: Session, hosts: Iterable[Host]) -> None:
    """Record that something of the pool may be on these hosts from now on; the caller commits."""
    ids = [host.id for host in hosts]
    for start in range(0, len(ids), _IN_BATCH):
        chosen = Host.id.in_(ids[start : start + _IN_BATCH])
        session.execute(update(Host).where(chosen).values(touched=True))
