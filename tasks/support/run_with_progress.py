"""Work in a thread of its own, whose progress this thread reports."""

import threading
from collections.abc import Callable
from typing import TypeVar

from p2ppool.cancel import CancelToken

T = TypeVar("T")

_INTERVAL = 0.5  # seconds between two checks at the work
_CLOSING = 10.0  # seconds that ended work may take to clean up


def run_with_progress(work: Callable[[], T], report: Callable[[], None], cancel: CancelToken) -> T:
    """Return the result of `work`, which `cancel` ends soon; this thread calls `report` now and then.

    Errors of `work` are raised here. An error of `report`, or an interruption, cancels the work, waits for
    it, and is raised again.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    # Not Thread.join: interrupted by a signal's exception, it considers the thread ended (CPython 3.11).
    ended = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)
        ended.set()

    try:
        threading.Thread(target=run, name="work", daemon=True).start()
        while not ended.wait(_INTERVAL):
            report()
        report()
    except BaseException as interruption:
        cancel.cancel(f"the work is no longer watched ({type(interruption).__name__})")
        ended.wait(_CLOSING)
        raise
    for error in errors:
        raise error
    return results[0]
