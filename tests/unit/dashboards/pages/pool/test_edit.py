"""The form on a pool's page that changes what touches no host."""

import pytest
from dash import no_update
from flask import g
from werkzeug.exceptions import Forbidden

from dashboards.pages.pool import edit
from dashboards.web.access import Visitor
from p2ppool.accounts.roles.rights import Rights
from p2ppool.records.audit import lines_about
from p2ppool.records.pools import get_pool
from p2ppool.store.models import PoolRole
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool
from tests.unit.dashboards.trees import components, texts


def pool(engine):
    with reading(engine) as work:
        return get_pool(work.session, "demo")


def manager_of(pool):
    return Visitor(7, "grace", Rights(on_pools={pool.name: PoolRole.MANAGER}, pool_ids=frozenset({pool.id})))


def offered(name):
    """The roles of the pool that the form offers."""
    return [
        list(part["props"]["options"]) for part in components(edit.layout(name)) if "options" in part["props"]
    ]


def save(description="new words", roles=("is_test",), limit="20"):
    return edit._save(1, description, list(roles), limit, "demo")


def test_what_is_changed_is_kept_and_noted_with_who_did(engine, request_context):
    a_bare_pool(engine, description="old words")
    told, mark = save()
    assert told == "Saved: description, test, failure limit."
    assert mark is not no_update
    found = pool(engine)
    assert (found.description, found.is_default, found.is_test, found.failure_limit) == (
        "new words",
        False,
        True,
        20,
    )
    with reading(engine) as work:
        (line,) = lines_about(work.session, found, 9)
    assert (line.who, line.details["failure_limit"]) == ("page ada", [50, 20])
    assert save() == ("Nothing has changed.", no_update)


@pytest.mark.parametrize("limit", ["", "ten", "101", "-1"])
def test_what_can_not_be_used_is_said_and_nothing_is_kept(engine, request_context, limit):
    a_bare_pool(engine)
    told, mark = save(limit=limit)
    assert (mark, pool(engine).description) == (no_update, "")
    assert "failure limit" in texts(told)[0]


def test_a_viewer_changes_nothing(engine, request_context):
    a_bare_pool(engine)
    assert texts(edit.layout("demo"))
    g.p2ppool_visitor = Visitor(7, "grace")
    assert edit.layout("demo") is None
    with pytest.raises(Forbidden):
        save()
    assert pool(engine).failure_limit == 50


def test_the_default_pool_is_chosen_by_managers_of_all_pools_alone(engine, request_context):
    a_bare_pool(engine)
    a_bare_pool(engine, "theirs", is_default=True)
    assert offered("demo") == [["is_default", "is_test"]]
    g.p2ppool_visitor = manager_of(pool(engine))
    assert offered("demo") == [["is_test"]]
    told, mark = save(roles=("is_default",))
    assert "Only managers of the whole installation" in texts(told)[0]
    assert (mark, pool(engine).description, pool(engine).is_default) == (no_update, "", False)
    assert save(roles=())[0] == "Saved: description, failure limit."
    with reading(engine) as work:
        assert get_pool(work.session, "theirs").is_default


def test_the_default_pool_stays_so_if_its_manager_saves(engine, request_context):
    a_bare_pool(engine, is_default=True)
    g.p2ppool_visitor = manager_of(pool(engine))
    assert save(roles=())[0] == "Saved: description, failure limit."
    assert pool(engine).is_default
