"""Registering the deployments with Prefect when the dispatcher starts."""

import logging
import subprocess
from typing import Final

from p2ppool.actions.catalogue import FLOWS
from p2ppool.exports.tables.names import EXPORT_FLOW
from p2ppool.interpreter import python
from p2ppool.prefect_client.client import PrefectApi

SERVED: Final = (*FLOWS, EXPORT_FLOW)
"""The deployments whose runs the dispatcher receives; importing the flows takes two seconds and 100 MB."""

_LOG: Final = logging.getLogger("p2ppool.dispatcher")


class DeploymentRegistry:
    """Registers in a process of its own: importing Prefect would make the dispatcher's large.

    Existing deployments are served meanwhile: a restarted dispatcher is ready at once.
    """

    def __init__(self, api: PrefectApi) -> None:
        """Start the registration."""
        self._api = api
        self._process = self._begin()

    def served(self) -> dict[str, str]:
        """Return the actions of the deployments by id, and make those again that are missing.

        Raises:
            UserError: no server answers.
        """
        code = self._process.poll()  # first: then what is missing although it ended is missing for certain
        found = self._api.deployments(SERVED)
        missing = sorted(set(SERVED) - set(found.values()))
        if code:
            _LOG.warning("the flows could not be registered with Prefect (exit code %s), retrying", code)
        elif code == 0 and missing:
            _LOG.warning("deployments were deleted in Prefect, making them again: %s", ", ".join(missing))
        if code or (code == 0 and missing):
            self._process = self._begin()
        return found

    def stop(self) -> None:
        """Stop the process."""
        self._process.terminate()
        self._process.wait()

    @staticmethod
    def _begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen(python("-m", "deployments.dispatcher.served_flows"))
