"""One zip for each run: whole with its manifest, or not there."""

import csv
import errno
import io
import json
import shutil
import zipfile
from dataclasses import replace

import pytest

from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError
from p2ppool.fleet.host.outcome import ErrorKind, HostFault, HostOutcome
from p2ppool.pools.gather import gathering as gathering_module
from p2ppool.pools.gather.gathering import gathering
from p2ppool.pools.gather.manifest import folder_names
from p2ppool.pools.recording.pool_files import FileKind, files_of
from p2ppool.pools.recording.results import targets_of
from p2ppool.settings import MIB, Settings
from p2ppool.store.models import Host, Pool
from tests.unit.fleet.agent.test_gather import sent
from tests.unit.fleet.agent.test_protocol import Scripted

DONE = ("@p2ppool fact folder ours", "@p2ppool done")
LOG = "node.log.2026-11-25"


class At(Scripted):
    """A host at a target that says what it was told to say."""

    def __init__(self, target, *lines):
        super().__init__(*lines)
        self.target = target


@pytest.fixture
def pool():
    names = [("n1", 22), ("n1", 2222), ("N1", 22), ("fe80::1", 22)]
    hosts = [
        Host(id=key, name=name, address=f"192.0.2.{key}", port=port)
        for key, (name, port) in enumerate(names, start=1)
    ]
    return Pool(name="demo", token="t", install_path="/tmp/p2p", hosts=hosts)


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path)


@pytest.fixture
def cancel():
    return CancelToken()


def gather(pool, config, cancel, said, after=lambda: None):
    """A run in which each host says its lines; hosts without lines are unreachable."""
    outcomes = []
    with gathering(pool, FileKind.LOGS, 7, config, cancel) as current:
        for target in targets_of(pool):
            outcome = HostOutcome(target, None, "", "gather", 1.0)
            if target.key not in said:
                fault = HostFault(ErrorKind.REFUSED)
                outcome = replace(outcome, error=fault.kind, message=str(fault))
            else:
                try:
                    outcome = replace(outcome, facts=current.take(At(target, *said[target.key])))
                except HostFault as fault:
                    outcome = replace(outcome, error=fault.kind, message=str(fault))
            outcomes.append(outcome)
        after()
        return current.finish(outcomes)


def left_in(config):
    return sorted(str(path.relative_to(config.data_folder)) for path in config.data_folder.rglob("*"))


SAID = {
    1: ["Welcome!", *sent(LOG, b"one\n"), *sent("node.log.2026-11-24", b"y", size=9), *DONE],
    3: ["@p2ppool left 5000 node.log.2026-11-01", "@p2ppool fact unsent 105", "@p2ppool fact odd 2", *DONE],
    4: [*sent(LOG, b"three\n"), "@p2ppool file 5 5 ../x", *DONE],
}


def test_a_zip_holds_every_file_and_says_of_every_host_what_is_missing_and_why(pool, config, cancel):
    gathered = gather(pool, config, cancel, SAID)
    assert (gathered.files, gathered.size) == (3, 11)
    assert [file.path for file in files_of(config.data_folder, "demo")] == [gathered.path]
    assert gathered.path.stat().st_mode & 0o777 == 0o600
    assert left_in(config) == ["gathered", "gathered/demo", f"gathered/demo/{gathered.path.name}"]

    with zipfile.ZipFile(gathered.path) as archive:
        assert archive.testzip() is None
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content.pop("manifest.json"))
    lines = list(csv.DictReader(io.StringIO(content.pop("manifest.csv").decode())))
    assert content == {
        f"n1-22/{LOG}": b"one\n",
        "n1-22/node.log.2026-11-24": b"y",
        f"fe80__1-22/{LOG}": b"three\n",
    }
    assert (manifest["pool"], manifest["kind"], manifest["ticket"]) == ("demo", "logs", 7)
    hosts = manifest["hosts"]
    assert [host["result"] for host in hosts] == ["gathered", "failed", "nothing", "failed"]
    assert [file["note"] for file in hosts[0]["files"]] == ["", "its first 8 bytes are left out"]
    assert "connection refused" in hosts[1]["why"]
    assert hosts[2]["why"] == "no such file is there"
    assert hosts[2]["not_sent"] == [
        "left out: 105 files over a limit",
        "left out: 2 names with odd characters",
    ]
    assert hosts[2]["left_out"][0]["bytes_on_host"] == 5000
    assert "makes no sense" in hosts[3]["why"]
    assert [file["in_zip"] for file in hosts[3]["files"]] == [f"fe80__1-22/{LOG}"]
    assert {line["in_zip"] for line in lines} == {*content, ""}
    assert {line["host"] for line in lines} == {"n1", "N1", "fe80::1"}


