"""Holding a turn in the process that acts: renewing its lease, and learning that it must stop."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from p2ppool.actions import turns
from p2ppool.actions.turns import Turn, TurnLost
from p2ppool.cancel import CancelToken

RENEWAL: Final = 0.5
"""Seconds between two renewals, and so the delay until an owner learns that it was preempted."""

_LOG: Final = logging.getLogger(__name__)
_SAFE: Final = 0.8  # of a lease: an owner that cannot renew for so long stops before others consider it dead
_GRACE: Final = 0.2  # seconds


class HeldTurn:
    """A context that renews a turn's lease in a thread; its `cancel` tells all work to stop.

    A lost turn cancels, too. Nothing can be written for it any more: each write requires the turn.
    """

    def __init__(self, engine: Engine, turn: Turn, lease: float, cancel: CancelToken) -> None:
        """`lease` in seconds, the same as for those who watch it; `cancel` may be set by others, too."""
        self.turn = turn
        self.cancel = cancel
        self._engine = engine
        self._lease = lease
        self._renewed = time.monotonic()
        self._over = threading.Event()
        self._raising = threading.Lock()  # a renewal must not find the fence raised, but not here

    def fence(self) -> int:
        """Return the turn's fence as it is now."""
        return self.turn.fence

    def raise_fence(self, above: int) -> None:
        """Raise the fence above one that a host has seen; of several threads, the first one does it.

        Raises:
            TurnLost: the turn is somebody else's now.
        """
        with self._raising:
            if self.turn.fence <= above:
                self.turn = turns.raise_fence(self._engine, self.turn, above)

    def __enter__(self) -> Self:
        for work in (self._renew, self._check_late):
            threading.Thread(target=self._repeat, args=(work,), name="lease", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._over.wait(RENEWAL):
            work()

    def _renew(self) -> None:
        began = time.monotonic()
        try:
            with self._raising:
                why = turns.renew(self._engine, self.turn)
        except TurnLost as error:
            self._lose(str(error))
        except SQLAlchemyError as error:
            _LOG.warning("the lease could not be renewed: %s", error)
        else:
            self._renewed = began
            if why is not None and not self.cancel.cancelled:
                self.cancel.cancel(why)

    def _check_late(self) -> None:
        """Cancel when renewals are overdue; in a thread of its own, because a hanging database blocks
        renewals.

        A process that was paused finds itself late when it continues, and gets time to renew first.
        """
        if self._is_late() and not self._over.wait(_GRACE) and self._is_late():
            self._lose("the database did not answer for most of a lease")

    def _is_late(self) -> bool:
        return time.monotonic() - self._renewed > self._lease * _SAFE

    def _lose(self, why: str) -> None:
        self._over.set()
        self.cancel.cancel(why)
