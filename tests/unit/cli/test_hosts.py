"""Hosts on the command line."""

import json
import sys
from dataclasses import dataclass

import pytest

from p2ppool.cli import main
from p2ppool.cli.terminal.database import store
from p2ppool.fleet.transport.host_key import fingerprint
from p2ppool.records.pools import get_pool
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.hosts.keys import SshKey
from tests.lab.past.history import a_bare_pool, a_result

OLD, NEW = (SshKey.generate().public_line for _ in range(2))


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(data_folder_with_tables, monkeypatch, capsys):
    """Runs `p2ppool …` on a pool of two hosts, the first of which has shown another key."""
    engine = store()
    a_bare_pool(engine, hosts=2)
    with UnitOfWork(engine) as work:
        get_pool(work.session, "demo").hosts[0].host_key = OLD
        work.commit()
    a_result(engine, "demo", "node01", error="host_key_changed", facts={"offered_host_key": NEW})
    monkeypatch.setenv("COLUMNS", "300")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["p2ppool", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(ended.value.code or 0, *capsys.readouterr())

    return run


def test_the_offered_key_is_accepted_by_its_fingerprint_only(run):
    for wrong in ((), ("--fingerprint", fingerprint(OLD))):
        refused = run("pool", "accept-key", "demo", "node01", *wrong)
        assert refused.returncode == 1
        assert fingerprint(NEW) in refused.stdout
    done = run("pool", "accept-key", "demo", "node01", "--fingerprint", fingerprint(NEW), "--json")
    assert json.loads(done.stdout) == {
        "pool": "demo",
        "host": "node01",
        "old": fingerprint(OLD),
        "new": fingerprint(NEW),
    }
    (first, _) = json.loads(run("host", "list", "--pool", "demo", "--json").stdout)
    assert first["key"] == fingerprint(NEW)


def test_hosts_and_the_history_of_one_are_shown(run):
    assert "node02" in run("host", "list").stdout
    assert "host_key_changed" in run("host", "show", "node01", "--pool", "demo").stdout
    (event,) = json.loads(run("host", "show", "node01", "--pool", "demo", "--json").stdout)
    assert (event["action"], event["result"]) == ("check", "host_key_changed")
    assert run("host", "show", "absent", "--pool", "demo").returncode == 1
    assert run("host", "list", "--pool", "absent").returncode == 1


def test_all_offered_keys_are_listed_first_and_accepted_only_with_an_answer(run):
    refused = run("pool", "accept-key", "demo", "--all")
    assert refused.returncode == 1
    assert "then add --yes: nothing was changed" in refused.stderr
    assert fingerprint(OLD) in refused.stdout
    assert fingerprint(NEW) in refused.stdout
    done = run("pool", "accept-key", "demo", "--all", "--yes")
    assert "1 offered keys are now pinned" in done.stdout
    (first, _) = json.loads(run("host", "list", "--pool", "demo", "--json").stdout)
    assert first["key"] == fingerprint(NEW)
    assert (
        "no host of pool demo has presented another key" in run("pool", "accept-key", "demo", "--all").stdout
    )


@pytest.mark.parametrize("arguments", [(), ("node01", "--all"), ("--all", "--fingerprint", "SHA256:x")])
def test_either_a_host_or_all_is_named(run, arguments):
    assert "name either a host or --all" in run("pool", "accept-key", "demo", *arguments).stderr


def test_keys_of_a_known_hosts_file_are_pinned_before_first_contact(run, tmp_path):
    (_, second) = json.loads(run("host", "list", "--pool", "demo", "--json").stdout)
    file = tmp_path / "known_hosts"
    file.write_text(f"# ours\n{second['address']} {NEW} comment\n@cert-authority * {OLD}\nnonsense\n")
    done = run("host", "import-keys", str(file))
    assert "1 host keys imported, 0 were known" in done.stdout
    assert done.stderr.splitlines() == [
        "line 3 is left out: @cert-authority lines are not supported",
        "line 4 is left out: hosts, a kind of key and a key were expected",
    ]
    (first, second) = json.loads(run("host", "list", "--pool", "demo", "--json").stdout)
    assert (first["key"], second["key"]) == (fingerprint(OLD), fingerprint(NEW))
    assert json.loads(run("host", "import-keys", str(file), "--json").stdout)["imported"] == 0
