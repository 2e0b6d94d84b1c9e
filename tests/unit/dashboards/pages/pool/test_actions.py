"""The buttons of a pool's page."""

import pytest

from dashboards.components.actions import offers, start
from dashboards.pages.pool import actions
from p2ppool.actions.catalogue import Action
from p2ppool.store.models import PoolState
from tests.lab.past.history import a_bare_pool
from tests.unit.dashboards.trees import hrefs, texts

LOOKS = [Action.CRAWL, Action.CHECK, Action.VERIFY, Action.INSTALL, Action.GATHER_LOGS, Action.GATHER_RESULTS]


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (PoolState.ACTIVE, [*LOOKS, Action.SUSPEND, Action.STOP]),
        (PoolState.SUSPENDED, [Action.INSTALL, Action.RESUME, Action.STOP]),
        (PoolState.STOPPED, [Action.STOP, Action.UNINSTALL_CHECK]),
        (PoolState.GONE, []),
    ],
)
def test_a_pool_offers_what_its_state_allows(state, offered):
    assert offers.offered(state) == offered


def test_the_buttons_come_with_the_state_and_stay_while_it_does(engine, request_context):
    a_bare_pool(engine, state=PoolState.STOPPED)
    buttons, seen = actions._fill("", "demo", None)
    assert texts(buttons) == ["Stop", "Uninstall check"]
    assert [button.to_plotly_json()["props"]["data-ask"] for button in buttons] == ["stop", "uninstall-check"]
    assert texts(actions._fill("", "demo", seen)[0]) == []


def test_an_upgrade_is_asked_for_in_prefects_form(engine, request_context):
    a_bare_pool(engine)
    buttons, _ = actions._fill("", "demo", None)
    assert hrefs(buttons) == ["/pools/demo/upgrade"]


def test_where_prefects_form_is_can_only_be_told_with_a_server(browser, engine):
    a_bare_pool(engine)
    assert browser.get("/pools/absent/upgrade").status_code == 404
    answer = browser.get("/pools/demo/upgrade")
    assert (answer.status_code, "start it with `p2ppool up`" in answer.text) == (503, True)


def test_without_a_prefect_server_a_click_says_what_to_do(engine, request_context):
    a_bare_pool(engine)
    assert "start it with `p2ppool up`" in " ".join(texts(start.start_action("crawl", "demo")))


@pytest.mark.parametrize("action", ["create", "upgrade", "dance", ""])
def test_no_other_action_can_be_asked_for(engine, request_context, action):
    assert texts(start.start_action(action, "demo")) == ["There is no such button."]
