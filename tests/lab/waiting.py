"""Waiting for a condition, with a deadline."""

import time

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.15  # seconds


def eventually(condition, seconds=20):
    """The first true value of `condition()`; raises AssertionError when there is none within `seconds`.

    What lasts is asked for more and more seldom: to ask can be a request to a server that has work to do.
    """
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {condition}"
        time.sleep(pause)
        pause = min(pause * 1.3, _LONGEST_PAUSE)
    return value
