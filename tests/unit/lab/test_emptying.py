"""Tests share one PostgreSQL database of their worker; none sees what another left in it."""

import pytest
import sqlalchemy as sa

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Base, Role, User
from p2ppool.store.schema import revision, revisions
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.database.emptying import empty
from tests.lab.past.groups import a_user, a_vpn

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.fixture
def another(engine):
    """Somebody else's connections to the same database."""
    another = open_engine(engine.url.render_as_string(hide_password=False))
    yield another
    another.dispose()


def test_all_rows_go_whatever_refers_to_them_and_ids_start_again(engine):
    for _ in range(2):
        with UnitOfWork(engine) as work:
            user = a_user(work.session, "ann")
            assert (user.id, a_vpn(work.session, user).id) == (1, 1)
            work.commit()
        empty(engine)
        with engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_a_transaction_that_was_left_open_is_ended(engine, another):
    left = another.connect()
    left.execute(sa.insert(User).values(name="left", role=Role.VIEWER))
    empty(engine)
    with pytest.raises(sa.exc.OperationalError):
        left.execute(sa.text("SELECT 1"))
    left.invalidate()


def test_a_lock_that_was_left_is_free(engine, another):
    left = another.connect()
    left.execute(sa.text("SELECT pg_advisory_lock(1)"))
    empty(engine)
    left.invalidate()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT pg_try_advisory_lock(1)")).scalar_one()


def test_the_revision_is_that_of_the_tables_again(engine):
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    empty(engine)
    with engine.connect() as connection:
        assert revision(connection) == revisions()[-1]
