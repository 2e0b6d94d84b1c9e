"""The outbox: one thread sends mails, and retries when a mail server is briefly unavailable.

It is in memory. Mails lost with the process are logged when it ends.
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
_PAUSES: list[float] = [5.0, 60.0]  # seconds before each retry
_MOST: Final = 1000  # waiting mails
_KEPT: Final = 20  # failures
_AT_END: Final = 10.0  # seconds for waiting mails when the process ends


@dataclass(frozen=True)
class Failure:
    """A mail that was not sent, and the reason."""

    at: datetime
    to: str
    subject: str
    problem: str


NOTICES: Final = RateLimit((20, HOUR))
"""Limit per mailbox for mails caused by users and managers."""
OF_STRANGERS: Final = RateLimit((5, HOUR), (20, DAY))
"""Limit per mailbox for mails that anybody can cause without signing in."""

_failures: deque[Failure] = deque(maxlen=_KEPT)
_jobs: Final = Jobs(_MOST)
_starting = threading.Lock()
_ending = threading.Event()
_threads: list[threading.Thread] = []


def send(settings: Settings, to: str, subject: str, text: str, *, by_stranger: bool = False) -> bool:
    """Send a plain text mail in the background; return at once, and never raise.

    Args:
        settings: with the mail server.
        to: one address.
        subject: one line.
        text: of the mail; unprintable characters are left out.
        by_stranger: whether somebody caused it without signing in: the limit for those is lower.

    Returns:
        Whether it will be tried: not without a mail server, when the recipient must be informed
            otherwise, and not if the mailbox has received too many.
    """
    if not settings.has_mail or not (OF_STRANGERS if by_stranger else NOTICES).take(to):
        return False
    return soon(lambda: _try(settings, to, subject, text), f"mail to {one_line(to, 80)}")


def soon(job: Job, what: str) -> bool:
    """Do a job that ends in a mail in the background; False, and a recorded failure, if too many wait."""
    _start()
    if not _jobs.put(job):
        _fail(what, "", f"{_MOST} mails are already waiting")
        return False
    return True


def failures() -> Sequence[Failure]:
    """List the last mails of this process that were not sent, the latest first."""
    return list(reversed(_failures))


def wait() -> None:
    """Wait until all mails are sent."""
    _jobs.join()


def _try(settings: Settings, to: str, subject: str, text: str, tries: int = 0) -> None:
    try:
        deliver(settings, to, subject, text)
    except TryLaterError as error:
        if tries == len(_PAUSES) or _ending.is_set():
            _fail(to, subject, str(error))
        else:
            # After other due mails: a busy mailbox does not delay them.
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
    """Give waiting mails a moment and a last try, then log what is lost."""
    _ending.set()
    _jobs.hurry()
    if not _jobs.join(_AT_END):
        _LOG.error("%s mails were not sent, as the process ended", _jobs.left())
