"""Work that the waiting thread can end: Prefect's cancel interrupts only the main thread, wherever it is."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK = 0.5  # seconds between two looks at the work
_CLOSING = 10.0  # seconds that ended work may take to clean up


def watched(work: Callable[[], T], look: Callable[[], None], end: Callable[[], None]) -> T:
    """The result of `work`, done in a thread of its own while this one calls `look` now and then.

    Where this thread is interrupted, it calls `end`, which must bring `work` to return soon, looks once more
    and goes on with the interruption. What `work` raises is raised here.
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
    except BaseException:
        end()
        ended.wait(_CLOSING)
        look()
        raise
    for error in errors:
        raise error
    return results[0]
