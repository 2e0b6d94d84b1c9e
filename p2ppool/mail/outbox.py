"""What is still to be sent: one thread does it, and tries again where a mail server is away for a moment.

The list is in memory. What is lost with the process is logged as it ends.
"""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import Full, Queue
from typing import Final

from p2ppool.errors import UserError, one_line
from p2ppool.mail.sending import deliver
from p2ppool.settings import Settings
from p2ppool.store.types import now

_LOG: Final = logging.getLogger(__name__)
_PAUSES: list[float] = [0.0, 5.0, 60.0]  # seconds before each try
_MOST: Final = 1000  # that wait
_KEPT: Final = 20  # failures
_AT_END: Final = 10.0  # seconds that a process gives what waits as it ends


@dataclass(frozen=True)
class Failure:
    """A mail that was not sent, and why."""

    at: datetime
    to: str
    subject: str
    problem: str


_failures: deque[Failure] = deque(maxlen=_KEPT)
_jobs: Queue[Callable[[], None]] = Queue(_MOST)
_starting = threading.Lock()
_ending = threading.Event()
_threads: list[threading.Thread] = []


def send(settings: Settings, to: str, subject: str, text: str) -> bool:
    """Send a plain text mail soon; at once back, and without an error of its own.

    Args:
        settings: with the mail server.
        to: one address.
        subject: one line.
        text: of the mail; what can't be printed is left out.

    Returns:
        Whether there is a mail server at all: without one, whoever is to know must be told otherwise.
    """
    if not settings.has_mail:
        return False
    return soon(lambda: _try(settings, to, subject, text), f"mail to {one_line(to, 80)}")


def soon(job: Callable[[], None], what: str) -> bool:
    """Do something that ends in a mail beside the work; False where too much waits, which is noted."""
    _start()
    try:
        _jobs.put_nowait(job)
    except Full:
        _fail(what, "", f"{_MOST} mails wait already")
        return False
    return True


def failures() -> Sequence[Failure]:
    """The last mails of this process that were not sent, the latest first."""
    return list(reversed(_failures))


def wait() -> None:
    """Until nothing waits to be sent any more."""
    _jobs.join()


def _try(settings: Settings, to: str, subject: str, text: str) -> None:
    problem = ""
    for pause in _PAUSES:
        if pause and _ending.wait(pause):
            break
        try:
            deliver(settings, to, subject, text)
        except UserError as error:
            problem = str(error)
        else:
            return
    _fail(to, subject, problem)


def _fail(to: str, subject: str, problem: str) -> None:
    failure = Failure(now(), one_line(to, 80), one_line(subject, 150), one_line(problem))
    _failures.append(failure)
    _LOG.error("mail to %s (%s) was not sent: %s", failure.to, failure.subject, failure.problem)


def _start() -> None:
    with _starting:
        if not _threads or not _threads[-1].is_alive():
            _threads[:] = [threading.Thread(target=_work, name="mail", daemon=True)]
            _threads[-1].start()


def _work() -> None:
    while True:
        job = _jobs.get()
        try:
            job()
        except Exception as error:  # noqa: BLE001 - the thread goes on with the next, and managers see it
            _fail("", "", f"{type(error).__name__}: {error}")
        finally:
            _jobs.task_done()


@atexit.register
def _end() -> None:
    """Give what waits a moment, then say what is lost."""
    if not _jobs.unfinished_tasks:
        return
    _ending.set()
    waiting = threading.Thread(target=_jobs.join, daemon=True)
    waiting.start()
    waiting.join(_AT_END)
    if left := _jobs.unfinished_tasks:
        _LOG.error("%s mails were not sent, as the process ended", left)
