"""Reports to the pages which hosts a run is working on, and at which step."""

from collections.abc import Mapping

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.fan_out.in_progress import InProgress, Working
from p2ppool.pools.recording.in_progress import keep_in_progress
from tasks.support.database import write_in_turn


class ProgressWriter:
    """Writes the hosts in progress when they have changed; only for the thread of the task."""

    def __init__(self, held: HeldTurn, in_progress: InProgress) -> None:
        """Prepare the writer; nothing is written yet."""
        self._held = held
        self._in_progress = in_progress
        self._written: Mapping[int, Working] = {}

    def write(self) -> None:
        """Write the hosts in progress.

        Raises:
            TurnLost: the turn is somebody else's now; nothing was written.
        """
        found = self._in_progress.current()
        if found == self._written:
            return
        turn = self._held.turn
        write_in_turn(turn, lambda work: keep_in_progress(work.session, turn.ticket_id, found))
        self._written = found
