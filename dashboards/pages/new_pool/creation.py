"""Requesting the creation of the pool, and waiting for it."""

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.components.actions.start import TIMEOUT, link_to_run, run_of
from dashboards.frame.navigation import pool_path
from dashboards.pages.new_pool.review import reviewed
from dashboards.web import context
from p2ppool.actions.catalogue import Action
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.reports.pools.pools import exists

Waiting = dict[str, str]
"""The pool's name and the run that creates it."""


def created(values: Mapping[str, Any]) -> Waiting:
    """Request the pool that the form describes, after checking everything again.

    Raises:
        FieldsError: what can't be used.
        UserError: no Prefect server answers, or it refuses.
    """
    spec = reviewed(values).spec
    run = run_of(Action.CREATE, {"spec": spec.model_dump(mode="json", exclude_none=True)})
    return {"name": spec.name, "run": run}


def is_waiting(waiting: Waiting) -> list[Any]:
    """Describe the pending creation."""
    return [
        "Requested, see ",
        link_to_run(waiting["run"]),
        f"; {waiting['name']} opens once its creation starts …",
    ]


def address(waiting: Waiting) -> str | None:
    """Return the path of the pool's page, once there is one.

    Raises:
        UserError: the run has ended without a pool; with the reason.
    """
    if exists(context.engine(), waiting["name"]):
        return pool_path(waiting["name"])
    with PrefectApi.open(context.settings(), retry_for=TIMEOUT) as api:
        state = api.state(waiting["run"])
    if state.final:
        raise UserError(f"create {waiting['name']}: {state.name}: {state.message or 'see its run'}")
    return None


def problem(error: Exception) -> list[Any]:
    """Show the error; the form keeps what was typed."""
    return [html.Span(str(error), className="bad")]
