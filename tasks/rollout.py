"""The steps of an upgrade: planning it, installing it in stages, and keeping or undoing it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.fan_out.failure_limit import FailureCounter, FailureLimit
from p2ppool.fleet.fan_out.host_job import Job
from p2ppool.fleet.host.outcome import FOUND_ON_HOST, ErrorKind, HostFault, HostOutcome
from p2ppool.fleet.inventory.hosts_file import read_hosts
from p2ppool.fleet.inventory.resolve import ResolvedHost, resolve
from p2ppool.fleet.transport.connection import Connection
from p2ppool.pools.definition import versions
from p2ppool.pools.definition.upgrade_spec import UpgradeSpec
from p2ppool.pools.definition.versions import Version
from p2ppool.pools.rollout.stages import stages
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.reports.hosts.last_results import went_well_last
from p2ppool.settings import settings
from p2ppool.store.models import Host, Pool, Ticket
from p2ppool.store.unit_of_work import UnitOfWork
from tasks.hosts import installing, touch
from tasks.late_ends import check_again
from tasks.support.database import read, write_in_turn
from tasks.support.fan_out import describe, on_hosts
from tasks.support.folder import folder_request, uninstall_from
from tasks.support.pool import loaded_pool, pool_of
from tasks.support.progress import Progress, link_to_page

_NEVER_INSIDE = frozenset({"", "connect", "handshake", "login"})
"""Steps before the agent runs: nothing was changed."""
_REPLACING = frozenset({"stop", "start", "roll back"})
"""Steps of the agent in which one version replaces another."""


@dataclass(frozen=True)
class Rollout:
    """An upgrade in progress.

    Attributes:
        old: the pool as it is.
        new: the pool as it will be.
        version: the difference.
        stages: hosts of the new version, one stage after the other.
        leaving: hosts that it removes.
    """

    old: Pool
    new: Pool
    version: Version
    stages: tuple[tuple[Host, ...], ...]
    leaving: tuple[Host, ...]
    progress: Progress
    failures: FailureCounter

    @property
    def joining(self) -> list[Host]:
        """Hosts that it adds."""
        known = {host.id for host in self.old.hosts}
        return [host for host in self.new.hosts if host.id not in known]


@task(name="plan the changes", cache_policy=NO_CACHE)
def begin_rollout(held: HeldTurn, spec: UpgradeSpec) -> Rollout:
    """Resolve everything that `spec` names, and add rows for new hosts, which are not members yet.

    Raises:
        UserError: something in the spec can't be used; nothing was written.
        TurnLost: the turn is somebody else's now.
    """
    listed = None if spec.hosts is None else read_hosts(spec.hosts, spec.ssh_port, spec.hosts_format)
    hosts = None if listed is None else resolve(listed)
    version = write_in_turn(held.turn, lambda work: _admit(work, held.turn.pool_id, spec, hosts))
    old = pool_of(held.turn)
    new = read(lambda work: versions.with_version(work.session, loaded_pool(work.session, old.id), version))
    reliable = read(lambda work: went_well_last(work.session, new.id))
    kept = {host.id for host in new.hosts}
    leaving = tuple(host for host in old.hosts if host.id not in kept)
    link_to_page(old.name)
    return Rollout(
        old=old,
        new=new,
        version=version,
        stages=tuple(stages(new.hosts, reliable, spec.canary, spec.batch)),
        leaving=leaving,
        progress=Progress(held, len(new.hosts) + len(leaving), "hosts"),
        failures=FailureCounter(_limit(spec, new), held.cancel),
    )


def _limit(spec: UpgradeSpec, pool: Pool) -> FailureLimit:
    percent = pool.failure_limit if spec.failure_limit is None else spec.failure_limit
    return FailureLimit(len(pool.hosts), percent, spec.failure_count)


def _admit(
    work: UnitOfWork, pool_id: int, spec: UpgradeSpec, hosts: Sequence[ResolvedHost] | None
) -> Version:
    pool = work.session.get_one(Pool, pool_id)
    version = versions.read_version(work, pool, spec, hosts, settings().local_node_address)
    versions.admit(work.session, pool, version)
    if not spec.dry_run:
        versions.update_routes(work.session, pool, version)
    return version


@task(name="install the new version", cache_policy=NO_CACHE)
def install_stage(held: HeldTurn, rollout: Rollout, stage: Sequence[Host]) -> list[HostOutcome]:
    """Install it on these hosts; one on which the new version does not stay up rolls back by itself.

    Raises:
        UserError: the package or the key can't be read any more.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    touch(held, stage)
    job = installing(held, rollout.new)
    outcomes = on_hosts(
        held, rollout.new, job, hosts=stage, failures=rollout.failures, progress=rollout.progress
    )
    latest = check_again(held, rollout.new, outcomes)
    rollout.failures.count(after for before, after in zip(outcomes, latest, strict=True) if before.ok)
    return latest


