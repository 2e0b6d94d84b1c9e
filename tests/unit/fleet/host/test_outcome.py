"""Every kind of error is told in one line that says what is wrong and how to fix it."""

import pytest

from p2ppool.fleet.host.outcome import EXPLANATIONS, FOUND_ON_HOST, ErrorKind, HostFault, HostOutcome
from p2ppool.fleet.host.target import Target

TARGET = Target(key=1, name="a.example", address="127.0.0.1", port=22, host_key=None)


@pytest.mark.parametrize("kind", ErrorKind)
def test_each_kind_has_its_own_words(kind):
    what, repair = EXPLANATIONS[kind]
    assert str(HostFault(kind, "detail")) == f"{what} (detail); {repair}"
    assert str(HostFault(kind)) == f"{what}; {repair}"
    assert [what for what, _ in EXPLANATIONS.values()].count(what) == 1


def test_all_that_is_found_on_a_host_is_a_kind():
    assert set(ErrorKind) > FOUND_ON_HOST


def test_a_host_can_neither_break_the_line_nor_flood_it():
    message = str(HostFault(ErrorKind.START_FAILED, "\x1b[2J\r\n" + "x" * 100_000))
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize(
    ("error", "step", "ok", "started"),
    [
        (None, "start", True, True),
        (ErrorKind.REFUSED, "connect", False, True),
        (ErrorKind.CANCELLED, "", False, False),
    ],
)
def test_an_outcome_distinguishes_done_failed_and_never_started(error, step, ok, started):
    outcome = HostOutcome(target=TARGET, error=error, message="", step=step, seconds=0.1)
    assert (outcome.ok, outcome.started) == (ok, started)
