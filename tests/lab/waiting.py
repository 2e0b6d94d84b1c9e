"""Waiting for a condition, with a deadline."""

import time


def eventually(condition, seconds=20):
    """The first true value of `condition()`; raises AssertionError when there is none within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {condition}"
        time.sleep(0.02)
    return value