@task(name="make it the pool's version", cache_policy=NO_CACHE)
def keep_version(held: HeldTurn, rollout: Rollout, outcomes: Sequence[HostOutcome]) -> None:
    """Make it the pool's version, and mark hosts that it does not list as leaving.

    Raises:
        TurnLost: the turn is somebody else's now; nothing was written.
    """
    write_in_turn(held.turn, lambda work: _keep(work.session, held, rollout))
    describe(outcomes)


def _keep(session: Session, held: HeldTurn, rollout: Rollout) -> None:
    pool = session.get_one(Pool, held.turn.pool_id)
    before = versions.version_of(pool).settings()
    versions.adopt(session, pool, rollout.version)
    who = session.get_one(Ticket, held.turn.ticket_id).requester
    changes = audit.differences(before, rollout.version.settings())
    if rollout.leaving:
        changes["hosts taken out"] = [host.name for host in rollout.leaving]
    if rollout.joining:
        changes["hosts added"] = [host.name for host in rollout.joining]
    audit.note(session, Subject.of(pool), who, "upgrade", changes)


@dataclass(frozen=True)
class Undone:
    """The result of rolling back an aborted upgrade.

    Attributes:
        back: the number of hosts with the previous version.
        unsure: names of the hosts for which that is not known.
    """

    back: int
    unsure: tuple[str, ...]


@task(name="roll back", cache_policy=NO_CACHE)
def roll_back(held: HeldTurn, rollout: Rollout, outcomes: Sequence[HostOutcome]) -> Undone:
    """Undo the upgrade wherever it may have changed something.

    Raises:
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    changed = {outcome.target.key for outcome in outcomes if _may_have_changed(outcome)}
    hosts = [host for stage in rollout.stages for host in stage if host.id in changed]
    undo = _undoing(held, rollout, {one.target.key: one.message for one in outcomes})
    undone = on_hosts(held, rollout.old, undo, hosts=hosts, progress=rollout.progress) if hosts else []
    unsure = {one.target.key: one.target.name for one in undone if one.error is not ErrorKind.ROLLED_BACK}
    write_in_turn(held.turn, lambda work: abort(work.session, held.turn.pool_id, set(unsure)))
    latest = {outcome.target.key: outcome for outcome in (*outcomes, *undone)}
    describe(list(latest.values()))
    return Undone(len(undone) - len(unsure), tuple(unsure.values()))


def _undoing(held: HeldTurn, rollout: Rollout, why: Mapping[int, str]) -> Job:
    """Build the job that restores a host's previous version; none, for a host that was about to join.

    `why` holds the faults of hosts that failed: their results keep them.
    """
    members = {host.id for host in rollout.old.hosts}
    install = installing(held, rollout.old)
    uninstall = uninstall_from(folder_request(held, rollout.old))

    def undo(connection: Connection) -> dict[str, str]:
        is_member = connection.target.key in members
        facts = dict((install if is_member else uninstall)(connection))
        raise HostFault(ErrorKind.ROLLED_BACK, why.get(connection.target.key, ""), facts)

    return undo


def _may_have_changed(outcome: HostOutcome) -> bool:
    if outcome.ok:
        return outcome.facts.get("changed") != "no"
    if outcome.error in FOUND_ON_HOST:
        return outcome.step in _REPLACING
    return outcome.step not in _NEVER_INSIDE  # unknown after the host's last report


def abort(session: Session, pool_id: int, reached: Collection[int] = ()) -> None:
    """Abort a rollout: joining hosts are dropped, except those that it reached."""
    versions.abort(session, session.get_one(Pool, pool_id), set(reached))
