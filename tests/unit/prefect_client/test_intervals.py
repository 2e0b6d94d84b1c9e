"""How often a schedule asks: what a person may write, and when it then is."""

from datetime import datetime

import pytest

from p2ppool.errors import UserError
from p2ppool.prefect_client.intervals import cron, every, format_interval, seconds_in


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800), ("24h", 86_400), ("7d", 604_800), (" 90s ", 90)]
)
def test_a_span_is_a_number_and_a_letter(text, seconds):
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "0m", "4s", "367d", "99999999999d", "1h30m", "-5m", "1.5h", "5\nm", "m"]
)
def test_other_spans_are_refused_in_one_line(text):
    with pytest.raises(UserError, match="such as 30m") as error:
        seconds_in(text)
    assert "\n" not in str(error.value)


def test_many_pools_are_spread_over_the_interval_and_each_keeps_its_time():
    times = [datetime.fromisoformat(every(1800, f"pool-{n}", "crawl")["anchor_date"]) for n in range(200)]
    minutes = {time.minute % 30 for time in times}
    assert len(minutes) == 30
    assert max(map(times.count, times)) <= 3
    assert every(1800, "pool-7", "crawl") == every(1800, "pool-7", "crawl")
    assert every(1800, "pool-7", "crawl") != every(1800, "pool-7", "check")


@pytest.mark.parametrize("line", ["* * * *", "0 3 * * * *", "0 3 * * $(id)", "", "0 3 * * " + "1" * 100])
def test_a_cron_line_has_five_fields(line):
    with pytest.raises(UserError, match="five fields"):
        cron(line)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (every(1800, "demo", "crawl"), "every 30m"),
        (every(86_400, "demo", "check"), "every 1d"),
        (every(90, "demo", "check"), "every 90s"),
        (cron(" 0  3 * * 1 "), "cron 0 3 * * 1"),
        ({"cron": "0 3 * * *", "timezone": "Europe/Berlin"}, "cron 0 3 * * * (Europe/Berlin)"),
        ({"rrule": "FREQ=DAILY\nINTERVAL=2", "timezone": "UTC"}, "rrule FREQ=DAILY INTERVAL=2"),
    ],
)
def test_it_is_told_in_words(how, words):
    assert format_interval(how) == words
