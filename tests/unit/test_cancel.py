"""One switch, from any thread and from signal handlers."""

import os
import signal

import pytest

from p2ppool.cancel import CancelToken


def test_the_first_reason_counts():
    token = CancelToken()
    assert (token.cancelled, token.reason) == (False, "")
    token.cancel("stop of pool a")
    token.cancel("shutdown")
    assert (token.cancelled, token.reason) == (True, "stop of pool a")


def test_callbacks_are_called_until_they_are_unregistered():
    token, calls = CancelToken(), []
    token.on_cancel(lambda: calls.append("stays"))
    unregister = token.on_cancel(lambda: calls.append("goes"))
    unregister()
    unregister()
    token.cancel("x")
    assert calls == ["stays"]


def test_who_registers_too_late_is_called_at_once():
    token, calls = CancelToken(), []
    token.cancel("x")
    token.on_cancel(lambda: calls.append("late"))
    assert calls == ["late"]


def test_a_callback_that_raises_does_not_silence_the_others():
    token, calls = CancelToken(), []
    token.on_cancel(lambda: calls.append("before"))
    token.on_cancel(lambda: 1 / 0)
    token.on_cancel(lambda: calls.append("after"))
    with pytest.raises(ZeroDivisionError):
        token.cancel("x")
    assert sorted(calls) == ["after", "before"]


def test_a_signal_handler_may_cancel_while_the_same_thread_does():
    token, calls = CancelToken(), []

    def interrupted():
        calls.append(token.reason)
        if len(calls) == 1:
            os.kill(os.getpid(), signal.SIGUSR1)  # its handler runs here, inside of `cancel`

    before = signal.signal(signal.SIGUSR1, lambda *_: token.cancel("signal"))
    try:
        token.on_cancel(interrupted)
        token.cancel("stop")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert calls == ["stop", "stop"]
