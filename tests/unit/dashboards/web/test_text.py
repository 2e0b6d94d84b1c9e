"""Small pieces of text."""

from datetime import datetime, timedelta, timezone

import pytest

from dashboards.web.text import age, consistency, counted, duration, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.00"),
        (0.9999, "0.99"),
        (0.875, "0.87"),
        (0.29, "0.29"),
        (0.57, "0.57"),
        (0.0, "0.00"),
        (None, "none yet"),
    ],
)
def test_consistency_is_never_rounded_up(value, text):
    assert consistency(value) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (4, "4.0 s"), (90, "2 min"), (5400, "1.5 h")])
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_counts():
    assert counted(1, "host") == "1 host"
    assert counted(0, "address", "addresses") == "0 addresses"


def test_an_age_bears_its_moment_in_utc():
    moment = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert age(moment).dateTime == "2026-02-28T23:30:00+00:00"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1 << 30, "1.0 GiB"),
        (1 << 60, "1048576.0 TiB"),
    ],
)
def test_sizes(count, text):
    assert size(count) == text
