"""What `pool list` and `pool status` show a person, from a database with a past."""

import json
import sys

import pytest

from p2ppool.cli import main
from p2ppool.cli.terminal.database import store
from tests.lab.past.history import a_bare_pool, a_pool, a_result


@pytest.fixture
def show(data_folder_with_tables, monkeypatch, capsys):
    """What a command prints."""
    monkeypatch.setenv("COLUMNS", "250")

    def show(*arguments):
        monkeypatch.setattr(sys, "argv", ["p2ppool", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0, printed.err) == (0, "")
        return printed.out

    return show


def test_a_pool_in_trouble_says_which_nodes_and_hosts(show):
    a_pool(store(), nodes=9, dead=2, failed=1)
    shown = show("pool", "status", "demo")
    assert "7 of 9 nodes answered, 1 silent, 1 ghost, consistency 0." in shown
    assert shown.count("brunet:node:") >= 2
    found = json.loads(show("pool", "status", "demo", "--json"))
    (failed,) = [host for host in found["hosts"] if host["result"] not in {"done", "not tried"}]
    assert failed["message"] in shown
    assert {node["state"] for node in found["unheard"]} == {"silent", "ghost"}


def test_a_pool_without_a_crawl_says_how_to_make_one(show):
    a_bare_pool(store(), hosts=2)
    shown = show("pool", "status", "demo")
    assert "no crawl yet: p2ppool pool crawl demo" in shown
    assert "not tried" in shown


def test_pools_are_listed_with_their_last_crawl(show):
    a_pool(store(), "whole", nodes=9)
    a_bare_pool(store(), "fresh", hosts=2)
    rows = {row["name"]: row for row in json.loads(show("pool", "list", "--json"))}
    assert (rows["whole"]["nodes"], rows["whole"]["consistency"]) == ("9/9", 1.0)
    assert (rows["fresh"]["nodes"], rows["fresh"]["hosts"]) == (None, 2)
    assert "whole" in show("pool", "list")


def test_what_hosts_say_stays_text(show):
    evil = "[bold red]no[/] [link=http://evil.example]x[/link]"
    a_bare_pool(store(), hosts=1)
    (host,) = json.loads(show("pool", "status", "demo", "--json"))["hosts"]
    a_result(store(), "demo", host["host"], error="start_failed", message=evil)
    assert evil in show("pool", "status", "demo")


def test_programs_find_the_names_of_the_first_release(show):
    a_pool(store(), nodes=9, dead=1, failed=1)
    found = json.loads(show("pool", "status", "demo", "--json"))
    assert set(found) == {"actions", "hosts", "pool", "unheard"}
    assert set(found["pool"]) == {
        "created_at",
        "description",
        "down_hosts",
        "failed_hosts",
        "hosts",
        "id",
        "name",
        "namespace",
        "nodes_per_process",
        "package",
        "running",
        "snapshot",
        "state",
        "waiting",
    }
    assert set(found["pool"]["snapshot"]) == {
        "answered",
        "complete",
        "consistency",
        "expected",
        "ghosts",
        "id",
        "left_over",
        "others",
        "reason",
        "retries",
        "seconds",
        "silent",
        "started_at",
        "thinned",
    }
    assert set(found["hosts"][0]) == {"address", "host", "is", "left", "message", "result", "step", "when"}
    assert set(found["actions"][0]) == {
        "action",
        "cancel",
        "done",
        "due_at",
        "ended_at",
        "flow_run",
        "id",
        "merged_into",
        "message",
        "parameters",
        "pool_id",
        "preempted_by",
        "requested_at",
        "requester",
        "retry_of",
        "started_at",
        "state",
        "total",
    }
