"""The second look at nodes that were started: some end only after the agent has watched them for a moment."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.ended import ended
from p2ppool.fleet.host.outcome import FOUND_ON_HOST, HostOutcome
from p2ppool.fleet.transport.connection import Connection
from p2ppool.pools.recording import results
from p2ppool.store.models import Pool
from tasks.support.fan_out import describe, on_hosts
from tasks.support.folder import folder_request
from tasks.support.pause import LATER, pause
from tasks.support.progress import Progress


class _Silent(Progress):
    """Shows nothing: the hosts were counted when their nodes were started."""

    def __init__(self) -> None:
        pass

    def advance(self, steps: int) -> None:
        """Count nothing."""


def check_again(held: HeldTurn, pool: Pool, outcomes: Sequence[HostOutcome]) -> list[HostOutcome]:
    """Replace the outcomes of hosts whose node has ended since it was started; one short call for each.

    Raises:
        UserError: the key can't be read any more.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    started = {one.target.key: one for one in outcomes if one.ok and one.facts.get("changed") == "yes"}
    hosts = [host for host in pool.hosts if host.id in started]
    if not hosts or held.cancel.cancelled:
        return list(outcomes)
    pause(held, LATER)
    folder = folder_request(held, pool)

    def inspect(connection: Connection) -> Mapping[str, str]:
        found = verbs.check(connection, folder)
        if found.get("running") == "yes":
            return started[connection.target.key].facts
        connection.step = "start"  # a rollout then knows that the version was replaced
        raise ended(found, started[connection.target.key].facts)

    found_now = on_hosts(held, pool, inspect, hosts=hosts, progress=_Silent(), keep=_keep_ended)
    gone = {one.target.key: one for one in found_now if one.error in FOUND_ON_HOST}
    latest = [gone.get(one.target.key, one) for one in outcomes]
    describe(latest)
    return latest


def _keep_ended(session: Session, ticket_id: int, outcomes: list[HostOutcome]) -> None:
    """Store what has ended; the other hosts' results stay those of their installs."""
    results.keep(session, ticket_id, [one for one in outcomes if one.error in FOUND_ON_HOST])
