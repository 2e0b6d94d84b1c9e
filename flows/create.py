"""Create a pool: make it known, start its local node, install on all its hosts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.action import Ending, ending_the_ticket, failing_in_one_line, finish, request_of_this_run
from p2ppool.fleet.outcome import HostOutcome
from p2ppool.pools.spec import PoolSpec
from p2ppool.store.models import TicketState
from tasks.install import install_on_hosts
from tasks.local_node import start_local_node
from tasks.register import register_pool


@flow(name="create", flow_run_name="create {spec.name}")
@failing_in_one_line
def create(spec: PoolSpec) -> State[Any]:
    """Create the pool that `spec` describes and install its software on every host.

    A host that fails costs the others nothing: the run then ends as *Partial*, and each host has a line that
    says why. Creating the same pool again installs only where it is missing.
    """
    parameters = spec.model_dump(mode="json", exclude={"hosts"})
    ticket = register_pool(spec, request_of_this_run("create", parameters))
    with ending_the_ticket(ticket):
        start_local_node(ticket)
        outcomes = install_on_hosts(ticket)
        return finish(ticket, judge(outcomes))


def judge(outcomes: Sequence[HostOutcome]) -> Ending:
    """Some hosts are enough for a partial success: the pool is usable and the others can be tried again."""
    installed = sum(outcome.ok for outcome in outcomes)
    if installed == len(outcomes):
        return Ending(TicketState.DONE, f"installed on all {installed} hosts")
    kinds = Counter(str(outcome.error) for outcome in outcomes if outcome.error)
    why = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in kinds.most_common())
    state = TicketState.PARTIAL if installed else TicketState.FAILED
    return Ending(state, f"installed on {installed} of {len(outcomes)} hosts ({why})")
