"""One transaction, from the first query to the commit."""

from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from p2ppool.store.visibility import restrict

T = TypeVar("T")
_PAUSE = 0.5  # seconds between two tries


class UnitOfWork:
    """`with UnitOfWork(engine) as work: …; work.commit()`; without the commit all is rolled back.

    Rows that were read stay usable afterwards. With `writes=False` it takes no lock on SQLite and can't
    commit. With `durable=False` its commit costs SQLite no wait for the disk, and a power cut may undo it.
    """

    def __init__(self, engine: Engine, *, writes: bool = True, durable: bool = True) -> None:
        """Prepare the unit; the transaction starts with the first query."""
        self._engine = engine.execution_options(writes=writes, durable=durable)
        self._writes = writes

    def __enter__(self) -> Self:
        self.session = Session(self._engine, expire_on_commit=False)
        restrict(self.session, self._engine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.expunge_all()
        self.session.close()

    def commit(self) -> None:
        """Commit the changes; a further query starts a new transaction.

        Raises:
            RuntimeError: the unit was opened for reading.
        """
        if not self._writes:
            raise RuntimeError("a unit of work opened for reading can't commit")
        self.session.commit()


def reading(engine: Engine) -> UnitOfWork:
    """Open a unit of work that only reads."""
    return UnitOfWork(engine, writes=False)


def retry_for(work: Callable[[], T], seconds: float) -> T:
    """Run `work`, retrying for up to `seconds` while the database does not answer.

    Raises:
        OperationalError: it still does not.
        InterfaceError: the same, as some drivers tell it.
    """
    tries = Retrying(
        retry=retry_if_exception_type((OperationalError, InterfaceError)),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(_PAUSE),
        reraise=True,
    )
    return tries(work)
