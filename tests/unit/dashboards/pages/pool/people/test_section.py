"""The people of a pool: listed, given roles and relieved of them by the pool's managers."""

import pytest
from flask import g
from werkzeug.exceptions import Forbidden, NotFound

from dashboards.pages.pool.people import section
from dashboards.pages.pool.people.listing import TAKE
from dashboards.web.access import Visitor
from p2ppool.accounts import users
from p2ppool.accounts.roles.rights import ALL_RIGHTS, Rights
from p2ppool.records.audit import lines_about
from p2ppool.store.models import PoolRole, Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool, pool_of
from tests.unit.dashboards.trees import texts


@pytest.fixture(autouse=True)
def bob(engine, request_context):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    with UnitOfWork(engine) as work:
        users.create(work.session, "bob", Role.MEMBER, "test")
        work.commit()


@pytest.fixture
def clicked(monkeypatch):
    """Clicks a button of the section."""

    def clicked(*, user="bob", role="operator", take=None, pool="demo"):
        triggered = section._GIVE if take is None else {"part": TAKE, "user": take}
        monkeypatch.setattr(section, "ctx", type("Context", (), {"triggered_id": triggered}))
        told, listed, _ = section._clicked(1, [], user, role, pool)
        return told if isinstance(told, str) else " ".join(texts(told)), " ".join(texts(listed))

    return clicked


def test_a_role_is_given_changed_and_taken(engine, clicked):
    assert "Nobody has a role" in " ".join(texts(section.layout("demo")))
    assert clicked()[0] == "bob is now operator."
    told, listed = clicked(user=" BOB ", role="manager")
    assert (told, "bob" in listed, "manager" in listed) == ("bob is now manager.", True, True)
    assert clicked(take="bob")[0] == "bob has no role on this pool any more."
    with reading(engine) as work:
        lines = [(line.who, line.what) for line in lines_about(work.session, pool_of(engine, "demo"), 9)]
    assert lines == [("page ada", "take role"), ("page ada", "give role"), ("page ada", "give role")]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"user": "eve"}, "there is no user named 'eve'"),
        ({"user": ""}, "there is no user named ''"),
        ({"role": "owner"}, "viewer, operator, manager"),
        ({"take": "bob"}, "bob has no role on pool demo"),
        ({"pool": "nowhere"}, "nowhere"),
    ],
)
def test_what_can_not_be_is_said(clicked, sent, told):
    assert told in clicked(**sent)[0]


def test_a_manager_of_the_pool_gives_roles_on_it_alone(engine, clicked):
    own = Rights(on_pools={"demo": PoolRole.MANAGER}, pool_ids=frozenset({pool_of(engine, "demo").id}))
    g.p2ppool_visitor = Visitor(7, "grace", own)
    assert clicked()[0] == "bob is now operator."
    assert section.layout("other") is None
    with pytest.raises(NotFound):
        clicked(pool="other")


def test_who_may_not_give_roles_sees_no_section(clicked):
    g.p2ppool_visitor = Visitor(7, "grace", Rights(PoolRole.VIEWER, {"demo": PoolRole.OPERATOR}))
    assert section.layout("demo") is None
    with pytest.raises(Forbidden):
        clicked()


def test_somebody_who_proved_nothing_lately_is_asked_again(clicked):
    g.p2ppool_visitor = Visitor(1, "ada", ALL_RIGHTS, is_recent=False)
    assert "Confirm that it is you" in clicked()[0]
