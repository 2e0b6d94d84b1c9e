"""Which hosts are being worked on; test_fan_out.py looks whether none is left at the end."""

from p2ppool.fleet.fan_out.in_progress import UnderWay


def test_a_host_keeps_its_beginning_while_its_steps_change():
    under_way, step = UnderWay(), ["connect"]
    under_way.begin(1, lambda: "dial")
    begun = under_way.look()[1].since
    under_way.begin(1, lambda: step[0])
    under_way.begin(2, lambda: "login")
    step[0] = "upload"
    found = under_way.look()
    assert {key: one.step for key, one in found.items()} == {1: "upload", 2: "login"}
    assert found[1].since == begun


def test_what_has_ended_is_no_longer_worked_on():
    under_way = UnderWay()
    under_way.begin(1, lambda: "connect")
    under_way.end(1)
    under_way.end(1)
    assert under_way.look() == {}
