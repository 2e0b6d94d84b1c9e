"""Scheduled runs that nobody has taken up in time: of several that ask for the same, one is enough."""

from collections import defaultdict
from collections.abc import Iterable

from p2ppool.prefect_client.client import DueRun
from p2ppool.prefect_client.states import RunState


def skipped(due: Iterable[DueRun]) -> dict[str, RunState]:
    """The scheduled runs that a later one makes needless, by id, with the states in which they are to end.

    They are alike where they ask for the same with the same parameters, whichever schedule made them.
    """
    alike: dict[str, list[DueRun]] = defaultdict(list)
    for run in sorted(due, key=lambda run: run.due):
        if run.scheduled:
            alike[f"{run.action} {sorted(run.parameters.items(), key=str)}"].append(run)
    return {run.id: _state(latest) for *early, latest in alike.values() for run in early}


def _state(instead: DueRun) -> RunState:
    return RunState(
        "CANCELLED", "Missed", f"missed while the manager was down or busy; run {instead.id} does it"
    )
