"""Keeps the schedules in Prefect in sync with the pools: created, paused, resumed and removed with them."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from p2ppool.actions import tickets
from p2ppool.prefect_client.default_schedules import belongs, default_schedules_for
from p2ppool.prefect_client.intervals import every, format_interval
from p2ppool.prefect_client.schedules import Schedule, Schedules
from p2ppool.settings import Settings
from p2ppool.store.models import Pool, PoolState
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
        """Bring each schedule in line with its pool. None is created here.

        Raises:
            UserError: the Prefect server is away or refuses.
        """
        found = (
            self.schedules.all()
        )  # before the pools: a schedule without a pool is then certainly left over
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


def let_resume(session: Session, pool: Pool, schedule: str, *, resumes: bool) -> None:
    """Record whether a schedule of a suspended pool resumes with it; the caller commits."""
    locked = tickets.lock(session, pool.id)
    kept = {one for one in locked.paused_schedules if one != schedule}
    locked.paused_schedules = sorted(kept | {schedule} if resumes else kept)
