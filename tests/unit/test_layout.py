"""The house: no room is crowded, and tests stand where what they test stands."""

from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOPS = ("dashboards", "deployments", "flows", "p2ppool", "tasks")
MOST = 15
ALIKE = {"p2ppool/store/migrations/versions"}
"""Rooms whose modules are all of one kind: they may be many."""
OF_TESTS = {"lab", "actions/turn_model"}
"""Rooms of tests that stand for none of the house."""


def modules():
    """Every module of the house but those that only open a room."""
    return [
        path.relative_to(ROOT)
        for top in TOPS
        for path in (ROOT / top).rglob("*.py")
        if path.name != "__init__.py"
    ]


def test_no_room_is_crowded():
    rooms = Counter(str(path.parent) for path in modules())
    assert {room: count for room, count in rooms.items() if count > MOST and room not in ALIKE} == {}


def test_every_room_says_what_it_is_for():
    rooms = {path.parent for path in modules()} - {Path("p2ppool/store/migrations/versions")}
    silent = [str(room) for room in rooms if not (ROOT / room / "__init__.py").read_text().startswith('"""')]
    assert silent == []


@pytest.mark.parametrize("room", sorted({path.parent for path in (ROOT / "tests/unit").rglob("test_*.py")}))
def test_tests_stand_where_what_they_test_stands(room):
    place = room.relative_to(ROOT / "tests/unit")
    if str(place) not in OF_TESTS:
        assert (ROOT / "p2ppool" / place).is_dir() or (ROOT / place).is_dir()
