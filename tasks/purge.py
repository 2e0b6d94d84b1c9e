"""The steps that remove the last of a stopped pool, from hosts and from here."""

from collections.abc import Mapping
from pathlib import Path

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.actions.processes import is_on_this_machine
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.fleet.transport.connection import Connection
from p2ppool.pools.recording.pool_files import FileKind, file_name, folder_of
from p2ppool.pools.recording.results import CLEARED
from p2ppool.pools.rollout import local_node
from p2ppool.reports.pools.archive import write_archive
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.models import Host, Pool, PoolState, Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tasks.support.database import read, with_retry, write_in_turn
from tasks.support.fan_out import on_hosts
from tasks.support.fences import above_fence
from tasks.support.folder import folder_request, uninstall_from
from tasks.support.pool import pool_of


@task(name="clear the hosts", cache_policy=NO_CACHE)
def clear_hosts(held: HeldTurn) -> list[HostOutcome]:
    """Remove everything of the pool, including fences, from every host that ever had something of it.

    While an older action hangs on this machine, fences stay: then no outcome has the fact `cleared`.

    Raises:
        UserError: the key can't be read any more.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    pool = pool_of(held.turn)
    hosts = read(lambda work: touched_hosts(work.session, pool.id))
    hung = read(lambda work: _hung_actions(work.session, held))
    request = folder_request(held, pool)

    def forget(connection: Connection) -> Mapping[str, str]:
        return {**verbs.forget(connection, request), "digest": "", CLEARED: "yes"}

    for ticket in hung:
        get_run_logger().warning("%s (ticket %s) hangs still: fences stay", ticket.action, ticket.id)
    return on_hosts(held, pool, uninstall_from(request) if hung else forget, hosts=hosts) if hosts else []


@task(name="remove the local node", cache_policy=NO_CACHE)
def clear_local_node(held: HeldTurn) -> None:
    """Stop it and remove all of it.

    Raises:
        UserError: it can't be ended.
    """
    pool = pool_of(held.turn)
    above_fence(held, lambda: local_node.forget(pool, settings(), held.fence))


@task(name="archive the pool", cache_policy=NO_CACHE)
def archive_pool(held: HeldTurn) -> Path:
    """Write a zip of CSV files with all data about the pool to the data folder, and return its path.

    Raises:
        UserError: it can't be written.
    """
    pool = pool_of(held.turn)
    folder = folder_of(settings().data_folder, pool.name, FileKind.ARCHIVE)
    place = folder / file_name(FileKind.ARCHIVE, now(), held.turn.ticket_id)
    with_retry(lambda: write_archive(get_engine(), pool.id, place))
    return place


@task(name="mark the pool for deletion", cache_policy=NO_CACHE)
def delete_pool(held: HeldTurn) -> None:
    """Mark it: its rows, files and secrets are deleted as soon as this run has ended.

    Raises:
        TurnLost: the turn is somebody else's now; nothing was written.
    """

    def mark(work: UnitOfWork) -> None:
        work.session.get_one(Pool, held.turn.pool_id).state = PoolState.GONE

    write_in_turn(held.turn, mark)


def touched_hosts(session: Session, pool_id: int) -> list[Host]:
    """List hosts, including former ones, on which something of the pool may be."""
    query = select(Host).where(Host.pool_id == pool_id, Host.touched).order_by(Host.id)
    return list(session.scalars(query))


def _hung_actions(session: Session, held: HeldTurn) -> list[Ticket]:
    """List actions that count as crashed though their processes live: they might act again."""
    query = select(Ticket).where(
        Ticket.pool_id == held.turn.pool_id,
        Ticket.state == TicketState.CRASHED,
        Ticket.owner.is_not(None),
    )
    return [ticket for ticket in session.scalars(query) if ticket.owner and is_on_this_machine(ticket.owner)]
