"""A pool that nothing is left of goes with its rows, files and key; nothing else goes."""

import pytest
from sqlalchemy import func, select, update

from p2ppool.pools.definition.deletion import delete_gone
from p2ppool.settings import Settings
from p2ppool.store.models import Base, Pool, PoolState, SshKey, Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_pool, a_ticket


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path)


def give_up(engine, name, **parameters):
    a_ticket(engine, name, "uninstall-check", TicketState.DONE, parameters=parameters)
    with UnitOfWork(engine) as work:
        pool = work.session.scalars(select(Pool).where(Pool.name == name)).one()
        pool.state = PoolState.GONE
        work.session.execute(update(Ticket).where(Ticket.pool_id == pool.id).values(notified=True))
        work.commit()


def rows(engine):
    with reading(engine) as work:
        return {
            table.name: work.session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


def keys(engine):
    with reading(engine) as work:
        return work.session.scalar(select(func.count()).select_from(SshKey))


def test_all_its_rows_go_and_the_others_stay(engine, config):
    a_pool(engine, "stays", nodes=5)
    before = rows(engine)
    a_pool(engine, "goes", nodes=9)
    give_up(engine, "goes")
    assert delete_gone(engine, config) == ["goes"]
    assert {name: count for name, count in rows(engine).items() if name != "packages"} == {
        name: count for name, count in before.items() if name != "packages"
    }


def test_its_files_go_and_those_of_others_stay(engine, config, tmp_path):
    for name in ("goes", "stays"):
        a_pool(engine, name)
        (tmp_path / "gathered" / name).mkdir(parents=True)
    give_up(engine, "goes")
    delete_gone(engine, config)
    assert [folder.name for folder in (tmp_path / "gathered").iterdir()] == ["stays"]


def test_its_key_stays_when_that_was_requested(engine, config):
    a_pool(engine, "goes")
    give_up(engine, "goes", keep_key=True)
    delete_gone(engine, config)
    assert keys(engine) == 1


def test_its_key_stays_while_another_pool_uses_it(engine, config):
    a_pool(engine, "goes")
    a_pool(engine, "stays")
    with UnitOfWork(engine) as work:
        first, second = work.session.scalars(select(Pool).order_by(Pool.id))
        second.ssh_key_id = first.ssh_key_id
        work.commit()
    give_up(engine, "goes")
    before = keys(engine)
    delete_gone(engine, config)
    assert keys(engine) == before


def test_nothing_goes_before_prefect_knows_how_the_last_run_ended(engine, config):
    a_pool(engine, "waits")
    give_up(engine, "waits")
    a_ticket(engine, "waits", "check", TicketState.REFUSED, notified=False)
    assert delete_gone(engine, config) == []


def test_active_and_stopped_pools_stay(engine, config):
    a_pool(engine, "active")
    a_pool(engine, "stopped", state=PoolState.STOPPED)
    assert delete_gone(engine, config) == []
