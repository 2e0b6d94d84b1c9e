"""The chain of the audit shows what was changed, deleted or slipped in."""

import threading

import pytest
from sqlalchemy import delete, text

from p2ppool.accounts import users
from p2ppool.records import audit
from p2ppool.records.audit import Filter, Subject
from p2ppool.records.audit_chain import FIRST, check
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Pool, Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool

WRITERS, EACH = 8, 12


def checked(engine, known=""):
    with reading(engine) as work:
        return check(work.session, known)


def tamper(engine, statement, **values):
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def test_an_empty_record_is_whole(engine):
    assert (checked(engine).entries, checked(engine).head, checked(engine).problems) == (0, FIRST, [])


def test_a_record_is_whole_whatever_the_details_are(engine, note):
    details = {
        "a": 1.5,
        "b": [None, True, "ü\n\u2028"],
        "c": {"z": 1, "y": -0.0},
        "role": Role.MANAGER,
        "d": (1, 2),
    }
    note("one", "two", details=details)
    note("three")
    found = checked(engine)
    assert (found.entries, found.problems) == (3, [])


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_log SET who = 'somebody else' WHERE number = 3", "entry 3 of"),
        ("UPDATE audit_log SET details = '{\"a\": 2}' WHERE number = 3", "entry 3 of"),
        ("UPDATE audit_log SET subject = 'bob' WHERE number = 1", "entry 1 of"),
        ("UPDATE audit_log SET what = 'nothing' WHERE number = 5", "entry 5 of"),
        ("DELETE FROM audit_log WHERE number = 3", "entry 3 is missing"),
        ("DELETE FROM audit_log WHERE number = 1", "entry 1 is missing"),
        ("DELETE FROM audit_log WHERE number = 5", "the entries end with 4, but 5 were written"),
        ("DELETE FROM audit_log", "the entries end with 0, but 5 were written"),
        ("UPDATE audit_head SET number = 4", "the entries end with 4, but 4 were written"),
        ("UPDATE audit_log SET number = NULL WHERE number = 4", "1 entries are not in the chain"),
    ],
)
def test_whatever_is_changed_shows(engine, note, statement, told):
    note("1", "2", "3", "4", "5", details={"a": 1})
    assert checked(engine).problems == []
    tamper(engine, statement)
    assert told in "; ".join(checked(engine).problems)


def test_an_entry_that_was_slipped_in_shows(engine, note):
    note("one")
    tamper(
        engine,
        "INSERT INTO audit_log (at, who, what, subject, details) "
        "VALUES ('2026-11-25 17:00:00', 'eve', 'x', 'demo', '{}')",
    )
    assert checked(engine).problems


def test_a_chain_that_was_written_anew_shows_to_whoever_knows_a_digest(engine, note):
    note("one", "two")
    known = checked(engine).head
    note("three")
    assert checked(engine, known).problems == []
    tamper(engine, "DELETE FROM audit_log")
    tamper(engine, "DELETE FROM audit_head")
    note("one", "two", "three")
    assert checked(engine).problems == []
    assert "written anew" in checked(engine, known).problems[0]


def test_what_is_rolled_back_leaves_no_gap(engine, note):
    note("one")
    with UnitOfWork(engine) as work:
        audit.note(work.session, Subject.user("ada"), "test", "never")
        work.session.rollback()
        audit.note(work.session, Subject.user("ada"), "test", "two")
        work.commit()
        audit.note(work.session, Subject.user("ada"), "test", "three")
        work.commit()
    with UnitOfWork(engine) as work:
        audit.note(work.session, Subject.user("ada"), "test", "never")
        work.session.flush()
    found = checked(engine)
    assert (found.entries, found.problems) == (3, [])


def test_many_writers_at_once_make_one_chain(engine):
    failures = []

    def write(number):
        try:
            for each in range(EACH):
                with UnitOfWork(engine) as work:
                    audit.note(work.session, Subject.user(f"user{number}"), "test", str(each))
                    audit.note(work.session, Subject.user(f"user{number}"), "test", f"{each} again")
                    work.commit()
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    found = checked(engine)
    assert (found.entries, found.problems) == (2 * WRITERS * EACH, [])


def test_it_outlives_what_it_is_about(engine):
    a_bare_pool(engine)
    with UnitOfWork(engine) as work:
        pool = get_pool(work.session, "demo")
        audit.note(work.session, Subject.of(pool), "ada", "edit", {"description": ["a", "b"]})
        users.create(work.session, "ada", Role.MANAGER, "test")
        users.create(work.session, "bob", Role.MANAGER, "test")
        work.commit()
        work.session.execute(delete(Pool).where(Pool.id == pool.id))
        users.remove(work.session, users.get(work.session, "ada"), "test")
        work.commit()
    assert checked(engine).problems == []
    with reading(engine) as work:
        assert [line.what for line in audit.lines_of(work.session, Filter(subject="demo"), 9)] == ["edit"]
        about_ada = audit.lines_of(work.session, Filter(kind="user", subject="ada"), 9)
        assert [line.what for line in about_ada] == ["remove", "create"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["three", "two", "one"]),
        ({"what": "t"}, ["three", "two"]),
        ({"who": "%"}, []),
        ({"subject": "bob"}, ["three"]),
        ({"kind": "pool"}, []),
    ],
    ids=str,
)
def test_filters(engine, note, wanted, found):
    note("one", "two")
    note("three", subject="bob")
    with reading(engine) as work:
        assert [line.what for line in audit.lines_of(work.session, Filter(**wanted), 9)] == found
