"""Tells the pages on which hosts a run is at work, and at which step."""

from collections.abc import Mapping

from p2ppool.actions.turns import Turn
from p2ppool.fleet.fan_out.in_progress import UnderWay, Working
from p2ppool.pools.recording.in_progress import keep_under_way
from tasks.support.database import write_in_turn


class AtWork:
    """Writes what is under way, where that is another thing than before; only for the thread of the task."""

    def __init__(self, turn: Turn, under_way: UnderWay) -> None:
        """Writes nothing yet."""
        self._turn = turn
        self._under_way = under_way
        self._told: Mapping[int, Working] = {}

    def tell(self) -> None:
        """Write what is under way now.

        Raises:
            TurnLost: the turn is somebody else's now; nothing was written.
        """
        found = self._under_way.look()
        if found == self._told:
            return
        write_in_turn(self._turn, lambda work: keep_under_way(work.session, self._turn.ticket_id, found))
        self._told = found
