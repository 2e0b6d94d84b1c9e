"""The schedules of pools, which Prefect stores with the deployments: read and changed by its REST API.

Each has its pool as the run's parameter, and in its slug: Prefect (3.9) drops the parameters of a schedule
that is changed without naming them, as its UI does when it pauses one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from p2ppool.actions.catalogue import Action
from p2ppool.actions.requests import pool_name
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PAGE, PrefectApi
from p2ppool.prefect_client.default_schedules import pool_in, slug_of
from p2ppool.prefect_client.intervals import How
from p2ppool.store.types import now

_JUST_NOW: Final = timedelta(seconds=5)  # a run due so shortly ago may not have been taken up yet
_AT_ONCE: Final = 50  # schedules whose runs are asked for; each has three or more
_TIMES: Final = ("interval", "anchor_date", "timezone", "cron", "day_or", "rrule")


@dataclass(frozen=True)
class Schedule:
    """One schedule of a pool.

    Attributes:
        deployment: Prefect's id of the action's deployment.
        pool: its name; from the slug if the parameters have none.
        intact: whether its runs get the pool, and it has a slug.
    """

    id: str
    deployment: str
    action: str
    pool: str
    slug: str
    how: How
    active: bool
    parameters: Mapping[str, Any]
    intact: bool


class Schedules:
    """The schedules on the Prefect server behind `api`; methods raise UserError if it is away or refuses."""

    def __init__(self, api: PrefectApi) -> None:
        """Prepare the client; nothing is read yet."""
        self._api = api

    def all(self) -> list[Schedule]:
        """List every schedule that names a pool, existing or not."""
        return self.snapshot()[0]

    def snapshot(self) -> tuple[list[Schedule], dict[str, str]]:
        """Return every schedule that names a pool, and the ids of deployments by action, of one moment."""
        deployments = self._deployments()
        found = (_read(row, deployment) for deployment in deployments for row in _rows(deployment))
        named = sorted((one for one in found if one.pool), key=lambda one: (one.pool, one.action, one.slug))
        return named, {row["name"]: row["id"] for row in deployments}

    def of(self, pool: str) -> list[Schedule]:
        """List the schedules of one pool."""
        return [one for one in self.all() if one.pool == pool]

    def served(self) -> dict[str, str]:
        """Return the ids of the deployments, by action."""
        return self.snapshot()[1]

    def next_runs(self, schedules: Iterable[Schedule]) -> dict[str, datetime]:
        """Return the next run of each, by its id; without paused ones and those Prefect has not processed
        yet.
        """
        wanted = [one.id for one in schedules if one.active]
        found: dict[str, datetime] = {}
        for first in range(0, len(wanted), _AT_ONCE):
            some = wanted[first : first + _AT_ONCE]
            for row in self._api.call("POST", "/flow_runs/filter", _coming(some)):
                found.setdefault(row["created_by"]["id"], datetime.fromisoformat(row["expected_start_time"]))
        return found

    def add(self, deployment: str, action: str, pool: str, how: How) -> None:
        """Add a schedule under the first free slug."""
        taken = {one.slug for one in self.all()}
        slug = next(slug for number in range(1, 1000) if (slug := slug_of(pool, action, number)) not in taken)
        began = now()
        wanted = {"slug": slug, "schedule": dict(how), "parameters": {"pool": pool}, "active": True}
        self._api.call("POST", f"/deployments/{deployment}/schedules", [wanted])
        self._make_runs(deployment, began)

    def restore(
        self, deployment: str, slug: str, how: How, parameters: Mapping[str, Any], *, active: bool
    ) -> str:
        """Add a schedule as it was on another deployment, and return its id."""
        began = now()
        wanted = {"slug": slug, "schedule": dict(how), "parameters": dict(parameters), "active": active}
        (row,) = self._api.call("POST", f"/deployments/{deployment}/schedules", [wanted])
        self._make_runs(deployment, began)
        return str(row["id"])

    def change(self, schedule: Schedule, how: How | None = None, *, active: bool | None = None) -> None:
        """Change its times, pause or resume it, and restore lost parameters."""
        began = now()
        wanted = {
            "active": schedule.active if active is None else active,
            "slug": schedule.slug or self._free_slug(schedule),
            "parameters": {**schedule.parameters, "pool": schedule.pool},
        }
        if how is not None:
            wanted["schedule"] = dict(how)
        self._api.call("PATCH", _path(schedule), wanted, missing={})
        self._make_runs(schedule.deployment, began)

    def remove(self, schedule: Schedule) -> None:
        """Remove it with its future runs; one that is already gone is fine."""
        began = now()
        self._api.call("DELETE", _path(schedule), missing={})
        self._make_runs(schedule.deployment, began)

    def _free_slug(self, schedule: Schedule) -> str:
        taken = {one.slug for one in self.all()}
        numbered = (slug_of(schedule.pool, schedule.action, number) for number in range(1, 1000))
        return next(slug for slug in numbered if slug not in taken)

    def _make_runs(self, deployment: str, began: datetime) -> None:
        """Let Prefect create the coming runs at once.

        Any change removes those of *all* schedules of a deployment, and the scheduler's next pass would be
        too late for runs due before it. A run is never created twice: its key is its time.
        """
        start = (began - _JUST_NOW).isoformat()
        self._api.call("POST", f"/deployments/{deployment}/schedule", {"start_time": start})

    def _deployments(self) -> list[dict[str, Any]]:
        names = {"any_": [action.value for action in Action]}
        body = {"deployments": {"name": names}, "flows": {"name": names}, "limit": PAGE}
        rows: list[dict[str, Any]] = self._api.call("POST", "/deployments/filter", body)
        return rows


def deployment_of(action: str, schedules: Schedules) -> str:
    """Return the id of the action's deployment.

    Raises:
        UserError: the server doesn't serve it, or does not answer.
    """
    served = schedules.served()
    if action not in served:
        raise UserError(f"the action {action} is not served: is `p2ppool up` running?")
    return served[action]


def _rows(deployment: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = deployment.get("schedules") or []
    return rows


def _read(row: Mapping[str, Any], deployment: Mapping[str, Any]) -> Schedule:
    action, slug, parameters = deployment["name"], row.get("slug") or "", row.get("parameters") or {}
    named = pool_name(parameters)
    return Schedule(
        id=row["id"],
        deployment=deployment["id"],
        action=action,
        pool=named or pool_in(slug, action),
        slug=slug,
        how={name: value for name, value in row["schedule"].items() if name in _TIMES},
        active=bool(row["active"]),
        parameters=parameters,
        intact=bool(named and slug),
    )


def _path(schedule: Schedule) -> str:
    return f"/deployments/{schedule.deployment}/schedules/{schedule.id}"


def _coming(ids: list[str]) -> dict[str, Any]:
    return {
        "flow_runs": {"created_by": {"id_": ids}, "state": {"type": {"any_": ["SCHEDULED"]}}},
        "sort": "EXPECTED_START_TIME_ASC",
        "limit": PAGE,
    }
