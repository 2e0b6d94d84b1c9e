"""Work in a thread of its own while this one looks at it now and then."""

import threading
from collections.abc import Callable
from typing import TypeVar

from p2ppool.cancel import CancelToken

T = TypeVar("T")

_LOOK = 0.5  # seconds between two looks at the work
_CLOSING = 10.0  # seconds that ended work may take to clean up


def run_with_progress(work: Callable[[], T], look: Callable[[], None], cancel: CancelToken) -> T:
    """The result of `work`, which `cancel` ends soon; this thread calls `look` now and then.

    What `work` raises is raised here. An error of `look` itself, or an interruption, cancels the work, waits
    for it and goes on.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    # Not Thread.join: interrupted by a signal's exception, it takes the thread for ended (CPython 3.11).
    ended = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)
        ended.set()

    try:
        threading.Thread(target=run, name="work", daemon=True).start()
        while not ended.wait(_LOOK):
            look()
        look()
    except BaseException as interruption:
        cancel.cancel(f"nobody watches the work any more ({type(interruption).__name__})")
        ended.wait(_CLOSING)
        raise
    for error in errors:
        raise error
    return results[0]
