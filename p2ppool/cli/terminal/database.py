"""The database as a command finds it."""

from sqlalchemy import Engine

from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.schema import upgrade


def store() -> Engine:
    """The database that the settings name, made or brought up to date where needed."""
    settings().data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = get_engine()
    upgrade(engine)
    return engine
