"""All checks of the manager's machine, in the order in which they are printed."""

import os
from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from p2ppool.doctor import nodes
from p2ppool.doctor.finding import Finding, Level
from p2ppool.errors import UserError, one_line
from p2ppool.loopback import is_loopback
from p2ppool.settings import Settings
from p2ppool.store.data_folder import prepare_data_folder
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Pool
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import reading
from p2ppool.store.vault_key import is_anything_sealed, open_vault

Check = Callable[[Settings], Iterator[Finding]]


def findings(config: Settings) -> Iterator[Finding]:
    """Yield what is found; a check that can't be made is a problem itself, and the next one goes on."""
    for subject, check in CHECKS.items():
        try:
            yield from check(config)
        except UserError as error:
            yield Finding(Level.PROBLEM, subject, str(error))


def _user(_config: Settings) -> Iterator[Finding]:
    if os.geteuid() == 0:
        text = "the manager runs as root: give it a user of its own, so that its mistakes spare the system"
        yield Finding(Level.WARNING, "user", text)
    else:
        yield Finding(Level.OK, "user", f"the manager runs as user {os.geteuid()}, not as root")


def _data_folder(config: Settings) -> Iterator[Finding]:
    prepare_data_folder(config.data_folder)
    yield Finding(Level.OK, "data folder", f"only its owner may read {config.data_folder}")


def _database(config: Settings) -> Iterator[Finding]:
    upgrade(_engine(config))
    yield Finding(Level.OK, "database", "it answers, and has the schema of this release")


def _vault(config: Settings) -> Iterator[Finding]:
    with reading(_engine(config)) as work:
        known = is_anything_sealed(work.session)
        if known:
            open_vault(work.session, config)
    text = "its key is the one that the secrets are encrypted with" if known else "nothing is encrypted yet"
    yield Finding(Level.OK, "vault", text)


def _prefect(config: Settings) -> Iterator[Finding]:
    address = config.prefect_listen_address
    if is_loopback(address):
        yield Finding(Level.OK, "Prefect server", "it listens on loopback")
    else:
        text = f"it listens on {address}: whoever reaches port {config.prefect_port} can act"
        yield Finding(Level.WARNING, "Prefect server", text)


def _nodes(config: Settings) -> Iterator[Finding]:
    yield from nodes.confinement_findings(config)
    with reading(_engine(config)) as work:
        for pool in work.session.scalars(select(Pool).order_by(Pool.name)):
            yield from nodes.pool_findings(pool, config)


def _engine(config: Settings) -> Engine:
    engine = open_engine(config.store_url)
    try:
        with engine.connect():
            return engine
    except DBAPIError as error:
        raise UserError(f"the database does not answer: {one_line(error)}") from None


CHECKS: Final[dict[str, Check]] = {
    "user": _user,
    "data folder": _data_folder,
    "database": _database,
    "vault": _vault,
    "Prefect server": _prefect,
    "confinement": _nodes,
}
"""Every check by its subject."""
