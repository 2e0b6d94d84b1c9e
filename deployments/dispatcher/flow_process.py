"""The code in the process of a run; imported once, before processes are forked from it."""

import os
from importlib import import_module
from typing import Final
from uuid import UUID

from prefect.engine import handle_engine_signals
from prefect.flow_engine import load_flow_run, run_flow
from sqlalchemy import make_url
from sqlalchemy.orm import configure_mappers

from deployments.dispatcher.served_flows import FLOWS
from flows.base.action import TICKET_VARIABLE
from p2ppool.settings import Settings

_LATER: Final = ("prefect.task_engine", "prefect.utilities.visualization")  # Prefect imports them in each run


def _prepare() -> None:
    """Do what each run would do itself, which is a fifth of its cost."""
    for module in _LATER:
        import_module(module)
    make_url(Settings().store_url).get_dialect().import_dbapi()
    configure_mappers()


_prepare()


def run(run_id: str, action: str, ticket: int | None) -> None:
    """Execute the Prefect run of that action, like Prefect's own runner."""
    if ticket is not None:
        os.environ[TICKET_VARIABLE] = str(ticket)
    ident = UUID(run_id)
    with handle_engine_signals(ident):
        run_flow(FLOWS[action], flow_run=load_flow_run(ident), return_type="state")
