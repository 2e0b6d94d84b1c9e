"""The period that a page shows: from the address, the quick choices and the fields."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from dash import no_update

from dashboards.components import period_picker
from dashboards.components.period_picker import LAST_CRAWLS, Choice, Quick, choice, field_text, picker
from p2ppool.errors import UserError
from p2ppool.reports.period import ALWAYS, Period
from tests.unit.dashboards.trees import components

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def shown(query, **options):
    """What a picker holds and shows, by the ends of its parts' ids."""
    parts = {
        part["props"]["id"].removeprefix("page-period"): part["props"]
        for part in components(picker("page", query, **options))
        if "id" in part["props"]
    }
    return {
        "data": {name: text for name, text in parts[""]["data"].items() if text},
        "quick": parts["-quick"]["value"],
        "fields": (parts["-from"]["value"], parts["-to"]["value"]),
        "error": parts["-error"]["children"],
    }


def test_each_quick_choice_goes_up_to_now_and_on():
    choices = {quick: choice({"period": quick.value}, AT) for quick in Quick}
    assert choices == {
        Quick.CRAWLS: Choice(ALWAYS, LAST_CRAWLS),
        Quick.DAY: Choice(Period(AT - timedelta(days=1))),
        Quick.WEEK: Choice(Period(AT - timedelta(days=7))),
        Quick.MONTH: Choice(Period(AT - timedelta(days=30))),
        Quick.ALL: Choice(ALWAYS),
    }
    assert all(one.is_open for one in choices.values())


def test_two_moments_are_a_period_in_utc():
    assert choice({"from": "2026-03-01T00:00", "to": "2026-04-01T00:00"}) == Choice(MARCH)
    assert not Choice(MARCH).is_open
    assert choice({"period": None, "from": "2026-03-01T00:00", "to": None}).is_open


def test_an_address_that_wants_nothing_gets_the_default():
    expected = {"data": {"period": "crawls"}, "quick": "crawls", "fields": ("", ""), "error": ""}
    assert shown({}) == expected
    assert shown({"pool": "demo"}, default=Quick.WEEK)["quick"] == "week"


def test_an_address_survives_a_reload():
    assert shown({"period": "month"})["data"] == {"period": "month"}
    fields = ("2026-03-01T00:00", "2026-04-01T00:00")
    wanted = shown({"from": "2026-03-01T01:00+01:00", "to": "2026-04-01"})
    assert (wanted["fields"], wanted["quick"]) == (fields, None)
    assert shown(wanted["data"]) == wanted


@pytest.mark.parametrize(
    "query",
    [
        {"period": "<script>alert(1)</script>"},
        {"from": "=1+1"},
        {"from": "2026-04-01", "to": "2026-03-01"},
        {"to": "9" * 5000},
    ],
)
def test_an_address_that_cannot_be_read_gets_the_default_and_one_line(query):
    found = shown(query)
    assert found["data"] == {"period": "crawls"}
    assert 0 < len(found["error"]) < 200
    assert "\n" not in found["error"]


def test_a_quick_choice_empties_the_fields():
    data, error, quick, *fields = period_picker._chosen_quick("day")
    assert (data["period"], error, quick, fields) == ("day", "", no_update, ["", ""])
    assert set(period_picker._chosen_fields("", "")) == {no_update}


def test_the_fields_take_the_quick_choice_back():
    data, error, quick, *fields = period_picker._chosen_fields("2026-03-01T00:00", "")
    assert (data, error, quick) == ({"period": None, "from": "2026-03-01T00:00", "to": None}, "", None)
    assert fields == [no_update, no_update]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (("2026-03-01T00:00", "2026-03-01T00:00"), "the end must be after the start"),
        (("0202-03-01T00:00", ""), "enter four digits"),
        (("x" * 500, ""), "is not a time"),
    ],
)
def test_fields_that_cannot_be_read_change_nothing_and_say_so(fields, error):
    data, said, *others = period_picker._chosen_fields(*fields)
    assert error in said
    assert (data, others) == (no_update, [no_update] * 3)


def test_fields_are_in_utc_to_the_minute():
    assert field_text(datetime(2026, 3, 1, 1, 30, 59, tzinfo=timezone(timedelta(hours=1)))) == (
        "2026-03-01T00:30"
    )
    assert field_text(None) == ""
    with pytest.raises(UserError):
        choice({"from": "never"})
