"""Starts actions through Prefect's REST API, by the name of their deployment, and follows them.

Plain HTTP, because importing Prefect takes a CLI command two seconds, and because the domain and the pages
must not depend on it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

from p2ppool.actions.requests import tag_of
from p2ppool.errors import UserError, one_line
from p2ppool.prefect_client.states import RunState
from p2ppool.store.types import now

_BUSY_PAUSE = 0.5
_TIMEOUT = 15.0  # seconds; the server answers in milliseconds unless the machine is very busy
PAGE = 200
"""Rows per answer; Prefect's maximum."""


class PrefectRefusalError(UserError):
    """The server rejects the request."""


@dataclass(frozen=True)
class DueRun:
    """A run that Prefect has accepted and that is due, but that nobody has received yet.

    `scheduled`: it was requested by a schedule, not by a person.
    """

    id: str
    action: str
    parameters: Mapping[str, Any]
    tags: tuple[str, ...]
    due: datetime
    scheduled: bool = False


class PrefectApi:
    """The Prefect server below `url` (without /api)."""

    def __init__(self, url: str, retry_for: float = 60.0, timeout: float = _TIMEOUT) -> None:
        """Prepare the client; a server whose database is busy is retried for `retry_for` seconds.

        `timeout`, in seconds, applies to each answer.
        """
        self._url = url
        self._retry_for = retry_for
        self._client = httpx.Client(base_url=f"{url}/api", timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def start(self, action: str, parameters: Mapping[str, Any], requester: str) -> str:
        """Request a run of `action`, and return its id.

        Raises:
            UserError: no server answers, it doesn't serve the action, or it refuses the parameters.
        """
        deployment = self.call("GET", f"/deployments/name/{action}/{action}")
        run = self.call(
            "POST",
            f"/deployments/{deployment['id']}/create_flow_run",
            {
                "parameters": dict(parameters),
                "tags": [tag_of(requester)],
                "idempotency_key": uuid4().hex,  # a repeated request is still one run
            },
        )
        return str(run["id"])

    def require(self, action: str) -> None:
        """Check that `action` can be started.

        Raises:
            UserError: no server answers, or it doesn't serve the action.
        """
        self.call("GET", f"/deployments/name/{action}/{action}")

    def state(self, run: str) -> RunState:
        """Return the state of the run with that id.

        Raises:
            UserError: no server answers, or it knows no such run.
        """
        return _state_in(self.call("GET", f"/flow_runs/{run}"))

    def states(self, runs: Collection[str]) -> dict[str, RunState]:
        """Return the states of these runs; deleted ones are missing.

        Raises:
            UserError: no server answers.
        """
        found: dict[str, RunState] = {}
        for some in _batches(runs):
            rows = self.call("POST", "/flow_runs/filter", {"flow_runs": {"id": {"any_": some}}})
            found |= {row["id"]: _state_in(row) for row in rows}
        return found

    def set_state(self, run: str, state: RunState) -> None:
        """Set the run's state, whatever it was.

        Raises:
            UserError: no server answers.
        """
        wanted = {"type": state.type, "name": state.name, "message": state.message}
        self.call("POST", f"/flow_runs/{run}/set_state", {"state": wanted, "force": True}, missing={})

    def deployments(self, actions: Iterable[str]) -> dict[str, str]:
        """Return the action of each deployment, by the deployment's id.

        Raises:
            UserError: no server answers, or it doesn't have one of them.
        """
        return {self.call("GET", f"/deployments/name/{action}/{action}")["id"]: action for action in actions}

    def due_runs(self, deployments: Mapping[str, str]) -> list[DueRun]:
        """List the due runs of these deployments, the earliest first. The request marks the deployments as
        ready.

        Raises:
            UserError: no server answers.
        """
        rows = self.call(
            "POST",
            "/deployments/get_scheduled_flow_runs",
            {
                "deployment_ids": list(deployments),
                "scheduled_before": now().isoformat(),
                "limit": PAGE,
            },
        )
        return sorted((_due_run(row, deployments) for row in rows), key=lambda run: run.due)

    def serves(self, action: str) -> bool:
        """Tell whether the server has a deployment of `action`, with a process that runs it."""
        try:
            return bool(self.call("GET", f"/deployments/name/{action}/{action}").get("status") == "READY")
        except UserError:
            return False

    def call(self, method: str, path: str, body: object = None, missing: object = None) -> Any:
        """Return the answer; `missing`, if given, replaces a 404.

        Raises:
            UserError: no server answers, or it refuses.
        """
        response = self._with_retry(method, path, body)
        if response.status_code == httpx.codes.NOT_FOUND:
            if missing is not None:
                return missing
            raise UserError(
                f"the Prefect server at {self._url} does not have {path}: is `p2ppool up` running?"
            )
        if response.is_error:
            raise PrefectRefusalError(f"the Prefect server refuses {path}: {one_line(response.text)}")
        return response.json() if response.content else None

    def _with_retry(self, method: str, path: str, body: object) -> httpx.Response:
        """Send the request, and retry while the server's busy database makes it answer 503."""
        tries = Retrying(
            retry=retry_if_result(_is_busy),
            stop=stop_after_delay(self._retry_for),
            wait=wait_fixed(_BUSY_PAUSE),
            retry_error_callback=_last_answer,
        )
        return tries(self._send, method, path, body)

    def _send(self, method: str, path: str, body: object) -> httpx.Response:
        try:
            return self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise UserError(
                f"no Prefect server at {self._url} ({one_line(error)}): start it with `p2ppool up`"
            ) from None


def _is_busy(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.SERVICE_UNAVAILABLE


def _last_answer(tries: RetryCallState) -> Any:
    """Return the last answer when the retries have ended."""
    return tries.outcome.result() if tries.outcome else None


def _batches(runs: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(runs)
    while some := list(islice(rest, PAGE)):
        yield some


def _state_in(row: Mapping[str, Any]) -> RunState:
    state = row.get("state") or {}
    return RunState(state.get("type", "PENDING"), state.get("name", "Pending"), state.get("message") or "")


def _due_run(row: Mapping[str, Any], deployments: Mapping[str, str]) -> DueRun:
    # Scheduled runs are created hours ahead; others are due at the moment of the request.
    times = (
        datetime.fromisoformat(row[name]) for name in ("created", "expected_start_time") if row.get(name)
    )
    return DueRun(
        id=row["id"],
        action=deployments[row["deployment_id"]],
        parameters=row.get("parameters") or {},
        tags=tuple(row.get("tags") or ()),
        due=max(times, default=now()),
        scheduled=bool(row.get("auto_scheduled")),
    )
