"""Running the migrations. It stands alone: only who migrates waits until Alembic is imported."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

FOLDER: Final = Path(__file__).parent / "migrations"
"""Where they are."""


def run(connection: Connection, to: str = "head") -> None:
    """Bring the database to that revision; the caller commits."""
    command.upgrade(_config(connection), to)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
