"""Saying where a host is."""

import json
import sys
from dataclasses import dataclass

import pytest

from p2ppool.cli import main
from p2ppool.cli.terminal.database import store
from p2ppool.records import audit
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool, pool_of


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(data_folder_with_tables, monkeypatch, capsys):
    """Runs `p2ppool pool place-host demo …` on a pool of two hosts."""
    a_bare_pool(store(), hosts=2)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["p2ppool", "pool", "place-host", "demo", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(ended.value.code or 0, *capsys.readouterr())

    return run


def places():
    return [(host.latitude, host.longitude, host.place_label) for host in pool_of(store(), "demo").hosts]


def test_a_host_is_placed_by_name_or_address_and_it_is_noted(run):
    done = run("node01", "-33.87,151.21", "--label", "Sydney", "--json")
    assert json.loads(done.stdout)["place"] == {"latitude": -33.87, "longitude": 151.21, "label": "Sydney"}
    assert run("127.77.0.3", "48.14,11.58").returncode == 0
    assert places() == [(-33.87, 151.21, "Sydney"), (48.14, 11.58, "48.14° N, 11.58° E")]
    with reading(store()) as work:
        lines = audit.lines_about(work.session, pool_of(store(), "demo"), 5)
    assert [line.details["host"] for line in lines] == ["127.77.0.3", "node01"]


def test_a_place_can_be_forgotten(run):
    run("node01", "48.14,11.58")
    assert run("node01", "--forget").returncode == 0
    assert places()[0] == (None, None, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["node09", "1,2"], "pool demo has no host 'node09'"),
        (["node01", "north,east"], "'north,east' is not a location"),
        (["node01", "1,2", "--label", "x" * 81], "longer than 80 characters"),
        (["node01"], "give either LAT,LON or --forget"),
        (["node01", "1,2", "--forget"], "give either LAT,LON or --forget"),
    ],
)
def test_what_can_not_be_is_one_line_and_changes_nothing(run, arguments, words):
    done = run(*arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert words in line
    assert places() == [(None, None, None)] * 2
