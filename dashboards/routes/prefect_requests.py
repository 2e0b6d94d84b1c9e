"""Runs that a manager requests in the Prefect UI: signed on the way, so that tickets name the manager."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from p2ppool.actions.requesters import Requesters, tag_of

_RUN: Final = re.compile(r"api/deployments/([0-9a-f-]{36})/create_flow_run/?")


def deployment_in(method: str, path: str) -> str | None:
    """Return the id of the deployment of which this requests a run; None if it is no such request."""
    found = _RUN.fullmatch(path) if method == "POST" else None
    return found[1] if found else None


def signed(body: bytes, requesters: Requesters, requester: str, action_of: Callable[[], str | None]) -> bytes:
    """Return the body with the requester and their signature; unchanged if it is no such request.

    One that has an idempotency key of its own gets one that follows from it: so it stays one request, and its
    requester does not stay unnamed.

    Args:
        body: as the UI sent it.
        requesters: signs.
        requester: who sent it.
        action_of: finds the action of the deployment; None if there is no such deployment.
    """
    wanted = _decoded(body)
    parameters = None if wanted is None else wanted.get("parameters") or {}
    if wanted is None or not isinstance(parameters, dict) or not (action := action_of()):
        return body
    tags = [tag for tag in wanted.get("tags") or [] if isinstance(tag, str)]
    key = requesters.sign(action, parameters, requester, str(wanted.get("idempotency_key") or ""))
    return json.dumps(wanted | {"tags": [*tags, tag_of(requester)], "idempotency_key": key}).encode()


def _decoded(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object; None if it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
