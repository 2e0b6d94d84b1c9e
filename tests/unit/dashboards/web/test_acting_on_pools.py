"""Callbacks that act on a pool, tried with its name by everybody."""

import pytest

from p2ppool.store.models import PoolRole
from tests.lab.past.history import a_ticket
from tests.lab.web.people import MANAGER
from tests.unit.dashboards.web.access_table import CALLBACKS, PEOPLE
from tests.unit.dashboards.web.test_access import clicked, client, dependencies, first_output

__all__ = ["client"]

CLICKS = {
    "asking-told.children": {"asking-asked": {"action": "crawl", "pool": "demo", "at": 1}},
    "pool-edit-told.children": {"pool-edit-save": 1, "pool-name": "demo"},
    "pool-people-told.children": {
        "pool-people-give": 1,
        "pool-people-user": MANAGER,
        "pool-people-role": "viewer",
        "pool-name": "demo",
    },
    "activity-told.children": {"activity-asked": {"do": "cancel", "ticket": 1}},
    "nodes-default-told.children": {
        "nodes-make-default": 1,
        "nodes-shown": {"columns": ["host"], "sorting": []},
        "nodes-name": "demo",
    },
}
"""What is sent for the pool `demo` to callbacks that act on one."""


def test_every_callback_that_acts_on_a_pool_is_tried_with_one():
    assert set(CLICKS) == {output for output, need in CALLBACKS.items() if isinstance(need, PoolRole)}


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "anonymous"])
def test_who_can_set_off_what_acts_on_this_pool(app, engine, client, who):
    """By forged input, too: whoever may act on another pool sends the name of this one."""
    a_ticket(engine, "demo", "crawl")
    wrong = []
    for each in dependencies(client):
        if (output := first_output(each)) not in CLICKS:
            continue
        answer = client.post("/_dash-update-component", json=clicked(each, **CLICKS[output]))
        if (answer.status_code == 200) is not expected_of(PEOPLE[who], CALLBACKS[output], answer):
            wrong.append((output, answer.status_code, answer.text[:200]))
    assert wrong == []


def expected_of(person, need, answer):
    """Whether it is answered; those for whom there is no such ticket are told so as if there were none."""
    return person.may(need) or (person.on_pool is None and "there is no ticket 1" in answer.text)
