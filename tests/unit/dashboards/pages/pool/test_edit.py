"""The form on a pool's page that changes what touches no host."""

import pytest
from dash import no_update
from flask import g
from werkzeug.exceptions import Forbidden

from dashboards.pages.pool import edit
from dashboards.web.access import Visitor
from p2ppool.records.audit import lines_about
from p2ppool.records.pools import get_pool
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool
from tests.unit.dashboards.trees import texts


def pool(engine):
    with reading(engine) as work:
        return get_pool(work.session, "demo")


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
