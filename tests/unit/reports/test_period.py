"""Stretches of time as people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from p2ppool.errors import UserError
from p2ppool.reports.period import ALWAYS, Period, period

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def test_days_without_a_zone_are_midnights_in_utc():
    assert period("2026-03-01", "2026-04-01") == Period(MARCH, APRIL)


def test_other_zones_are_reported_in_utc():
    assert period("2026-03-01T01:00+01:00", "") == Period(MARCH, None)
    assert period(None, None) == ALWAYS


def test_the_end_is_not_in_it_and_the_start_is():
    march = Period(MARCH, APRIL)
    assert march.holds(MARCH)
    assert not march.holds(APRIL)
    assert march.holds(APRIL - timedelta(microseconds=1))
    assert not march.holds(MARCH.astimezone(timezone(timedelta(hours=2))) - timedelta(seconds=1))


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "0001-01-01T00:00+14:00", "=1+1"])
def test_what_is_no_time_is_reported_in_one_line(text):
    with pytest.raises(UserError, match=r"from .* is not a time"):
        period(text, None)


@pytest.mark.parametrize("end", ["2026-03-01", "2026-02-01"])
def test_an_end_that_is_not_after_the_start_is_refused(end):
    with pytest.raises(UserError, match="is not a period"):
        period("2026-03-01", end)
