"""What is still to be sent: one thread does it, and tries again where a mail server is away for a moment.

The list is in memory. What is lost with the process is logged as it ends.
"""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from p2ppool.errors import UserError, one_line
from p2ppool.mail.jobs import Job, Jobs
from p2ppool.mail.rate_limit import DAY, HOUR, RateLimit
from p2ppool.mail.sending import TryLaterError, deliver
from p2ppool.settings import Settings
from p2ppool.store.types import now

_LOG: Final = logging.getLogger(__name__)
_PAUSES: list[float] = [5.0, 60.0]  # seconds before each further try
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


NOTICES: Final = RateLimit((20, HOUR))
"""To one mailbox: of what users and managers do."""
OF_STRANGERS: Final = RateLimit((5, HOUR), (20, DAY))
"""To one mailbox: of what anybody can set off who has not signed in."""

_failures: deque[Failure] = deque(maxlen=_KEPT)
_jobs: Final = Jobs(_MOST)
_starting = threading.Lock()
_ending = threading.Event()
_threads: list[threading.Thread] = []


def send(settings: Settings, to: str, subject: str, text: str, *, by_stranger: bool = False) -> bool:
    """Send a plain text mail soon; at once back, and without an error of its own.

    Args:
        settings: with the mail server.
        to: one address.
        subject: one line.
        text: of the mail; what can't be printed is left out.
        by_stranger: whether somebody set it off who has not signed in: of those, a mailbox gets fewer.

    Returns:
        Whether it will be tried: not without a mail server, when whoever is to know must be told otherwise,
        and not where the mailbox got too many already.
    """
    if not settings.has_mail or not (OF_STRANGERS if by_stranger else NOTICES).take(to):
        return False
    return soon(lambda: _try(settings, to, subject, text), f"mail to {one_line(to, 80)}")


def soon(job: Job, what: str) -> bool:
    """Do something that ends in a mail beside the work; False where too much waits, which is noted."""
    _start()
    if not _jobs.put(job):
        _fail(what, "", f"{_MOST} mails wait already")
        return False
    return True


def failures() -> Sequence[Failure]:
    """The last mails of this process that were not sent, the latest first."""
    return list(reversed(_failures))


def wait() -> None:
    """Until nothing waits to be sent any more."""
    _jobs.join()


def _try(settings: Settings, to: str, subject: str, text: str, tries: int = 0) -> None:
    try:
        deliver(settings, to, subject, text)
    except TryLaterError as error:
        if tries == len(_PAUSES) or _ending.is_set():
            _fail(to, subject, str(error))
        else:
            # Behind what is due before: one mailbox that is busy keeps no other mail waiting.
            _jobs.put_back(lambda: _try(settings, to, subject, text, tries + 1), _PAUSES[tries])
    except UserError as error:
        _fail(to, subject, str(error))


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
        job = _jobs.take()
        try:
            job()
        except Exception as error:  # noqa: BLE001 - the thread goes on with the next, and managers see it
            _fail("", "", f"{type(error).__name__}: {error}")
        finally:
            _jobs.done()


@atexit.register
def _end() -> None:
    """Give what waits a moment and a last try, then say what is lost."""
    _ending.set()
    _jobs.hurry()
    if not _jobs.join(_AT_END):
        _LOG.error("%s mails were not sent, as the process ended", _jobs.left())
