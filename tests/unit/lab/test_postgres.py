"""Each worker has a PostgreSQL server of its own, and each test that asks an empty database in it."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.lab.database import postgres
from tests.lab.database.postgres import fresh_database
from tests.lab.waiting import eventually

ROOT = Path(__file__).parents[3]


def ask(url, question):
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return connection.execute(text(question)).scalar_one()
    finally:
        engine.dispose()


def test_it_is_postgresql(postgres_url):
    assert postgres_url.startswith("postgresql+psycopg://")
    assert ask(postgres_url, "select version()").startswith("PostgreSQL")


def test_fresh_databases_are_empty_and_apart(postgres_url):
    tables = "select count(*) from pg_tables where schemaname = 'public'"
    with fresh_database(postgres_url) as one, fresh_database(postgres_url) as other:
        engine = create_engine(one)
        with engine.begin() as connection:
            connection.execute(text("create table kept (id int)"))
        engine.dispose()
        assert (ask(one, tables), ask(other, tables)) == (1, 0)


def test_a_fresh_database_goes_even_while_it_is_in_use(postgres_url):
    with fresh_database(postgres_url) as url:
        name = url.rpartition("/")[2].partition("?")[0]
        engine = create_engine(url)
        engine.connect()
    engine.dispose()
    assert ask(postgres_url, f"select count(*) from pg_database where datname = '{name}'") == 0


def test_a_killed_test_run_leaves_no_server_and_a_later_one_removes_its_files():
    script = (
        "import os, signal, subprocess\n"
        "from tests.lab.database import postgres\n"
        "with postgres._folder() as folder:\n"
        "    server = postgres._as_account(['sleep', '600'], subprocess.Popen, stdout=subprocess.DEVNULL)\n"
        "    print(folder, server.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    folder, pid = told.stdout.split()
    assert Path(folder).exists()
    eventually(lambda: not Path(f"/proc/{pid}").exists())
    with postgres._folder():
        assert not Path(folder).exists()
