"""A database that is away for a moment costs no action anything."""

import ast
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from p2ppool.store.engine import get_engine
from p2ppool.store.models import Package
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import retry_for
from tasks.support.database import read, write
from tests.lab.database.postgres import fresh_database
from tests.unit.store.test_unit_of_work import a_package

ROOT = Path(__file__).parents[4]


@pytest.fixture
def restart(postgres_server, postgres_url, data_folder, monkeypatch):
    """Our tables on PostgreSQL; gives what restarts the server, once."""
    with fresh_database(postgres_url) as url:
        monkeypatch.setenv("P2PPOOL_DATABASE_URL", url)
        upgrade(get_engine())
        done = threading.Event()

        def once():
            if not done.is_set():
                done.set()
                postgres_server.restart()

        yield once
        get_engine().dispose()


def packages(work):
    return work.session.scalar(select(func.count()).select_from(Package))


def test_what_reads_while_the_database_is_restarted_reads_again(restart):
    def count(work):
        packages(work)  # the transaction has begun when its connection breaks
        restart()
        return packages(work)

    assert read(count) == 0


def test_what_writes_then_has_written_once(restart):
    def add(work):
        work.session.add(a_package())
        work.session.flush()
        restart()
        return packages(work)

    assert write(add) == 1
    assert read(packages) == 1


def test_an_idle_connection_that_broke_is_not_noticed(restart):
    read(packages)
    restart()
    assert read(packages) == 0


@pytest.fixture
def pauses(monkeypatch):
    """The pauses between tries, of which each takes no longer than to note it."""
    found = []
    monkeypatch.setattr("tenacity.time", SimpleNamespace(monotonic=lambda: sum(found)))
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=found.append))
    return found


def test_a_database_that_is_back_in_time_is_asked_again(pauses):
    errors = [kind("select", {}, Exception("gone")) for kind in (OperationalError, InterfaceError)]

    def work():
        if errors:
            raise errors.pop()
        return "there"

    assert retry_for(work, 60) == "there"
    assert pauses == [0.5, 0.5]


def test_what_will_never_work_is_not_tried_again():
    tries = []

    def fail():
        tries.append(1)
        raise IntegrityError("insert", {}, Exception("unique"))

    with pytest.raises(IntegrityError):
        retry_for(fail, 60)
    assert len(tries) == 1


def test_a_database_that_stays_away_is_told(pauses):
    def fail():
        raise OperationalError("select", {}, Exception("no such server"))

    with pytest.raises(OperationalError):
        retry_for(fail, 60)
    assert pauses == [0.5] * 120


@pytest.mark.parametrize("room", ["tasks", "flows"])
def test_steps_of_actions_use_the_database_in_no_other_way(room):
    for place in (ROOT / room).glob("*.py"):
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(place.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        opened = calls & {"UnitOfWork", "reading", "patiently"}
        assert not opened or place.name == "database.py", f"{place.name} calls {opened}"
