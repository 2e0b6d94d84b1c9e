"""Editing a pool: what is given changes, the rest stays, and who did it is noted."""

import pytest
from sqlalchemy import select

from p2ppool.errors import UserError
from p2ppool.pools.definition.editing import edit, read_edit
from p2ppool.records.audit import lines_about
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.unit.pools.definition.test_registry import make


@pytest.fixture
def registered(stocked):
    make(stocked)
    return stocked


def change(engine, name="demo", **fields):
    with UnitOfWork(engine) as work:
        changes = edit(work, get_pool(work.session, name), read_edit(**fields), "cli ada")
        work.commit()
        return changes


def notes(engine):
    with reading(engine) as work:
        found = lines_about(work.session, get_pool(work.session, "demo"), 10)
        return [(line.who, line.what, line.details) for line in found]


def test_it_says_what_was_before(registered):
    changes = change(registered, description="new", failure_limit=10)
    assert changes == {"description": ["", "new"], "failure_limit": [50, 10]}
    assert notes(registered) == [("cli ada", "edit", changes)]
    with reading(registered) as work:
        pool = get_pool(work.session, "demo")
        assert (pool.description, pool.failure_limit, pool.is_test) == ("new", 10, False)


def test_what_was_like_that_already_is_no_change(registered):
    assert change(registered, failure_limit=50) == {}
    assert notes(registered) == []


def test_there_is_one_default_pool(registered):
    make(registered, name="other")
    change(registered, is_default=True)
    change(registered, "other", is_default=True)
    with reading(registered) as work:
        assert list(work.session.scalars(select(Pool.name).where(Pool.is_default))) == ["other"]


def test_another_key(registered):
    with pytest.raises(UserError, match="absent"):
        change(registered, ssh_key="absent")
    assert change(registered, ssh_key="key") == {}


@pytest.mark.parametrize("fields", [{}, {"failure_limit": 101}, {"ssh_user": "-oProxyCommand=x"}])
def test_what_can_not_be_used_is_refused(fields):
    with pytest.raises(UserError):
        read_edit(**fields)
