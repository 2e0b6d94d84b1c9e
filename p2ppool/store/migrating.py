"""Running the migrations, in a module of its own so that only a migration imports Alembic."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

FOLDER: Final = Path(__file__).parent / "migrations"
"""The folder of the migrations."""


def run(connection: Connection, to: str = "head") -> None:
    """Migrate the database to that revision; the caller commits."""
    command.upgrade(_config(connection), to)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
