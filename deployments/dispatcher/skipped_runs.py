"""Scheduled runs that were not received in time: of several alike, one is enough."""

from collections import defaultdict
from collections.abc import Iterable

from p2ppool.prefect_client.client import DueRun
from p2ppool.prefect_client.states import RunState


def skipped(due: Iterable[DueRun]) -> dict[str, RunState]:
    """Return the scheduled runs that a later one makes redundant, by id, with their final states.

    Runs are alike if they have the same action and parameters, whichever schedule made them.
    """
    alike: dict[str, list[DueRun]] = defaultdict(list)
    for run in sorted(due, key=lambda run: run.due):
        if run.scheduled:
            alike[f"{run.action} {sorted(run.parameters.items(), key=str)}"].append(run)
    return {run.id: _state(latest) for *early, latest in alike.values() for run in early}


def _state(instead: DueRun) -> RunState:
    return RunState(
        "CANCELLED", "Skipped", f"skipped: the manager was down or busy; run {instead.id} replaces it"
    )
