"""A transaction that is never kept, and two users in it."""

import pytest

from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.groups import a_user


@pytest.fixture
def session(engine):
    with UnitOfWork(engine) as work:
        yield work.session


@pytest.fixture
def ann(session):
    return a_user(session, "ann")


@pytest.fixture
def bob(session):
    return a_user(session, "bob")
