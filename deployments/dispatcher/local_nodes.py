"""Keeps local nodes running: a crashed one, or one missing after a reboot, is restarted."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError, NoResultFound

from p2ppool.actions import processes
from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError, one_line
from p2ppool.pools.rollout import local_node
from p2ppool.settings import Settings
from p2ppool.store.models import Pool, PoolState, Ticket, TicketState
from p2ppool.store.unit_of_work import reading
from tasks.support.pool import loaded

READ: Final = 2.0
"""Seconds between two checks."""

_LOG: Final = logging.getLogger("p2ppool.local_nodes")
_LONGEST: Final = 300.0  # seconds between two tries with a node that does not stay up
_STEADY: Final = 60.0  # seconds after which a node counts as stable


@dataclass
class _Tries:
    """The recent restarts of a pool's node."""

    count: int = 0
    last: float = 0.0

    def may(self, moment: float) -> bool:
        """Tell whether another try is due: at once the first time, then after doubling pauses."""
        return self.count == 0 or moment - self.last >= min(_LONGEST, READ * 2**self.count)

    def note(self, moment: float) -> None:
        """Count a try; after a long time without any, it is the first again."""
        self.count = 1 if moment - self.last > _LONGEST + _STEADY else self.count + 1
        self.last = moment


@dataclass
class LocalNodes:
    """The local nodes of all active pools on this machine.

    A pool with a running turn is left alone. Work under the fence of an ended turn is harmless: the agent of
    a later turn ends it, and the folder refuses a lower fence.
    """

    engine: Engine
    config: Settings
    clock: Callable[[], float] = time.monotonic
    _tries: dict[int, _Tries] = field(default_factory=dict, init=False)
    _cancel: CancelToken = field(default_factory=CancelToken, init=False)

    def watch(self, leave: threading.Event) -> None:
        """Check repeatedly until `leave`; errors are logged and retried."""
        while not leave.wait(READ):
            try:
                self.check()
            except DBAPIError as error:
                _LOG.warning("%s", one_line(error))
            except Exception:  # noqa: BLE001 - whatever it is, the other nodes must be looked after
                _LOG.exception("internal error")

    def leave(self) -> None:
        """Cancel the starts in progress."""
        self._cancel.cancel("the manager stops")

    def check(self) -> None:
        """Start each node that should run and does not."""
        for pool in self._at_rest():
            if not self._cancel.cancelled and not self._runs(pool):
                tries = self._tries.setdefault(pool.id, _Tries())
                if tries.may(self.clock()):
                    tries.note(self.clock())
                    self._start(pool)

    def _at_rest(self) -> list[Pool]:
        """List active pools that have had a turn, except those that have one now."""
        busy = select(Ticket.pool_id).where(Ticket.state == TicketState.RUNNING)
        query = select(Pool).where(Pool.state == PoolState.ACTIVE, Pool.fence > 0, Pool.id.not_in(busy))
        with reading(self.engine) as work:
            return list(work.session.scalars(query))

    def _runs(self, pool: Pool) -> bool:
        known = local_node.process_of(pool, self.config)
        return known is not None and processes.runs(*known)

    def _start(self, pool: Pool) -> None:
        _LOG.warning("the local node of pool %s does not run: restarting it", pool.name)
        try:
            # Loaded only now, but under the fence of the check: a turn in between wins.
            local_node.ensure_running(loaded(pool.id), self.config, pool.fence, self._cancel)
        except NoResultFound:
            pass  # the pool was deleted meanwhile
        except UserError as error:
            _LOG.warning("%s", error)
        else:
            _LOG.info("the local node of pool %s runs again", pool.name)
