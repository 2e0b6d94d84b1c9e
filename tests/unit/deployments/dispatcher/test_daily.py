"""What is done each day is done the next day too, however it went."""

import logging
import re

import pytest
from sqlalchemy.exc import OperationalError

from deployments.dispatcher.daily import each_day
from p2ppool.errors import UserError

DAY = 24 * 3600.0


class Leave:
    """An event that is set after some pauses, none of which is waited for."""

    def __init__(self, days):
        self.days = days
        self.pauses = []

    def wait(self, seconds):
        self.pauses.append(seconds)
        return len(self.pauses) > self.days


def test_it_is_done_soon_and_then_each_day_until_told_to_leave():
    leave, done = Leave(3), []
    each_day("lists", lambda: done.append(len(leave.pauses)), 60.0, leave)
    assert (done, leave.pauses) == ([1, 2, 3], [60.0, DAY, DAY, DAY])


def test_who_is_told_to_leave_before_does_nothing():
    each_day("lists", pytest.fail, 60.0, Leave(0))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OperationalError("select", {}, Exception("the server is away")),
            "will be retried tomorrow: .*server is away",
        ),
        (UserError("the key is another one"), "will be retried tomorrow: the key is another one"),
        (ZeroDivisionError(), r"internal error\nTraceback"),
    ],
)
def test_what_goes_wrong_is_logged_and_the_next_day_comes(error, told, caplog):
    leave, tries = Leave(2), []

    def fail():
        tries.append(1)
        raise error

    with caplog.at_level(logging.WARNING):
        each_day("lists", fail, 60.0, leave)
    assert len(tries) == 2
    assert len(caplog.records) == 2
    assert re.search(f"lists: .*{told}", caplog.text)
