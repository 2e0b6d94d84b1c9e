"""What no page sends to a callback: it is refused in one line, and never an error of ours."""

import json
import logging

import pytest

from dashboards.web import callback_requests
from tests.lab.past.history import a_bare_pool
from tests.unit.dashboards.web.test_access import dependencies, outputs_of, sent

ODD = [7, -1, 10**30, 1.5, True, "x", "\x00", "x" * 5000, "%00", [], {}, [[]], [None], {"a": 1}, [{"a": []}]]
UPDATE = "/_dash-update-component"


def body_of(each, value):
    def filled(parts):
        return [part | {"value": value} if isinstance(part, dict) else part for part in sent(parts)]

    return {
        "output": each["output"],
        "outputs": outputs_of(each["output"]),
        "inputs": filled(each["inputs"]),
        "state": filled(each["state"]),
        "changedPropIds": [f"{part['id']}.{part['property']}" for part in each["inputs"]],
    }


def tracebacks(caplog):
    return [record.getMessage() for record in caplog.records if record.exc_info and record.levelno > 10]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_odd_values_are_no_error_of_ours(engine, browser, caplog, value):
    a_bare_pool(engine)
    wrong = {
        each["output"]: answer.status_code
        for each in dependencies(browser)
        if (answer := browser.post(UPDATE, json=body_of(each, value))).status_code >= 500
    }
    assert wrong == {}
    assert tracebacks(caplog) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ('{"output": 7}', 400),
        ('{"output": []}', 400),
        ('{"output": "gone.children", "outputs": {}, "inputs": []}', 409),
        ('{"output": "..a.b...c.d..", "inputs": "x"}', 409),
        ("[" * 200_000, 400),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_callback_is_one_line_in_the_log(browser, caplog, body, status):
    answer = browser.post(UPDATE, data=body, content_type="application/json")
    assert answer.status_code == status
    assert tracebacks(caplog) == []
    lines = [record for record in caplog.records if record.name == "p2ppool.callbacks"]
    assert len(lines) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": []},
        {"inputs": None},
        {"inputs": [7]},
        {"state": {}},
        {"changedPropIds": 7},
        {"changedPropIds": [[]]},
        {"outputs": 7},
    ],
    ids=str,
)
def test_another_releases_inputs_are_told_to_reload(browser, change):
    each = next(each for each in dependencies(browser) if each["inputs"] and each["state"])
    answer = browser.post(UPDATE, json=body_of(each, None) | change)
    assert (answer.status_code, "reload" in answer.text) == (409, True)


def test_a_database_that_is_away_is_not_the_senders_fault(browser, monkeypatch):
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    def away():
        raise OperationalError("SELECT 1", {}, ConnectionError("away"))

    with pytest.raises(OperationalError):
        callback_requests._attempt(away, "x.children")


def test_an_exception_of_ours_can_be_found_in_the_log(browser, caplog, app):
    caplog.set_level(logging.DEBUG, "p2ppool.callbacks")

    def broken():
        return json.loads("")

    with app.test_request_context("/"):
        callback_requests._attempt(broken, "x.children")
    kept, told = (record for record in caplog.records if record.name == "p2ppool.callbacks")
    assert (kept.levelno, bool(kept.exc_info)) == (logging.DEBUG, True)
    assert "JSONDecodeError" in told.getMessage()
