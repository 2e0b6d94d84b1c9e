import pytest

from p2ppool.accounts import users
from p2ppool.store.models import Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.web.people import PASSWORD, cheap_passwords

__all__ = ["cheap_passwords"]


@pytest.fixture
def work(engine, cheap_passwords):
    """A unit of work on each kind of database, without users."""
    with UnitOfWork(engine) as work:
        yield work


@pytest.fixture
def session(work):
    return work.session


@pytest.fixture
def ada(session):
    """A manager."""
    return users.create(session, "ada", Role.MANAGER, "test", password=PASSWORD)


@pytest.fixture
def bob(session):
    """A viewer."""
    return users.create(session, "bob", Role.VIEWER, "test", password=PASSWORD)
