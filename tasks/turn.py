"""The step that requests a turn on a pool, new or existing."""

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy.exc import IntegrityError

from p2ppool.actions import tickets
from p2ppool.actions.permissions.requester import require_request
from p2ppool.actions.requests import Request
from p2ppool.fleet.inventory.resolve import ResolvedHost
from p2ppool.pools.definition.registry import hosts_of, prepare, register
from p2ppool.pools.definition.spec import PoolSpec
from p2ppool.records.pools import get_pool
from p2ppool.settings import settings
from p2ppool.store.unit_of_work import UnitOfWork
from tasks.support.database import write


def request_turn(request: Request, pool: str, **_: Any) -> int:
    """Request the ticket of this run on an existing pool, and return its id.

    Raises:
        UserError: there is no such pool.
    """
    return write(lambda work: tickets.admit(work.session, get_pool(work.session, pool), request).id)


@task(name="register the pool", cache_policy=NO_CACHE)
def register_pool(request: Request, spec: PoolSpec) -> int:
    """Create the pool, its hosts and this run's ticket in one transaction; return the ticket's id.

    Raises:
        UserError: something in the spec can't be used; nothing was written.
    """
    hosts = hosts_of(spec)
    try:
        return _register(request, spec, hosts)
    except IntegrityError:  # another run was faster; now the pool exists and is compared with
        return _register(request, spec, hosts)


def _register(request: Request, spec: PoolSpec, hosts: list[ResolvedHost]) -> int:
    def request_ticket(work: UnitOfWork) -> int:
        require_request(work.session, request.requester, request.action, spec.name)
        pool = register(work, prepare(work, spec, hosts), settings().local_node_address)
        return tickets.admit(work.session, pool, request).id

    return write(request_ticket)
