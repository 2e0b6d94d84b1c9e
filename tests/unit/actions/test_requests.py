"""What a Prefect run asks for, whatever stands in its parameters."""

from datetime import UTC, datetime

import pytest

from p2ppool.actions.requests import pool_name, request_of

DUE = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def asked(parameters):
    return request_of("check", parameters, "ada", "run-1", DUE)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"pool": "demo"}, "demo"),
        ({"spec": {"name": "demo"}, "hosts": "a b"}, "demo"),
        ({"spec": {"name": "new"}, "pool": "old"}, "new"),
        ({}, ""),
        ({"pool": None}, ""),
        ({"pool": 7}, ""),
        ({"pool": ["demo"]}, ""),
        ({"spec": {}}, ""),
        ({"spec": {"name": {"name": "demo"}}}, ""),
        ({"spec": "demo"}, ""),
        ({"pool": "de\0mo"}, ""),
        ({"pool": "demo\ud800"}, ""),
        ({"pool": "demo\n"}, ""),
    ],
)
def test_the_pool_that_a_run_is_about(parameters, name):
    assert pool_name(parameters) == name


def test_a_request_is_what_the_run_says():
    found = asked({"pool": "demo", "retry_of": 3})
    assert (found.action, found.requester, found.flow_run, found.due) == ("check", "ada", "run-1", DUE)
    assert (found.parameters, found.retry_of) == ({"pool": "demo", "retry_of": 3}, 3)


def test_defaults_are_the_same_spelt_out_or_not():
    assert asked({"pool": "demo", "retry_of": None}).parameters == asked({"pool": "demo"}).parameters


def test_of_a_creation_the_spec_is_remembered_but_no_file_of_hosts():
    found = asked({"spec": {"name": "demo", "package": "node", "hosts": "a\nb"}})
    assert found.parameters == {"name": "demo", "package": "node"}


@pytest.mark.parametrize("retry_of", [True, "3", 3.0, [3], 0, -1, 2**31, 10**30])
def test_what_can_t_be_a_ticket_is_not_tried_again(retry_of):
    assert asked({"pool": "demo", "retry_of": retry_of}).retry_of is None
