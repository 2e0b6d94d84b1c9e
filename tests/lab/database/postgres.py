"""A private PostgreSQL server for tests, reached through a socket file only; it ends with the test run."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.lab.skipping import skip_unless_ci

_PREFIX = "p2ppool-postgres"
_USER = "p2ppool"
_START_SECONDS = 60
# Durability is what tests can do without.
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "log_timezone=UTC",
)


@pytest.fixture(scope="session")
def postgres_server():
    """A server of this worker's own (`PostgresServer`)."""
    tools = _tools()
    skip_unless_ci(None if tools else "PostgreSQL is not installed: run scripts/install-test-tools")
    with _folder() as folder:
        server = PostgresServer(tools, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server):
    """`postgresql+psycopg://...` of an empty database in that server."""
    return _url(postgres_server.folder, "postgres").render_as_string()


@contextmanager
def fresh_database(postgres_url, model="template0"):
    """The URL of a new database in the same server, empty or as `model`; it is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    with _admin(postgres_url) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {model}")
    try:
        yield make_url(postgres_url).set(database=name).render_as_string()
    finally:
        with _admin(postgres_url) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _admin(postgres_url):
    url = make_url(postgres_url).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(), autocommit=True)


def _url(folder, database):
    return URL.create("postgresql+psycopg", username=_USER, database=database, query={"host": str(folder)})


def _tools():
    """The folder of the newest installed server's programs, or None."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).parent
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(versions, key=lambda folder: float(folder.parent.name), default=None)


def _account():
    """Whom the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    names = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")


@contextmanager
def _folder():
    """A folder of the server's account. Its name tells the owner: a later run removes a killed one's."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}-*"):
        if not Path(f"/proc/{left.name.split('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}-{os.getpid()}-"))
    account = _account()
    os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class PostgresServer:
    """PostgreSQL with its data in `folder`, which can be stopped and started again."""

    def __init__(self, tools, folder):
        self.folder = folder
        self._tools = tools
        self._process = None
        initdb = [tools / "initdb", "--pgdata", folder / "data", "--username", _USER, "--auth=trust"]
        _as_account(
            [*initdb, "--encoding=UTF8", "--no-locale", "--no-sync"],
            subprocess.run,
            check=True,
            capture_output=True,
        )

    def start(self):
        settings = [option for setting in _SETTINGS for option in ("-c", setting)]
        command = [self._tools / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings]
        with (self.folder / "log").open("a") as log:
            self._process = _as_account(
                command, subprocess.Popen, stdout=log, stderr=log, start_new_session=True
            )
        try:
            _wait_until_up(self._process, self.folder)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self._process.send_signal(signal.SIGINT)  # "fast shutdown": clients are dropped
        self._process.wait(_START_SECONDS)

    def restart(self):
        """Every connection breaks, and for a moment none is to be had."""
        self.stop()
        self.start()


def _as_account(command, start, **options):
    """Start it as the server's account; SIGINT comes to it when this process dies."""
    account = _account()
    become = (
        [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        if os.geteuid() == 0
        else []
    )
    return start(["setpriv", "--pdeathsig=INT", *become, *command], cwd="/", **options)


def _wait_until_up(server, folder):
    connect = partial(
        psycopg.connect, _url(folder, "postgres").set(drivername="postgresql").render_as_string()
    )
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            connect().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")
