"""Registering a pool: only those who may create one, still when its run starts."""

from types import SimpleNamespace

import pytest

from p2ppool.accounts import users
from p2ppool.actions.requests import Request
from p2ppool.errors import UserError
from p2ppool.store.models import Role
from p2ppool.store.unit_of_work import UnitOfWork
from tasks import turn


@pytest.fixture
def asked(engine, monkeypatch):
    """Registers a pool for a user of the pages with that role; what comes next only says so."""

    def write(change):
        with UnitOfWork(engine) as work:
            return change(work)

    def asked(role):
        with UnitOfWork(engine) as work:
            users.create(work.session, "bob", role, "test")
            work.commit()
        turn._register(Request("create", "page bob", {}), SimpleNamespace(name="new"), [])

    monkeypatch.setattr(turn, "write", write)
    monkeypatch.setattr(turn, "prepare", lambda *_: (_ for _ in ()).throw(InterruptedError))
    return asked


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_who_is_no_manager_any_more_creates_no_pool(asked, role):
    with pytest.raises(UserError, match="the user bob on pool new does not allow create"):
        asked(role)


def test_a_manager_goes_on(asked):
    with pytest.raises(InterruptedError):
        asked(Role.MANAGER)
