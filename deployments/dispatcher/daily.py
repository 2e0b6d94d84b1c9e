"""What is done each day beside the desk's rounds."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError

from p2ppool.errors import UserError, one_line

_DAY: Final = 24 * 3600.0  # seconds
_LOG: Final = logging.getLogger("p2ppool.daily")


def start_daily(name: str, work: Callable[[], object], first: float, leave: threading.Event) -> None:
    """Do it as `each_day` does, in a thread of its own that ends with the process."""
    threading.Thread(target=each_day, args=(name, work, first, leave), name=name, daemon=True).start()


def each_day(name: str, work: Callable[[], object], first: float, leave: threading.Event) -> None:
    """Do it `first` seconds from now and then once a day, until `leave`, however it went the day before."""
    pause = first
    while not leave.wait(pause):
        once(name, work)
        pause = _DAY


def once(name: str, work: Callable[[], object]) -> None:
    """Do it; what goes wrong is logged."""
    try:
        work()
    except (UserError, DBAPIError) as error:
        _LOG.warning("%s: not done today, and tried again tomorrow: %s", name, one_line(error))
    except Exception:  # noqa: BLE001 - whatever it is, tomorrow it may go well
        _LOG.exception("%s: internal error", name)
