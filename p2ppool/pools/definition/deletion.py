"""Deletes pools of which nothing is left on any host: rows, files and secrets."""

import shutil

from sqlalchemy import Engine, Select, delete, exists, select
from sqlalchemy.orm import Session

from p2ppool.pools.definition.known_hosts import remember_pins
from p2ppool.settings import Settings
from p2ppool.store.models import ACTIVE, Pool, PoolState, SshKey, Ticket
from p2ppool.store.unit_of_work import UnitOfWork, reading

_FOLDERS = ("local-nodes", "gathered", "exports")
"""Below the data folder; each has one folder for each pool."""


def delete_gone(engine: Engine, config: Settings) -> list[str]:
    """Delete every pool marked for it whose last run's end was notified; return their names."""
    with reading(engine) as work:
        if work.session.scalars(_deletable().limit(1)).first() is None:
            return []  # nearly always; this way no other writer has to wait
    with UnitOfWork(engine) as work:
        gone = list(work.session.scalars(_deletable()))
        for pool in gone:
            key = None if _keeps_key(work.session, pool) else pool.ssh_key_id
            remember_pins(work.session, pool)
            work.session.execute(delete(Pool).where(Pool.id == pool.id))
            if key is not None and not work.session.scalar(select(exists().where(Pool.ssh_key_id == key))):
                work.session.execute(delete(SshKey).where(SshKey.id == key))
        if gone:
            work.commit()
    for pool in gone:
        for folder in _FOLDERS:
            shutil.rmtree(config.data_folder / folder / pool.name, ignore_errors=True)
    return [pool.name for pool in gone]


def _deletable() -> Select[Pool]:
    busy = exists().where(Ticket.pool_id == Pool.id, Ticket.state.in_(ACTIVE) | Ticket.notified.is_(False))
    return select(Pool).where(Pool.state == PoolState.GONE, ~busy)


def _keeps_key(session: Session, pool: Pool) -> bool:
    """Return whether the uninstall check that marked the pool was asked to keep its key."""
    latest = select(Ticket).where(Ticket.pool_id == pool.id).order_by(Ticket.id.desc()).limit(1)
    ticket = session.scalars(latest).one_or_none()
    return ticket is not None and bool(ticket.parameters.get("keep_key"))