def test_one_that_is_cancelled_leaves_nothing(pool, config, cancel):
    with pytest.raises(UserError, match="cancelled: stop of the pool"):
        gather(pool, config, cancel, SAID, after=lambda: cancel.cancel("stop of the pool"))
    assert left_in(config) == ["gathered", "gathered/demo"]


def test_one_that_breaks_off_leaves_nothing(pool, config, cancel):
    def breaks():
        raise LookupError

    with pytest.raises(LookupError):
        gather(pool, config, cancel, SAID, after=breaks)
    assert left_in(config) == ["gathered", "gathered/demo"]


def test_what_a_killed_one_has_left_goes_with_the_next_and_other_files_stay(pool, config, cancel):
    left = config.data_folder / "gathered/demo/.gathering-x"
    (left / "1").mkdir(parents=True)
    (left / "part.zip").touch()
    first = gather(pool, config, cancel, SAID).path.name
    assert left_in(config) == ["gathered", "gathered/demo", f"gathered/demo/{first}"]


def test_a_zip_that_can_t_be_written_is_no_host_s_fault(pool, config, cancel, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(UserError, match=r"demo/logs-.*\.zip can't be written: No space left on device"):
        gather(pool, config, cancel, SAID)
    assert left_in(config) == ["gathered", "gathered/demo"]


def test_a_full_disk_is_reported_before_any_host_is_asked(pool, config, cancel, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(gathering_module.shutil, "disk_usage", lambda _: usage._replace(free=200 * MIB))
    with pytest.raises(UserError, match="almost full"):
        gather(pool, config, cancel, SAID)
    assert left_in(config) == ["gathered", "gathered/demo"]


def test_a_data_folder_that_can_t_be_written_is_reported(pool, config, cancel):
    (config.data_folder / "gathered").touch()
    with pytest.raises(UserError, match="can't be written"):
        gather(pool, config, cancel, SAID)


def test_hosts_are_asked_for_no_more_than_the_settings_allow(pool, tmp_path, cancel):
    config = Settings(data_folder=tmp_path, gather_max_bytes=4 * MIB, gather_host_max_bytes=3 * MIB)
    host = At(targets_of(pool)[0], *DONE)
    with gathering(pool, FileKind.LOGS, 7, config, cancel) as current:
        current.take(host)
    assert f"'end' '{MIB}' '{MIB}' '1000' 'node.log.*'".encode() in host.sent


@pytest.mark.parametrize("name", ["..", ".", "-rf", "a/../b", "a\\b", "con", "x" * 300, "ü\n", ""])
def test_a_host_s_folder_is_one_plain_word(name):
    [folder] = folder_names([Host(id=1, name=name, port=22)]).values()
    assert folder.endswith("-22")
    assert folder[0] not in ".-"
    assert len(folder) < 120
    assert folder.replace("-", "").replace(".", "").replace("_", "").isalnum()


def test_no_two_hosts_share_a_folder_on_any_system():
    names = ["a", "A", "a:", "a/", "a-22-3", "a"]
    folders = folder_names(Host(id=key, name=name, port=22) for key, name in enumerate(names))
    assert len({folder.lower() for folder in folders.values()}) == len(names)
