"""Polls Prefect for runs that are due, without scheduled ones that a later run makes redundant."""

from collections.abc import Collection, Mapping

from deployments.dispatcher.skipped_runs import skipped
from p2ppool.prefect_client.client import PAGE, DueRun, PrefectApi


def due_runs(api: PrefectApi, deployments: Mapping[str, str], taken: Collection[str | None]) -> list[DueRun]:
    """List the runs that nobody has received yet, and end redundant ones as skipped.

    Args:
        api: of the Prefect server.
        deployments: the actions of the served deployments, by their ids.
        taken: runs that are already received, whose starting process may not have reported yet.

    Raises:
        UserError: no server answers.
    """
    due = api.due_runs(deployments) if deployments else []
    while redundant := skipped(new := [run for run in due if run.id not in taken]):
        for run, state in redundant.items():
            api.set_state(run, state)
        if len(due) < PAGE:
            return [run for run in new if run.id not in redundant]
        due = api.due_runs(deployments)  # there may be later ones after this page
    return new
