"""A switch that cancels a whole fan-out."""

from collections.abc import Callable
from contextlib import ExitStack


class CancelToken:
    """A token that is cancelled once and for all; the first reason counts.

    It holds no lock: a signal handler may call `cancel` while the same thread is inside any method here.
    Single operations on lists and dicts are atomic, and nothing else is required.
    """

    def __init__(self) -> None:
        self._reasons: list[str] = []
        self._callbacks: dict[object, Callable[[], object]] = {}

    @property
    def cancelled(self) -> bool:
        return bool(self._reasons)

    @property
    def reason(self) -> str:
        """The reason; empty until cancelled."""
        return self._reasons[0] if self._reasons else ""

    def cancel(self, reason: str) -> None:
        """Cancel, and call all callbacks, each even if another raises."""
        self._reasons.append(reason)
        with ExitStack() as stack:
            for callback in list(self._callbacks.values()):
                stack.callback(callback)

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` at every `cancel`, at once if already cancelled; return a function that
        unregisters it.

        The callback may run in any thread, in a signal handler, and more than once: it should only wake
        somebody up.
        """
        handle = object()
        self._callbacks[handle] = callback
        if self.cancelled:
            callback()

        def unregister() -> None:
            self._callbacks.pop(handle, None)

        return unregister
