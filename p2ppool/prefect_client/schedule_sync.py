"""Keeps the schedules in Prefect in sync with the pools: created, paused, resumed and removed with them.

Prefect deletes a deployment's schedules with it. So what Prefect has is copied into our database every few
seconds, and comes back from there once the deployment has been made again. What somebody changes in Prefect
counts: a schedule that is missing on a deployment that is still the same was removed.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from p2ppool.actions import tickets
from p2ppool.prefect_client.default_schedules import belongs, default_schedules_for
from p2ppool.prefect_client.intervals import every, format_interval
from p2ppool.prefect_client.schedules import Schedule, Schedules
from p2ppool.settings import Settings
from p2ppool.store.models import Pool, PoolSchedule, PoolState
from p2ppool.store.unit_of_work import UnitOfWork, reading

_LOG: Final = logging.getLogger("p2ppool.schedules")


@dataclass(frozen=True)
class ScheduleKeeper:
    """Creates and updates schedules; whatever the Prefect server's absence interrupts, the next call
    completes.
    """

    engine: Engine
    schedules: Schedules
    config: Settings

    def make(self, pool_id: int) -> None:
        """Create the pool's missing schedules; none for an action that is not served.

        Raises:
            UserError: the Prefect server is away or refuses.
        """
        with reading(self.engine) as work:
            pool = work.session.get(Pool, pool_id)
        if pool is None:
            return
        there, served = {one.action for one in self.schedules.of(pool.name)}, self.schedules.served()
        for kind in default_schedules_for(pool, self.config):
            if kind.action not in there and kind.action in served:
                how = every(kind.seconds(self.config), pool.name, kind.action)
                self.schedules.add(served[kind.action], kind.action, pool.name, how)
                _LOG.info("pool %s: %s %s scheduled", pool.name, kind.action, format_interval(how))

    def keep(self) -> None:
        """Bring each schedule in line with its pool. None is created here, except for those that were lost
        with their deployment.

        Raises:
            UserError: the Prefect server is away or refuses.
        """
        # Before the pools: a schedule without a pool is then certainly left over.
        found, served = self.schedules.snapshot()
        self._copy(found, served)
        if self._restore_lost(found, served):
            found, _ = self.schedules.snapshot()
        with reading(self.engine) as work:
            pools = {pool.name: pool for pool in work.session.scalars(select(Pool))}
        for schedule in found:
            pool = pools.get(schedule.pool)
            if pool is not None:
                self._keep(schedule, pool)
            elif schedule.slug:  # without a slug, it may serve another purpose
                self.schedules.remove(schedule)
        for pool in pools.values():
            if pool.paused_schedules and pool.state is not PoolState.SUSPENDED:
                self._remember(pool.id, pool.state, [])

    def remember(self) -> None:
        """Copy the schedules of existing pools from Prefect into our database.

        Raises:
            UserError: the Prefect server is away or refuses.
        """
        self._copy(*self.schedules.snapshot())

    def _copy(self, found: Iterable[Schedule], served: Mapping[str, str]) -> None:
        by_slug = {one.slug: one for one in found if one.slug}
        deleted = self._deleted(by_slug, served)
        if deleted:  # Prefect may have read a deployment before it was deleted, but not its schedules
            again, served = self.schedules.snapshot()
            deleted &= self._deleted({one.slug for one in again}, served)
        with UnitOfWork(self.engine) as work:
            pools = {pool.name: pool.id for pool in work.session.scalars(select(Pool))}
            kept = {row.slug: row for row in work.session.scalars(select(PoolSchedule))}
            for slug in deleted & set(kept):
                work.session.delete(kept[slug])
            for slug, one in by_slug.items():
                if one.pool in pools and not _is_same(kept.get(slug), one):
                    work.session.merge(_row_of(one, pools[one.pool]))
            work.commit()

    def _deleted(self, found: Collection[str], served: Mapping[str, str]) -> set[str]:
        """Return the slugs that were deleted alone: they are missing, and their deployment is the same."""
        with reading(self.engine) as work:
            rows = list(work.session.scalars(select(PoolSchedule)))
        return {
            row.slug for row in rows if row.slug not in found and row.deployment == served.get(row.action)
        }

    def _restore_lost(self, found: Iterable[Schedule], served: Mapping[str, str]) -> bool:
        """Put schedules whose deployment was deleted onto the one that has replaced it; tell if there were
        any.
        """
        there = {one.slug for one in found}
        with reading(self.engine) as work:
            query = select(PoolSchedule, Pool).join(Pool, Pool.id == PoolSchedule.pool_id)
            lost = [
                row
                for row, pool in work.session.execute(query)
                if row.deployment != served.get(row.action, row.deployment)
                and row.slug not in there
                and belongs(row.action, pool)
            ]
        for row in lost:
            self._restore(row, served)
        return bool(lost)

    def _restore(self, row: PoolSchedule, served: Mapping[str, str]) -> None:
        deployment = served[row.action]
        ident = self.schedules.restore(deployment, row.slug, row.how, row.parameters, active=row.active)
        with UnitOfWork(self.engine) as work:
            pool = tickets.lock(work.session, row.pool_id)
            if row.prefect_id in pool.paused_schedules:
                pool.paused_schedules = sorted({*pool.paused_schedules, ident} - {row.prefect_id})
            work.session.get_one(PoolSchedule, row.slug).prefect_id = ident
            work.session.get_one(PoolSchedule, row.slug).deployment = deployment
            work.commit()
        _LOG.warning(
            "pool %s: the deployment of %s was replaced: its schedule is back", pool.name, row.action
        )

    def _keep(self, schedule: Schedule, pool: Pool) -> None:
        if not belongs(schedule.action, pool):
            self.schedules.remove(schedule)
        elif pool.state is PoolState.SUSPENDED and schedule.active:
            self._pause(schedule, pool)
        elif pool.state is PoolState.ACTIVE and schedule.id in pool.paused_schedules:
            self.schedules.change(schedule, active=True)
        elif not schedule.intact:
            self.schedules.change(schedule)

    def _pause(self, schedule: Schedule, pool: Pool) -> None:
        """Pause a schedule, after recording it: if interrupted, nothing stays paused forever."""
        if self._remember(pool.id, PoolState.SUSPENDED, {*pool.paused_schedules, schedule.id}):
            pool.paused_schedules = [*pool.paused_schedules, schedule.id]
            self.schedules.change(schedule, active=False)

    def _remember(self, pool_id: int, state: PoolState, paused: Iterable[str]) -> bool:
        """Record which schedules to resume; False if the pool is no longer in that state."""
        with UnitOfWork(self.engine) as work:
            pool = tickets.lock(work.session, pool_id)
            if pool.state is not state:
                return False
            pool.paused_schedules = sorted(paused)
            work.commit()
        return True


def _row_of(schedule: Schedule, pool_id: int) -> PoolSchedule:
    return PoolSchedule(
        slug=schedule.slug,
        pool_id=pool_id,
        action=schedule.action,
        prefect_id=schedule.id,
        deployment=schedule.deployment,
        how=dict(schedule.how),
        parameters={**schedule.parameters, "pool": schedule.pool},
        active=schedule.active,
    )


def _is_same(row: PoolSchedule | None, schedule: Schedule) -> bool:
    """Tell whether the row is still true: nothing is written then."""
    if row is None:
        return False
    new = _row_of(schedule, row.pool_id)
    names = ("prefect_id", "deployment", "how", "parameters", "active")
    return all(getattr(row, name) == getattr(new, name) for name in names)


def let_resume(session: Session, pool: Pool, schedule: str, *, resumes: bool) -> None:
    """Record whether a schedule of a suspended pool resumes with it; the caller commits."""
    locked = tickets.lock(session, pool.id)
    kept = {one for one in locked.paused_schedules if one != schedule}
    locked.paused_schedules = sorted(kept | {schedule} if resumes else kept)
