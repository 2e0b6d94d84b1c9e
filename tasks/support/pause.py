"""Waiting in a turn, which a cancel ends at once."""

import threading
from typing import Final

from p2ppool.actions.held_turn import HeldTurn

LATER: Final = 2.0
"""Seconds after which a started node is looked at again: mono takes as long to fail on a busy host."""


def pause(held: HeldTurn, seconds: float) -> None:
    """Wait, but no longer than until the turn is cancelled."""
    over = threading.Event()
    unregister = held.cancel.on_cancel(over.set)
    over.wait(seconds)
    unregister()
