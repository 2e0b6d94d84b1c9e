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

import httpx
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

from p2ppool.actions.requesters import Origin, Requesters, tag_of
from p2ppool.errors import UserError, one_line
from p2ppool.prefect_client.credential import LACKS_TOKEN, PrefectAuth, credential_of
from p2ppool.prefect_client.states import RunState
from p2ppool.settings import Settings
from p2ppool.store.types import now

_BUSY_PAUSE = 0.5
_INTERNAL = httpx.codes.INTERNAL_SERVER_ERROR
_TIMEOUT = 15.0  # seconds; the server answers in milliseconds unless the machine is very busy
PAGE = 200
"""Rows per answer; Prefect's maximum."""


class PrefectAwayError(UserError):
    """No server answers."""


class PrefectRefusalError(UserError):
    """The server rejects the request."""


class PrefectFaultError(PrefectRefusalError):
    """The server has an internal error."""


@dataclass(frozen=True)
class DueRun:
    """A run that Prefect has accepted and that is due, but that nobody has received yet.

    Attributes:
        requester: as proved, not as claimed.
        scheduled: it was requested by a schedule, not by a person.
    """

    id: str
    action: str
    parameters: Mapping[str, Any]
    requester: str
    due: datetime
    scheduled: bool = False


class PrefectApi:
    """The Prefect server below `url` (without /api)."""

    def __init__(
        self,
        url: str,
        credential: str,
        requesters: Requesters,
        *,
        retry_for: float = 60.0,
        timeout: float = _TIMEOUT,
    ) -> None:
        """Prepare the client; a server whose database is busy is retried for `retry_for` seconds.

        `timeout`, in seconds, applies to each answer.
        """
        self._url = url
        self._requesters = requesters
        self._retry_for = retry_for
        self._client = httpx.Client(
            base_url=f"{url}/api",
            timeout=timeout,
            trust_env=False,
            auth=PrefectAuth(credential),
            # After an internal error the server closes the connection; a call on it would seem to find none.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @classmethod
    def open(cls, config: Settings, *, retry_for: float = 60.0, timeout: float = _TIMEOUT) -> Self:
        """Prepare the client of the manager with these settings.

        Raises:
            VaultError: the vault's key, from which the credential is derived, can't be used.
        """
        return cls(
            config.prefect_url,
            credential_of(config),
            Requesters.open(config),
            retry_for=retry_for,
            timeout=timeout,
        )

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
        run = self.call(
            "POST",
            f"/deployments/{self.deployment(action)}/create_flow_run",
            {
                "parameters": dict(parameters),
                "tags": [tag_of(requester)],
                # A repeated request is still one run.
                "idempotency_key": self._requesters.sign(action, parameters, requester),
            },
        )
        return str(run["id"])

    def require(self, action: str) -> None:
        """Check that `action` can be started.

        Raises:
            UserError: no server answers, or it doesn't serve the action.
        """
        self.deployment(action)

    def deployment(self, action: str) -> str:
        """Return the id of the deployment of `action`.

        Raises:
            UserError: no server answers, or it doesn't serve the action.
        """
        return str(self.call("GET", f"/deployments/name/{action}/{action}")["id"])

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
            found |= self._states_of(some)
        return found

    def _states_of(self, runs: list[str]) -> dict[str, RunState]:
        """Return their states; one run that the server can't send does not hide the others."""
        try:
            rows = self._runs(runs)
        except PrefectFaultError:
            if len(runs) > 1:
                middle = len(runs) // 2
                return self._states_of(runs[:middle]) | self._states_of(runs[middle:])
            state = self.latest_state(runs[0])
            return {} if state is None else {runs[0]: state}
        return {row["id"]: _state_in(row) for row in rows}

    def _runs(self, runs: list[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call(
            "POST", "/flow_runs/filter", {"flow_runs": {"id": {"any_": runs}}}
        )
        return rows

    def clear_parameters(self, run: str) -> None:
        """Remove the parameters of a run, which keep the server from sending it.

        Raises:
            UserError: no server answers.
        """
        self.call("PATCH", f"/flow_runs/{run}", {"parameters": {}}, missing={})

    def can_read(self, runs: list[str]) -> bool:
        """Tell whether the server can send these runs, at most a page of them.

        Raises:
            UserError: no server answers.
        """
        try:
            self._runs(runs)
        except PrefectFaultError:
            return False
        return True

    def latest_state(self, run: str) -> RunState | None:
        """Return the state of a run that the server may be unable to send; None if it has none.

        Raises:
            UserError: no server answers.
        """
        return next(reversed(self.history(run).values()), None)

    def history(self, run: str) -> dict[str, RunState]:
        """Return all states that the run has had, the oldest first, by their ids; none if it was deleted.

        Raises:
            UserError: no server answers.
        """
        rows = self.call("GET", f"/flow_run_states/?flow_run_id={run}", missing=[])
        rows.sort(key=lambda row: str(row["timestamp"]))
        return {row["id"]: _state_in({"state": row}) for row in rows}

    def due_ids(self, deployments: Mapping[str, str]) -> list[str]:
        """List the ids of due runs of these deployments, the earliest first, without their parameters.

        Raises:
            UserError: no server answers.
        """
        wanted = {
            "deployments": {"id": {"any_": list(deployments)}},
            "flow_runs": {
                "state": {"type": {"any_": ["SCHEDULED"]}},
                "expected_start_time": {"before_": now().isoformat()},
            },
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": PAGE,
        }
        return [row["id"] for row in self.call("POST", "/ui/flow_runs/history", wanted)]

    def set_state(self, run: str, state: RunState) -> None:
        """Set the run's state, whatever it was.

        Raises:
            UserError: no server answers.
        """
        wanted = {"type": state.type, "name": state.name, "message": state.message}
        self.call("POST", f"/flow_runs/{run}/set_state", {"state": wanted, "force": True}, missing={})

    def set_state_unless_ended(self, run: str, state: RunState) -> bool:
        """Set the run's state, unless somebody has cancelled or ended it; tell whether it was set.

        Prefect changes no state on a condition. So a look afterwards tells whether an end came between the
        first look and the change: it is put back.

        Raises:
            UserError: no server answers.
        """
        before = self.history(run)
        if not before or next(reversed(before.values())).given_up:
            return False
        self.set_state(run, state)
        new = (now for key, now in self.history(run).items() if key not in before)
        ended = next((now for now in new if now.given_up), None)
        if ended:
            self.set_state(run, ended)
        return ended is None

    def deployments(self, actions: Iterable[str]) -> dict[str, str]:
        """Return the action of each deployment, by the deployment's id; those that do not exist are missing.

        Raises:
            UserError: no server answers.
        """
        names = {"name": {"any_": list(actions)}}
        rows = self.call("POST", "/deployments/filter", {"deployments": names, "flows": names, "limit": PAGE})
        return {row["id"]: row["name"] for row in rows}

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
        return sorted(
            (self._due_run(row, deployments[row["deployment_id"]]) for row in rows), key=lambda run: run.due
        )

    def _due_run(self, row: Mapping[str, Any], action: str) -> DueRun:
        parameters, origin = row.get("parameters") or {}, _origin(row)
        return DueRun(
            id=row["id"],
            action=action,
            parameters=parameters,
            requester=self._requesters.requester_of(action, parameters, origin),
            due=_due(row),
            scheduled=origin.scheduled,
        )

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
            raise UserError(f"the Prefect server at {self._url} does not have {path}{_advice(path)}")
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise UserError(
                f"the Prefect server at {self._url} does not take this manager's credential: it belongs to "
                "another manager, or was started with another vault key; restart `p2ppool up`"
            )
        if response.is_error:
            kind = PrefectFaultError if response.status_code == _INTERNAL else PrefectRefusalError
            raise kind(f"the Prefect server refuses {path}: {one_line(response.text)}")
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
            raise PrefectAwayError(
                f"no Prefect server at {self._url} ({one_line(error)}): start it with `p2ppool up`"
            ) from None


def _advice(path: str) -> str:
    if path.startswith("/deployments/"):
        return ": it was deleted or never made; `p2ppool up` makes it within seconds, so try again then"
    return ": it was deleted"


def _is_busy(response: httpx.Response) -> bool:
    """Tell whether another try may help: also where the server was too busy to give a token."""
    lacks_token = response.status_code == httpx.codes.FORBIDDEN and LACKS_TOKEN in response.content
    return lacks_token or response.status_code == httpx.codes.SERVICE_UNAVAILABLE


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


def _due(row: Mapping[str, Any]) -> datetime:
    # Scheduled runs are created hours ahead; others are due at the moment of the request.
    times = (
        datetime.fromisoformat(row[name]) for name in ("created", "expected_start_time") if row.get(name)
    )
    return max(times, default=now())


def _origin(row: Mapping[str, Any]) -> Origin:
    creator = row.get("created_by") or {}
    return Origin(
        tags=tuple(row.get("tags") or ()),
        key=row.get("idempotency_key") or "",
        automation=(creator.get("display_value") or "") if creator.get("type") == "AUTOMATION" else "",
        scheduled=bool(row.get("auto_scheduled")),
    )
