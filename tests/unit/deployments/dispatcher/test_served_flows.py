"""What is served is what the starter waits for, with a form that a person can fill in."""

import pytest

from deployments.dispatcher.registration import SERVED
from deployments.dispatcher.served_flows import FLOWS
from p2ppool.actions.catalogue import Action


def test_the_starter_waits_for_every_flow():
    assert set(FLOWS) == set(SERVED)


def test_every_flow_is_an_action_of_the_rules_but_what_only_reads():
    assert set(FLOWS) - set(Action) == {"export-csv"}


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flow_takes_no_secret_and_no_turn(flow):
    text = str(flow.parameters.model_dump()).lower()
    assert not any(word in text for word in ("secretstr", "password", "passphrase", "private", "held"))


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flows_form_asks_for_a_pool_by_a_name_that_can_be_one(flow):
    schema = flow.parameters.model_dump()
    assert "pool" in schema["properties"] or "spec" in schema["properties"]
    assert "^[A-Za-z0-9]" in str(schema)
    assert flow.description
