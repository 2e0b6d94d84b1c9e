"""Which hosts are being worked on; test_fan_out.py looks whether none is left at the end."""

from p2ppool.fleet.fan_out.in_progress import InProgress


def test_a_host_keeps_its_beginning_while_its_steps_change():
    in_progress, step = InProgress(), ["connect"]
    in_progress.begin(1, lambda: "dial")
    begun = in_progress.current()[1].since
    in_progress.begin(1, lambda: step[0])
    in_progress.begin(2, lambda: "login")
    step[0] = "upload"
    found = in_progress.current()
    assert {key: one.step for key, one in found.items()} == {1: "upload", 2: "login"}
    assert found[1].since == begun


def test_what_has_ended_is_no_longer_worked_on():
    in_progress = InProgress()
    in_progress.begin(1, lambda: "connect")
    in_progress.end(1)
    in_progress.end(1)
    assert in_progress.current() == {}
