"""Making the deployments known to Prefect when the desk starts."""

import logging
import subprocess
import sys
from typing import Final

from p2ppool.actions.catalogue import FLOWS
from p2ppool.errors import UserError
from p2ppool.exports.tables.names import EXPORT_FLOW
from p2ppool.prefect_client.client import PrefectApi

SERVED: Final = (*FLOWS, EXPORT_FLOW)
"""The deployments whose runs the dispatcher receives; to import the flows costs two seconds and 100 MB."""

_LOG: Final = logging.getLogger("p2ppool.dispatcher")


class DeploymentRegistry:
    """Registers in a process of its own: importing Prefect would make the desk's a large one.

    Deployments that are there already are served meanwhile: a desk that is started again is back at once.
    """

    def __init__(self, api: PrefectApi) -> None:
        """Begins."""
        self._api = api
        self._process = self._begin()

    def served(self) -> dict[str, str]:
        """The actions of the deployments by their ids; none as long as the server does not have all."""
        code = self._process.poll()
        if code:
            _LOG.warning("the flows could not be made known to Prefect (exit code %s), once more", code)
            self._process = self._begin()
        try:
            return self._api.deployments(SERVED)
        except UserError:
            return {}

    def stop(self) -> None:
        """Leave nothing behind."""
        self._process.terminate()
        self._process.wait()

    @staticmethod
    def _begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "deployments.dispatcher.served_flows"])
