"""How the steps of an action use the database: a short absence of it costs no action.

A restart or a lost connection takes seconds; an action holds its turn for a lease, in which all is tried
again. Whatever is done here may thus be done twice: it must not add to what it did before.
"""

from collections.abc import Callable
from typing import TypeVar

from p2ppool.actions import turns
from p2ppool.actions.turns import Turn
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.unit_of_work import UnitOfWork, reading, retry_for

T = TypeVar("T")


def look(query: Callable[[UnitOfWork], T]) -> T:
    """What `query` reads.

    Raises:
        OperationalError: the database does not answer for the length of a lease.
    """

    def once() -> T:
        with reading(get_engine()) as work:
            return query(work)

    return with_retry(once)


def write(change: Callable[[UnitOfWork], T]) -> T:
    """Make a change and keep it, whole or not at all.

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
    """The same, if the turn is still held.

    Raises:
        TurnLost: the turn is somebody else's now; nothing was written.
        OperationalError: as above.
    """

    def held(work: UnitOfWork) -> T:
        turns.require(work.session, turn)
        return change(work)

    return write(held)


def with_retry(work: Callable[[], T]) -> T:
    """The result of `work`, tried again for the length of a lease while the database does not answer."""
    return retry_for(work, settings().turn_lease)
