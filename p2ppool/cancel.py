"""One switch that ends a whole fan-out."""

from collections.abc import Callable
from contextlib import ExitStack


class CancelToken:
    """Told once to cancel, stays cancelled; the first reason counts.

    Holds no lock: a signal handler may call `cancel` while the very same thread is inside any method here.
    Single operations of list and dict are atomic, and that is all it relies on.
    """

    def __init__(self) -> None:
        self._reasons: list[str] = []
        self._callbacks: dict[object, Callable[[], object]] = {}

    @property
    def cancelled(self) -> bool:
        return bool(self._reasons)

    @property
    def reason(self) -> str:
        """Why; empty as long as nobody cancelled."""
        return self._reasons[0] if self._reasons else ""

    def cancel(self, reason: str) -> None:
        """Cancel, and call all callbacks, each even if another raises."""
        self._reasons.append(reason)
        with ExitStack() as stack:
            for callback in list(self._callbacks.values()):
                stack.callback(callback)

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have `callback` called at every `cancel`, at once if that has been; returns what unregisters it.

        The callback may run in any thread, in a signal handler, and more than once: it should do no more than
        wake somebody up.
        """
        handle = object()
        self._callbacks[handle] = callback
        if self.cancelled:
            callback()

        def unregister() -> None:
            self._callbacks.pop(handle, None)

        return unregister
