"""What runs in the process of a run; imported once, before processes are forked from it."""

import os
from uuid import UUID

from prefect.engine import handle_engine_signals
from prefect.flow_engine import load_flow_run, run_flow

from deployments.dispatcher.served_flows import FLOWS
from flows.base.action import TICKET_VARIABLE


def run(run_id: str, action: str, ticket: int | None) -> None:
    """Execute the Prefect run of that action, as Prefect's own runner does."""
    if ticket is not None:
        os.environ[TICKET_VARIABLE] = str(ticket)
    ident = UUID(run_id)
    with handle_engine_signals(ident):
        run_flow(FLOWS[action], flow_run=load_flow_run(ident), return_type="state")
