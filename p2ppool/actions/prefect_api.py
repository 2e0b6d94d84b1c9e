"""Starts actions through Prefect's REST API, by the name of their deployment, and follows them.

Plain HTTP, because importing Prefect costs a CLI command two seconds, and because the domain and the pages
must not depend on it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from p2ppool.errors import UserError, one_line

_BUSY_PATIENCE = 60.0  # seconds
_BUSY_PAUSE = 0.5
_TIMEOUT = 15.0  # seconds; the server answers in milliseconds unless the machine is very busy
_FINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CRASHED"})


@dataclass(frozen=True)
class RunState:
    """The state of a flow run as Prefect has it."""

    type: str
    name: str
    message: str

    @property
    def final(self) -> bool:
        """Whether Prefect takes the run for ended."""
        return self.type in _FINAL


class PrefectApi:
    """The Prefect server below `url` (without /api)."""

    def __init__(self, url: str) -> None:
        """Opens nothing yet."""
        self._url = url
        self._client = httpx.Client(base_url=f"{url}/api", timeout=_TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def start(self, action: str, parameters: Mapping[str, Any], requester: str) -> str:
        """Ask for a run of `action`; gives back the run's id.

        Raises:
            UserError: no server answers, it doesn't serve the action, or it refuses the parameters.
        """
        deployment = self._call("GET", f"/deployments/name/{action}/{action}")
        run = self._call(
            "POST",
            f"/deployments/{deployment['id']}/create_flow_run",
            {
                "parameters": dict(parameters),
                "tags": [f"requester:{requester}"],
                "idempotency_key": uuid4().hex,  # asked twice, it is still one run
            },
        )
        return str(run["id"])

    def require(self, action: str) -> None:
        """Look whether `action` can be started.

        Raises:
            UserError: no server answers, or it doesn't serve the action.
        """
        self._call("GET", f"/deployments/name/{action}/{action}")

    def state(self, run: str) -> RunState:
        """The state of the run with that id.

        Raises:
            UserError: no server answers, or it knows no such run.
        """
        state = self._call("GET", f"/flow_runs/{run}").get("state") or {}
        return RunState(
            state.get("type", "PENDING"), state.get("name", "Pending"), state.get("message") or ""
        )

    def serves(self, action: str) -> bool:
        """Whether the server knows a deployment of `action` and a process is there to run it."""
        try:
            return self._call("GET", f"/deployments/name/{action}/{action}").get("status") == "READY"
        except UserError:
            return False

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        response = self._patiently(method, path, body)
        if response.status_code == httpx.codes.NOT_FOUND:
            raise UserError(
                f"the Prefect server at {self._url} does not have {path}: is `p2ppool up` running?"
            )
        if response.is_error:
            raise UserError(f"the Prefect server refuses {path}: {one_line(response.text)}")
        answer: dict[str, Any] = response.json()
        return answer

    def _patiently(self, method: str, path: str, body: object) -> httpx.Response:
        """The answer; a server whose database is busy says 503, and is asked again for a while."""
        deadline = time.monotonic() + _BUSY_PATIENCE
        while True:
            try:
                response = self._client.request(method, path, json=body)
            except httpx.HTTPError as error:
                raise UserError(
                    f"no Prefect server at {self._url} ({one_line(error)}): start it with `p2ppool up`"
                ) from None
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                return response
            time.sleep(_BUSY_PAUSE)
