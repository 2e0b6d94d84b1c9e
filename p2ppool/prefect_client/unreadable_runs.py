"""Finds runs that Prefect has stored but can't send, because one such run hides all others that are due.

A parameter with half of a surrogate pair, or with a number that is none in JSON, is stored without complaint;
then Prefect answers each question whose answer contains the run with an internal error.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from p2ppool.errors import one_line
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.states import RunState

_LOG: Final = logging.getLogger("p2ppool.dispatcher")
_PROOFS: Final = 3  # checks in a row: a disturbance that passes costs no run
_STATE: Final = RunState(
    "FAILED",
    "Unreadable",
    "Prefect has stored this run but can't read it: a parameter holds what JSON can't, such as half of a "
    "character; request it again without that",
)


@dataclass
class UnreadableRuns:
    """Sets runs aside that are found unreadable several times in a row."""

    api: PrefectApi
    _found: dict[str, int] = field(default_factory=dict, init=False)

    def set_aside(self, deployments: Mapping[str, str]) -> bool:
        """Check the due runs of these deployments; tell whether one was set aside.

        Raises:
            UserError: no server answers, or it is in trouble itself.
        """
        bad = list(self._unreadable(self.api.due_ids(deployments)))
        self._found = {run: self._found.get(run, 0) + 1 for run in bad}
        proved = [run for run, times in self._found.items() if times >= _PROOFS]
        for run in proved:
            self.api.set_state(run, _STATE)
            self.api.clear_parameters(run)  # or it would hide all others in the Prefect UI, too
            del self._found[run]
            _LOG.warning("run %s can't be read by Prefect itself and was set aside", one_line(run, 40))
        return bool(proved)

    def forget(self) -> None:
        """Forget what was found, because all can be read."""
        self._found = {}

    def _unreadable(self, runs: Iterable[str]) -> Iterator[str]:
        """Yield those that can't be read, by halves."""
        some = list(runs)
        if not some or self.api.can_read(some):
            return
        if len(some) == 1:
            if self.api.latest_state(some[0]) is not None:  # the server answers, but not with this run
                yield some[0]
            return
        middle = len(some) // 2
        yield from self._unreadable(some[:middle])
        yield from self._unreadable(some[middle:])
