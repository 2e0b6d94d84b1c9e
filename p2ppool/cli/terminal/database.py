"""Opening the database for a command."""

import getpass
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from p2ppool.settings import settings
from p2ppool.store.data_folder import prepare_data_folder
from p2ppool.store.engine import get_engine
from p2ppool.store.schema import upgrade

if TYPE_CHECKING:
    from p2ppool.records.audit import Subject
from p2ppool.store.vault_key import make_first_key


def store() -> Engine:
    """Open the database of the settings, and create or migrate it if needed.

    Raises:
        UserError: others may use the data folder, or the database is of a later release.
    """
    prepare_data_folder(settings().data_folder)
    engine = get_engine()
    upgrade(engine)
    make_first_key(engine, settings())
    return engine


def who() -> str:
    """Return who runs the command, for the audit."""
    return f"cli {getpass.getuser()}"


def record(subject: "Subject", what: str) -> None:
    """Record in the audit what this command has just done."""
    from p2ppool.records.audit import note
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        note(work.session, subject, who(), what)
        work.commit()
