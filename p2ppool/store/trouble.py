"""Trouble with the database that a person can end, such as a full disk: one line, not a traceback."""

from typing import Final

from sqlalchemy import URL
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from p2ppool.errors import UserError, one_line

_LONGEST: Final = 200
_CAUSES: Final = {
    # SQLite (sqlite.org/rescode.html)
    "database is locked": "another process has it locked: end that process, or wait",
    "disk is full": "the disk is full: make room",
    "readonly database": "it can't be written: check the owner and permissions of the file and its folder",
    "unable to open database file": "it can't be opened: check the folder, its owner and permissions",
    "file is not a database": "it is no SQLite database: put a copy back, or choose another file",
    "database disk image is malformed": "the file is damaged: put a copy back",
    "disk I/O error": "the disk fails, or is full: see the system's log",
    # PostgreSQL (libpq and the server)
    "Connection refused": "connection refused: start it, or correct P2PPOOL_DATABASE_URL",
    "could not translate host name": "its host has no address: correct P2PPOOL_DATABASE_URL",
    "failed to resolve host": "its host has no address: correct P2PPOOL_DATABASE_URL",
    "authentication failed": "it refuses user and password: correct P2PPOOL_DATABASE_URL",
    "no password supplied": "it wants a password: add it to P2PPOOL_DATABASE_URL",
    'FATAL:  database "': "it has no such database: create it with encoding UTF8",
    'FATAL:  role "': "it has no such user: correct P2PPOOL_DATABASE_URL",
    "too many clients": "it has no connection left: raise its max_connections",
    "remaining connection slots": "it has no connection left: raise its max_connections",
    "No space left on device": "its disk is full: make room",
    "starting up": "it is starting: wait",
    "shutting down": "it is shutting down: start it",
    "terminating connection": "it was ended: start it, or wait",
    "server closed the connection": "it closed the connection: see its log",
    "connection is bad": "it does not answer: see its log",
    "connection timeout expired": "it does not answer: see its log",
}


_DEFECTS: Final = (ProgrammingError, IntegrityError, DataError)


class DatabaseError(OperationalError, UserError):
    """The database can't be used at the moment; callers may retry, and people read one line."""

    def __init__(self, where: str, cause: str, original: BaseException) -> None:
        """Say where the database is and what is wrong with it."""
        super().__init__(None, None, original)
        self.line = f"{where}: {cause}"

    def __str__(self) -> str:
        return self.line


def translate(context: ExceptionContext) -> None:
    """Raise known trouble as a DatabaseError; leave everything else as it is (an event of an engine).

    Raises:
        DatabaseError: the cause is known.
    """
    if isinstance(context.sqlalchemy_exception, _DEFECTS):
        return
    original = context.original_exception
    url = context.engine.url if context.engine else None
    if url is not None and (found := trouble(url, original)):
        raise found from original


def trouble(url: URL, original: BaseException) -> DatabaseError | None:
    """Return the error for people; None if nobody but a developer could help."""
    text = str(original)
    cause = next((cause for sign, cause in _CAUSES.items() if sign in text), None)
    return DatabaseError(place_of(url), cause, original) if cause else None


def place_of(url: URL) -> str:
    """Return where the database is, without user and password."""
    if url.get_backend_name() == "sqlite":
        return f"the database {one_line(url.database, _LONGEST)}"
    host = url.host or url.query.get("host") or "localhost"
    return f"the database at {one_line(host, _LONGEST)}:{url.port or 5432}"
