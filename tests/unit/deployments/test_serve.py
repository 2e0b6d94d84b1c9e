"""What is served is what the starter waits for."""

from deployments.serve import FLOWS
from deployments.up import ACTIONS


def test_the_starter_waits_for_every_flow():
    assert {flow.name for flow in FLOWS} == set(ACTIONS)


def test_no_flow_takes_a_secret():
    for flow in FLOWS:
        text = str(flow.parameters.model_dump()).lower()
        assert not any(word in text for word in ("secretstr", "password", "passphrase", "private"))
