"""Views are kept for each user and for the pool; what is none is refused."""

import pytest
from sqlalchemy import select

from p2ppool.accounts.table_views import (
    NodeView,
    forget_own_view,
    keep_own_view,
    own_view,
    pool_view,
    set_pool_view,
)
from p2ppool.errors import UserError
from p2ppool.store.models import AuditLine
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool
from tests.lab.web.people import a_user, cheap_passwords

__all__ = ["cheap_passwords"]

VIEW = NodeView(("host", "cpu"), (("cpu", "desc"), ("host", "asc")))
OTHER = NodeView(("address",))


def test_each_user_has_one_view_of_each_pool(engine, cheap_passwords):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    ada, grace = (a_user(engine, name).id for name in ("ada", "grace"))
    keep_own_view(engine, "demo", ada, OTHER)
    keep_own_view(engine, "demo", ada, VIEW)
    assert own_view(engine, "demo", ada) == VIEW
    assert own_view(engine, "demo", grace) is own_view(engine, "other", ada) is None
    forget_own_view(engine, "demo", ada)
    forget_own_view(engine, "demo", ada)
    assert own_view(engine, "demo", ada) is None


def test_the_pools_default_goes_into_the_audit_log(engine):
    a_bare_pool(engine)
    assert pool_view(engine, "demo") is None
    set_pool_view(engine, "demo", OTHER, "ada")
    set_pool_view(engine, "demo", VIEW, "ada")
    assert pool_view(engine, "demo") == VIEW
    with reading(engine) as work:
        lines = work.session.scalars(select(AuditLine).order_by(AuditLine.id)).all()
    assert [(line.who, line.details) for line in lines] == [("ada", OTHER.written()), ("ada", VIEW.written())]


def test_there_are_no_views_of_no_pool(engine):
    with pytest.raises(UserError, match="no pool is named 'nobody'"):
        keep_own_view(engine, "nobody", 1, VIEW)


def test_what_is_written_can_be_read():
    assert NodeView.read(VIEW.written()) == VIEW


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {"columns": [], "sorting": []},
        {"columns": ["a", "a"], "sorting": []},
        {"columns": ["<b>"], "sorting": []},
        {"columns": [1], "sorting": []},
        {"columns": ["a"] * 65, "sorting": []},
        {"columns": ["a"], "sorting": [["a", "up"]]},
        {"columns": ["a"], "sorting": [["a"]]},
        {"columns": ["a"], "sorting": {"a": "asc"}},
        {"columns": "ab", "sorting": []},
    ],
)
def test_what_is_no_view_is_refused(given):
    with pytest.raises(UserError, match="no view of nodes"):
        NodeView.read(given)
