"""Holding a turn from inside the process that acts: renewing its lease, and hearing that it is to end."""

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
"""Seconds between two renewals, and so until a holder hears that it was preempted."""

_LOG: Final = logging.getLogger(__name__)
_SAFE: Final = (
    0.8  # of a lease: a holder that could not renew for so long ends before others take it for dead
)
_GRACE: Final = 0.2  # seconds


class HeldTurn:
    """`with Holding(engine, turn, lease) as held:` renews in a thread; `held.cancel` tells all work to end.

    A turn that is lost cancels too. Nothing can be written for it any more: each write asks for the turn.
    """

    def __init__(self, engine: Engine, turn: Turn, lease: float, cancel: CancelToken) -> None:
        """`lease` in seconds, as those who watch it have it; `cancel` may be set by others too."""
        self.turn = turn
        self.cancel = cancel
        self._engine = engine
        self._lease = lease
        self._renewed = time.monotonic()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        for work in (self._renew, self._see_whether_late):
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
            why = turns.renew(self._engine, self.turn)
        except TurnLost as error:
            self._lose(str(error))
        except SQLAlchemyError as error:
            _LOG.warning("the lease could not be renewed: %s", error)
        else:
            self._renewed = began
            if why is not None and not self.cancel.cancelled:
                self.cancel.cancel(why)

    def _see_whether_late(self) -> None:
        """In a thread of its own: a database that hangs does not let the renewal return.

        A process that was stopped finds itself late when it goes on, and is given time to renew first.
        """
        if self._is_late() and not self._over.wait(_GRACE) and self._is_late():
            self._lose("the database did not answer for most of a lease")

    def _is_late(self) -> bool:
        return time.monotonic() - self._renewed > self._lease * _SAFE

    def _lose(self, why: str) -> None:
        self._over.set()
        self.cancel.cancel(why)
