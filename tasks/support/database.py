"""Database access of steps: a short outage costs no action.

A restart or a lost connection takes seconds; an action holds its turn for a lease, during which everything is
retried. So changes may run twice, and must not add to what they did before.
"""

from collections.abc import Callable
from typing import TypeVar

from p2ppool.actions import turns
from p2ppool.actions.turns import Turn
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.unit_of_work import UnitOfWork, reading, retry_for

T = TypeVar("T")


def read(query: Callable[[UnitOfWork], T]) -> T:
    """Run a reading query, and return its result.

    Raises:
        OperationalError: the database does not answer for the length of a lease.
    """

    def once() -> T:
        with reading(get_engine()) as work:
            return query(work)

    return with_retry(once)


def write(change: Callable[[UnitOfWork], T]) -> T:
    """Run a change and commit it as a whole.

    Raises:
        OperationalError: the database does not answer for the length of a lease.
    """

    def once() -> T:
        with UnitOfWork(get_engine()) as work:
            found = change(work)
            work.commit()
            return found

    return with_retry(once)


def write_in_turn(turn: Turn, change: Callable[[UnitOfWork], T]) -> T:
    """Run a change and commit it, if the turn is still held.

    Raises:
        TurnLost: the turn is somebody else's now; nothing was written.
        OperationalError: as above.
    """

    def held(work: UnitOfWork) -> T:
        turns.require(work.session, turn)
        return change(work)

    return write(held)


def with_retry(work: Callable[[], T]) -> T:
    """Run `work`, retrying for the length of a lease while the database does not answer."""
    return retry_for(work, settings().turn_lease)
