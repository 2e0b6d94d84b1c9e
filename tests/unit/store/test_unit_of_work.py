"""Nothing stays without a commit; two writers take turns."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from p2ppool.store import engine as store_engine
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Host, Package, Pool, PoolState, SshKey
from p2ppool.store.unit_of_work import UnitOfWork, reading


def a_package(version="1", **fields):
    return Package(
        name="node",
        version=version,
        digest="0" * 64,
        size=1,
        runtime="python3",
        program="P2PNode.py",
        **fields,
    )


def versions(engine):
    with reading(engine) as work:
        return sorted(work.session.scalars(select(Package.version)))


def test_a_commit_keeps(engine):
    with UnitOfWork(engine) as work:
        work.session.add(a_package())
        work.commit()
    assert versions(engine) == ["1"]


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])  # FULL, NORMAL
def test_on_sqlite_a_commit_is_on_the_disk_unless_it_need_not_be(tmp_path, monkeypatch, durable, level):
    monkeypatch.setattr(store_engine, "DURABLE", "FULL")
    engine = open_engine(f"sqlite:///{tmp_path / 'p2ppool.db'}")
    for wanted, found in ((durable, level), (not durable, 3 - level)):  # over one and the same connection
        with UnitOfWork(engine, durable=wanted) as work:
            assert work.session.scalar(text("PRAGMA synchronous")) == found
    engine.dispose()


def test_an_error_of_the_database_does_not_tell_what_was_to_be_written(engine):
    with UnitOfWork(engine) as work:
        work.session.add_all([a_package(), a_package()])
        with pytest.raises(IntegrityError) as error:
            work.session.flush()
    assert "SQL parameters hidden" in str(error.value)
    assert "P2PNode.py" not in str(error.value)


def test_without_a_commit_nothing_stays(engine):
    with UnitOfWork(engine) as work:
        work.session.add(a_package())
        work.session.flush()
    assert versions(engine) == []


def test_an_error_undoes_all_since_the_last_commit(engine):
    def fail():
        with UnitOfWork(engine) as work:
            work.session.add(a_package("1"))
            work.commit()
            work.session.add(a_package("2"))
            work.session.flush()
            raise KeyError("stop here")

    with pytest.raises(KeyError):
        fail()
    assert versions(engine) == ["1"]


def test_rows_stay_readable_after_the_unit_is_closed(engine):
    with UnitOfWork(engine) as work:
        package = a_package()
        work.session.add(package)
        work.commit()
    assert package.name == "node"


def test_a_reading_unit_refuses_to_commit(engine):
    with reading(engine) as work, pytest.raises(RuntimeError, match="reading"):
        work.commit()


def test_times_come_back_aware_and_in_utc(engine):
    moment = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with UnitOfWork(engine) as work:
        work.session.add(a_package(added_at=moment))
        work.commit()
    with reading(engine) as work:
        found = work.session.scalars(select(Package.added_at)).one()
    assert (found, found.tzinfo) == (moment, UTC)


def test_a_naive_time_is_refused(engine):
    with UnitOfWork(engine) as work:
        work.session.add(a_package(added_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the mistake under test
        with pytest.raises(StatementError, match="time zone"):
            work.session.flush()


def test_states_come_back_as_what_they_are(engine):
    with UnitOfWork(engine) as work:
        work.session.add(a_pool())
        work.commit()
    with reading(engine) as work:
        assert work.session.scalars(select(Pool.state)).one() is PoolState.ACTIVE


def test_a_host_without_its_pool_is_refused(engine):
    with UnitOfWork(engine) as work:
        work.session.add(Host(pool_id=4711, name="h", address="127.0.0.1", port=22))
        with pytest.raises(IntegrityError):
            work.session.flush()


def test_writers_that_both_read_first_lose_no_update(engine):
    """Counting up from many threads: a deferred transaction on SQLite would fail or lose some."""
    with UnitOfWork(engine) as work:
        work.session.add(a_package("0"))
        work.commit()

    def count_up():
        for _ in range(10):
            with UnitOfWork(engine) as work:
                package = work.session.scalars(select(Package).with_for_update()).one()
                package.version = str(int(package.version) + 1)
                work.commit()

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert versions(engine) == ["40"]


def a_pool():
    key = SshKey(
        name="key", key_type="ssh-ed25519", bits=256, fingerprint="SHA256:x", public_line="x", sealed=b""
    )
    return Pool(
        name="demo",
        token="t" * 32,
        namespace="demo",
        rpc_port=10000,
        ssh_user="p2p",
        ssh_key=key,
        package=a_package(),
        install_path="p2p",
    )
