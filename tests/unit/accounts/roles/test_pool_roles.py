"""Roles on single pools: given, changed, taken, and gone with the pool or the user."""

import pytest
from sqlalchemy import delete, select

from p2ppool.accounts import users
from p2ppool.accounts.roles import pool_roles
from p2ppool.accounts.roles.rights import NO_RIGHTS
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Pool, PoolRole, Role, UserOnPool
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool


@pytest.fixture
def work(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    with UnitOfWork(engine) as work:
        yield work


@pytest.fixture
def session(work):
    return work.session


@pytest.fixture
def bob(session):
    return users.create(session, "bob", Role.MEMBER, "test")


@pytest.fixture
def demo(session):
    return get_pool(session, "demo")


def test_a_user_has_one_role_on_a_pool_and_each_change_is_recorded(session, demo, bob):
    assert pool_roles.give(session, demo, bob, PoolRole.OPERATOR, "page ada")
    assert not pool_roles.give(session, demo, bob, PoolRole.OPERATOR, "page ada")
    assert pool_roles.give(session, demo, bob, PoolRole.MANAGER, "page ada")
    assert [(each.user.name, each.role) for each in pool_roles.of_pool(session, demo)] == [("bob", "manager")]
    pool_roles.take(session, demo, bob, "page eve")
    assert pool_roles.of_pool(session, demo) == []
    lines = [(line.who, line.what, line.details["role"]) for line in audit.lines_about(session, demo, 9)]
    assert lines == [
        ("page eve", "take role", ["manager", None]),
        ("page ada", "give role", ["operator", "manager"]),
        ("page ada", "give role", [None, "operator"]),
    ]


def test_what_is_not_there_cannot_be_taken(session, demo, bob):
    with pytest.raises(UserError, match="bob has no role on pool demo"):
        pool_roles.take(session, demo, bob, "test")


def test_rights_are_those_of_now(session, demo, bob):
    pool_roles.give(session, demo, bob, PoolRole.OPERATOR, "test")
    rights = pool_roles.rights_of(session, bob)
    assert (rights.on("demo"), rights.on("other"), rights.pool_ids) == (PoolRole.OPERATOR, None, {demo.id})
    bob.active = False
    assert pool_roles.rights_of(session, bob) == NO_RIGHTS == pool_roles.rights_of(session, None)


@pytest.mark.parametrize("gone", ["pool", "user"])
def test_it_goes_with_the_pool_and_with_the_user(session, demo, bob, gone):
    pool_roles.give(session, demo, bob, PoolRole.VIEWER, "test")
    users.create(session, "ada", Role.MANAGER, "test")
    if gone == "pool":
        session.execute(delete(Pool).where(Pool.id == demo.id))
    else:
        users.remove(session, bob, "test")
    session.expire_all()
    assert session.scalars(select(UserOnPool)).all() == []
