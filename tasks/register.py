"""The step that makes a pool known."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions import tickets
from p2ppool.actions.tickets import Request
from p2ppool.pools.register import hosts_of, prepare, register, the_pool
from p2ppool.pools.spec import PoolSpec
from p2ppool.settings import settings
from p2ppool.store.engine import the_engine
from p2ppool.store.unit_of_work import UnitOfWork


@task(name="register the pool", cache_policy=NO_CACHE)
def register_pool(spec: PoolSpec, request: Request) -> int:
    """Make the pool, its hosts and the ticket of this run in one transaction; the ticket's id.

    Raises:
        UserError: something in the spec can't be used; nothing was written.
    """
    hosts = hosts_of(spec)
    with UnitOfWork(the_engine()) as work:
        pool = register(work, prepare(work, spec, hosts), settings().local_node_address)
        ticket = tickets.begin(work.session, pool, request)
        work.commit()
        return ticket.id


@task(name="open the ticket", cache_policy=NO_CACHE)
def open_ticket(pool_name: str, request: Request) -> int:
    """The ticket of this run on an existing pool; its id.

    Raises:
        UserError: there is no such pool.
    """
    with UnitOfWork(the_engine()) as work:
        ticket = tickets.begin(work.session, the_pool(work.session, pool_name), request)
        work.commit()
        return ticket.id
