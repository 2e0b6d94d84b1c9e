"""The code in the process of a run; imported once, before processes are forked from it."""

import os
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final
from uuid import UUID

from prefect import Task
from prefect.client.schemas.objects import State
from prefect.engine import handle_engine_signals
from prefect.flow_engine import load_flow_run, run_flow
from prefect.logging import disable_run_logger
from sqlalchemy import make_url
from sqlalchemy.orm import configure_mappers

from deployments.dispatcher.served_flows import FLOWS
from flows.base.action import TICKET_VARIABLE
from p2ppool.actions.processes import this_process
from p2ppool.prefect_client import accepted_runs
from p2ppool.prefect_client.client import PrefectApi, PrefectAwayError, PrefectRefusalError
from p2ppool.prefect_client.states import as_ticket_state
from p2ppool.settings import Settings, settings
from p2ppool.store.engine import get_engine
from p2ppool.store.unit_of_work import reading
from tasks.support import artifacts

_LATER: Final = ("prefect.task_engine", "prefect.utilities.visualization")  # Prefect imports them in each run
_RUN_VARIABLE: Final = "PREFECT__FLOW_RUN_ID"  # where Prefect looks for the id of a run outside its engine
_PATIENCE: Final = 5.0  # seconds in which Prefect must answer, or the run goes on without it


def _prepare() -> None:
    """Do what each run would do itself, which is a fifth of its cost."""
    for module in _LATER:
        import_module(module)
    make_url(Settings().store_url).get_dialect().import_dbapi()
    configure_mappers()


_prepare()


def run(run_id: str, action: str, ticket: int | None, tell: Callable[[Exception], object]) -> None:
    """Execute the run of that action, like Prefect's own runner; `tell` gets the error that ends the process.

    If Prefect does not answer, the run goes on without it, and is reported by the dispatcher later.
    """
    if not accepted_runs.claim(get_engine(), run_id, this_process()):
        return  # another process, started by an earlier dispatcher, already acts for it
    if ticket is not None:
        os.environ[TICKET_VARIABLE] = str(ticket)
    with handle_engine_signals(UUID(run_id)):
        try:
            state = _with_prefect(run_id, action) if _prefect_answers(run_id) else _alone(run_id, action)
            accepted_runs.end(get_engine(), run_id, as_ticket_state(state.name or ""), state.message or "")
        except Exception as error:
            tell(error)
            raise


def _prefect_answers(run_id: str) -> bool:
    """Tell whether the Prefect server can serve this run now."""
    with PrefectApi.open(settings(), retry_for=_PATIENCE, timeout=_PATIENCE) as api:
        try:
            api.state(run_id)
        except (PrefectAwayError, PrefectRefusalError):
            return False
    return True


def _with_prefect(run_id: str, action: str) -> State[Any]:
    found = run_flow(FLOWS[action], flow_run=load_flow_run(UUID(run_id)), return_type="state")
    assert isinstance(found, State)  # noqa: S101 - what a flow that is no generator gives
    return found


def _alone(run_id: str, action: str) -> State[Any]:
    """Call the flow and its tasks as the functions that they are, without Prefect's engine."""
    with reading(get_engine()) as work:
        accepted = accepted_runs.find(work.session, run_id)
    if accepted is None:
        raise LookupError("Prefect does not answer, and the run was not accepted here")
    os.environ[_RUN_VARIABLE] = run_id
    Task.__call__ = _call_plainly  # type: ignore[method-assign, assignment] # in this process alone
    Task.submit = _InThread  # type: ignore[method-assign, assignment]
    artifacts.switch_off()
    flow = FLOWS[action]
    with disable_run_logger():
        parameters = flow.validate_parameters(accepted_runs.parameters_of(accepted))
        found: State[Any] = flow.fn(**parameters)
    return found


class _InThread(threading.Thread):
    """A task that runs beside the flow, as Prefect's futures do."""

    def __init__(self, task: Task[Any, Any], *given: Any, **named: Any) -> None:
        super().__init__(target=task.fn, args=given, kwargs=named, daemon=True)
        self.start()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended, at most for so many seconds."""
        self.join(timeout)


def _call_plainly(task: Task[Any, Any], *given: Any, **named: Any) -> Any:
    return task.fn(*given, **named)
