"""What an action did on each host, kept: one row for each host and ticket."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from p2ppool.fleet.outcome import HostOutcome
from p2ppool.fleet.target import Target
from p2ppool.store.models import Host, HostResult, Pool


def targets_of(pool: Pool) -> list[Target]:
    """The pool's hosts as the fleet wants them."""
    return [
        Target(key=host.id, name=host.name, address=host.address, port=host.port, host_key=host.host_key)
        for host in pool.hosts
    ]


def keep(session: Session, ticket_id: int, outcomes: Iterable[HostOutcome]) -> None:
    """Store the outcomes and the host keys that were seen for the first time; the caller commits."""
    for outcome in outcomes:
        session.merge(
            HostResult(
                ticket_id=ticket_id,
                host_id=outcome.target.key,
                error=outcome.error,
                step=outcome.step,
                message=outcome.message,
                seconds=outcome.seconds,
            )
        )
        host = session.get_one(Host, outcome.target.key)
        host.host_key = host.host_key or outcome.host_key
        if outcome.error is None and "digest" in outcome.facts:
            host.digest = outcome.facts["digest"]
