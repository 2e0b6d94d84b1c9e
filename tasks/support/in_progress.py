"""Tells the pages on which hosts a run is at work, and at which step."""

from collections.abc import Mapping

from p2ppool.actions.turns import Turn
from p2ppool.fleet.fan_out.in_progress import InProgress, Working
from p2ppool.pools.recording.in_progress import keep_in_progress
from tasks.support.database import write_in_turn


class ProgressWriter:
    """Writes what is under way, where that is another thing than before; only for the thread of the task."""

    def __init__(self, turn: Turn, in_progress: InProgress) -> None:
        """Writes nothing yet."""
        self._turn = turn
        self._in_progress = in_progress
        self._told: Mapping[int, Working] = {}

    def tell(self) -> None:
        """Write what is under way now.

        Raises:
            TurnLost: the turn is somebody else's now; nothing was written.
        """
        found = self._in_progress.current()
        if found == self._told:
            return
        write_in_turn(self._turn, lambda work: keep_in_progress(work.session, self._turn.ticket_id, found))
        self._told = found
