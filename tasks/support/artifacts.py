"""Artifacts in Prefect, made beside the work: a server that is away or hangs delays no action.

One thread sends them. Of artifacts under the same key only the latest is sent, if the server is slow.
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Final

import httpx
from prefect import get_run_logger
from prefect.exceptions import PrefectException

Work = Callable[[], object]


class _Sender:
    """The thread, started when there is something to send."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, Work] = {}
        self._busy = False
        self._started = False
        self.on = True

    def put(self, key: str, work: Work) -> None:
        """Let `work` be done soon, instead of what waits under the same key."""
        context = copy_context()  # in which Prefect finds the run
        with self._changed:
            self._waiting[key] = lambda: context.run(_tried, work)
            if not self._started:
                self._started = True
                threading.Thread(target=self._send, name="artifacts", daemon=True).start()
            self._changed.notify_all()

    def flush(self, seconds: float) -> None:
        """Wait until everything is sent, at most for so long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                work = self._waiting.pop(next(iter(self._waiting)))
                self._busy = True
            work()
            with self._changed:
                self._busy = False
                self._changed.notify_all()


_SENDER: Final = _Sender()


def send(key: str, work: Work) -> None:
    """Do `work`, which makes or changes an artifact, in the background; a failure is logged."""
    if _SENDER.on:
        _SENDER.put(key, work)


def flush(seconds: float) -> None:
    """Wait until everything is sent, at most for so long."""
    _SENDER.flush(seconds)


def switch_off() -> None:
    """Send nothing any more: this process works without Prefect."""
    _SENDER.on = False


def _tried(work: Work) -> None:
    try:
        work()
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the Prefect server does not accept an artifact: %s", error)
