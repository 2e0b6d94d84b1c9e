"""Daily work beside the dispatcher's rounds."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError

from p2ppool.errors import UserError, one_line

_DAY: Final = 24 * 3600.0  # seconds
_LOG: Final = logging.getLogger("p2ppool.daily")


def start_daily(name: str, work: Callable[[], object], first: float, leave: threading.Event) -> None:
    """Run `each_day` in a thread of its own that ends with the process."""
    threading.Thread(target=each_day, args=(name, work, first, leave), name=name, daemon=True).start()


def each_day(name: str, work: Callable[[], object], first: float, leave: threading.Event) -> None:
    """Do the work after `first` seconds and then once a day, until `leave`, whatever its results."""
    pause = first
    while not leave.wait(pause):
        once(name, work)
        pause = _DAY


def once(name: str, work: Callable[[], object]) -> None:
    """Do the work once; errors are logged."""
    try:
        work()
    except (UserError, DBAPIError) as error:
        _LOG.warning("%s: failed today, will be retried tomorrow: %s", name, one_line(error))
    except Exception:  # noqa: BLE001 - whatever it is, tomorrow it may go well
        _LOG.exception("%s: internal error", name)
