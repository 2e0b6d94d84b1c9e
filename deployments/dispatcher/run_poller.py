"""Polls Prefect for runs that are due, without scheduled ones that a later run makes redundant."""

from collections.abc import Collection, Mapping

from deployments.dispatcher.skipped_runs import skipped
from p2ppool.prefect_client.client import PAGE, DueRun, PrefectApi, PrefectFaultError
from p2ppool.prefect_client.unreadable_runs import UnreadableRuns


class RunPoller:
    """Polls the Prefect server behind `api`."""

    def __init__(self, api: PrefectApi) -> None:
        """Prepare the poller; nothing is asked yet."""
        self._api = api
        self._unreadable = UnreadableRuns(api)

    def due(self, deployments: Mapping[str, str], taken: Collection[str | None]) -> list[DueRun]:
        """List the runs that nobody has received yet, and end redundant ones as skipped.

        Args:
            deployments: the actions of the served deployments, by their ids.
            taken: runs that are already received, whose starting process may not have reported yet.

        Raises:
            UserError: no server answers.
        """
        due = self._read(deployments)
        while redundant := skipped(new := [run for run in due if run.id not in taken]):
            for run, state in redundant.items():
                self._api.set_state(run, state)
            if len(due) < PAGE:
                return [run for run in new if run.id not in redundant]
            due = self._read(deployments)  # there may be later ones after this page
        return new

    def _read(self, deployments: Mapping[str, str]) -> list[DueRun]:
        """Read the due runs; one that the server can't send is set aside."""
        if not deployments:
            return []
        try:
            found = self._api.due_runs(deployments)
        except PrefectFaultError:
            if not self._unreadable.set_aside(deployments):
                raise
            found = self._api.due_runs(deployments)
        self._unreadable.forget()
        return found
