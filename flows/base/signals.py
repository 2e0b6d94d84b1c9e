"""SIGTERM and SIGINT as a way to cancel."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from p2ppool.cancel import CancelToken


@contextmanager
def cancelled_by_signals(cancel: CancelToken) -> Iterator[None]:
    """Let both signals set `cancel` instead of raising an exception wherever the main thread happens to be.

    Prefect cancels a run by SIGTERM to its process. Only a main thread can take signals; in another it does
    nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(
            number, lambda number, _: cancel.cancel(f"its process got {signal.Signals(number).name}")
        )
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
