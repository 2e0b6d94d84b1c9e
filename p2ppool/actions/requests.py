"""Requests for actions, read from the parameters of Prefect runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from p2ppool.actions.catalogue import Action
from p2ppool.store.types import now

_NO_ID = 2**31  # ids are 32 bits wide, signed
_UNRECORDED = frozenset({"hosts"})  # a whole file: the hosts themselves are in the database


@dataclass(frozen=True)
class Request:
    """One request for one action.

    Attributes:
        action: one of the actions of the rules.
        requester: who asks.
        parameters: names, never a secret.
        flow_run: id of the Prefect run.
        due: when it was due: requests queue in this order.
        retry_of: the ticket whose failed hosts are retried.
    """

    action: str
    requester: str
    parameters: Mapping[str, Any]
    flow_run: str | None = None
    due: datetime = field(default_factory=now)
    retry_of: int | None = None


def pool_name(parameters: Mapping[str, Any]) -> str:
    """Return the pool that the run's parameters name; empty if they name none that could exist."""
    spec = parameters.get("spec")
    name = spec.get("name") if isinstance(spec, Mapping) else parameters.get("pool")
    return name if isinstance(name, str) and name.isprintable() else ""


def request_of(
    action: str, parameters: Mapping[str, Any], requester: str, flow_run: str | None, due: datetime
) -> Request:
    """Return the request that a run stands for; `parameters` are decoded JSON.

    A dry run only reads, whatever it is a dry run of.
    """
    return Request(
        action=Action.PLAN if _flat(parameters).get("dry_run") else action,
        requester=requester,
        parameters=_recorded(parameters),
        flow_run=flow_run,
        due=due,
        retry_of=_ticket_id(parameters.get("retry_of")),
    )


def _ticket_id(value: object) -> int | None:
    """Return the id; None also for a number beyond all ids, which a database would reject."""
    return value if type(value) is int and 0 < value < _NO_ID else None


def _recorded(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters to record, the same whether defaults were given or not."""
    return {
        name: value
        for name, value in _flat(parameters).items()
        if value is not None and name not in _UNRECORDED
    }


def _flat(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = parameters.get("spec")
    return spec if isinstance(spec, Mapping) else parameters
