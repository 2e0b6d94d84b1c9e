"""Opening the database for a command."""

from sqlalchemy import Engine

from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.schema import upgrade


def store() -> Engine:
    """Open the database of the settings, and create or migrate it if needed."""
    settings().data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = get_engine()
    upgrade(engine)
    return engine
