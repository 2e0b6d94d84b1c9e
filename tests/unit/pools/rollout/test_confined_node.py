"""A package is somebody's code: on this machine it runs confined, as local node or as node of `manager`."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from p2ppool.cancel import CancelToken
from p2ppool.confinement import landlock
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.transport.login import Login
from p2ppool.pools.definition.limits import fleet_limits
from p2ppool.pools.recording import results
from p2ppool.pools.rollout import local_node
from p2ppool.pools.rollout.bundles import install_request
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.package.library import add_package
from p2ppool.software.package.reference import reference_package
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import Vault
from tests.lab.skipping import skip_unless_ci
from tests.lab.waiting import eventually
from tests.unit.pools.rollout.test_bundle_runtime import LOCAL, make_running
from tests.unit.software.zips import zip_of

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]

HOSTILE = """
import json, os, signal, sys, time
found = {}
def attempt(name, action):
    try:
        found[name] = repr(action())
    except OSError as error:
        found[name] = os.strerror(error.errno)
data, home, manager, victim = PLACES
for place in ("/vault.key", "/store.db", "/local-nodes/other/secret", "/home/.ssh/id_ed25519"):
    place = data + place
    attempt(place, lambda: open(place, "rb").read())
attempt("environ", lambda: open(f"/proc/{manager}/environ", "rb").read())
attempt("memory", lambda: open(f"/proc/{manager}/mem", "rb"))
attempt("kill the manager", lambda: os.kill(manager, 0))
attempt("kill another", lambda: os.kill(victim, signal.SIGKILL))
for place in (data + "/new", home + "/.bashrc", "../new", "../current/node.config", "/tmp/p2ppool-was-here"):
    attempt("write " + place, lambda: open(place, "w"))
attempt("link", lambda: os.symlink(home + "/.bashrc", "node.log.2099-01-01"))
with open("found.part", "w") as file:
    json.dump(found, file)
os.rename("found.part", "found.json")
signal.signal(signal.SIGINT, lambda *_: sys.exit())
while True:
    time.sleep(1)
"""
HIDING = """
import os, signal, sys, time
def hide(seconds):
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    with open(f"hidden-{seconds}.part", "w") as file:
        file.write(str(os.getpid()))
    os.rename(f"hidden-{seconds}.part", f"hidden-{seconds}")
    os.chdir("/")
    os.execve("/bin/sleep", ["sleep", seconds], {})
hide("301")
hide("302")
LAST
"""
LOGIN = Login("p2p", paramiko.ECDSAKey.generate())
DENIED = {"Permission denied", "Operation not permitted"}


@pytest.fixture(autouse=True)
def _landlock():
    skip_unless_ci(None if landlock.version() else "the kernel has no Landlock")


@pytest.fixture
def config(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh/id_ed25519").write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    found = Settings(data_folder=tmp_path, local_node_address=LOCAL)
    Vault.open(found.data_folder, None)
    (tmp_path / "local-nodes/other").mkdir(parents=True)
    (tmp_path / "local-nodes/other/secret").write_text("secret")
    return found


@pytest.fixture
def victim():
    """A process of the same user."""
    process = subprocess.Popen(["sleep", "300"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def hostile(config, victim):
    """The zip that is added as a package."""
    places = (str(config.data_folder), str(Path.home()), os.getpid(), victim.pid)
    program = HOSTILE.replace("PLACES", repr(places)).encode()
    manifest = json.dumps({"runtime": "python3", "program": "p.py"}).encode()
    return zip_of({"p2ppool.json": manifest, "p.py": program})


def added(engine, config, package, **fields):
    """A pool whose package is this one."""
    with UnitOfWork(engine) as work:
        add_package(work, PackageStore(config.data_folder), "brunet", "1", package)
        work.commit()
    make_running(engine, **{"bundle_runtime": False} | fields)


def found_by(folder):
    eventually((folder / "node/found.json").exists, 60)
    return json.loads((folder / "node/found.json").read_text())


def assert_harmless(found, victim):
    assert len(found) == 14
    assert {what: result for what, result in found.items() if result not in DENIED} == {}
    assert victim.poll() is None


def test_a_hostile_package_finds_nothing_as_local_node(stocked, config, hostile, victim):
    added(stocked, config, hostile)
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        try:
            local_node.ensure_running(pool, config, 1, CancelToken())
            assert_harmless(found_by(local_node.folder(pool, config)), victim)
        finally:
            local_node.remove(pool, config, 2)


def test_a_hostile_package_finds_nothing_as_node_of_the_host_manager(
    stocked, config, hostile, victim, tmp_path
):
    added(stocked, config, hostile, hosts="manager", install_path=str(tmp_path / "on-manager"))

    def on_manager(job):
        [outcome] = fan_out(results.targets_of(pool), job, LOGIN, fleet_limits(config), CancelToken())
        assert outcome.ok, outcome.message

    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        request = replace(install_request(pool, 1, config), ports=())
        try:
            on_manager(lambda connection: verbs.install(connection, request))
            assert_harmless(found_by(tmp_path / "on-manager"), victim)
        finally:
            on_manager(lambda connection: verbs.forget(connection, request))


def is_alive(process):
    """No zombie, which stays where nobody takes notice of it."""
    try:
        return "\nState:\tZ" not in (process / "status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("last", ["stays", "hides", "ends"])
def test_no_process_of_a_package_survives_its_node(stocked, config, last):
    """Without a variable, a folder or a parent that would show whose it is; also the node itself."""
    ways = {
        "stays": "signal.signal(signal.SIGINT, lambda *_: sys.exit())\ntime.sleep(300)",
        "hides": "os.chdir('/'); os.execve('/bin/sleep', ['sleep', '303'], {})",
        "ends": "time.sleep(5)",  # longer than the agent looks on
    }
    manifest = json.dumps({"runtime": "python3", "program": "p.py"}).encode()
    program = HIDING.replace("LAST", ways[last]).encode()
    added(stocked, config, zip_of({"p2ppool.json": manifest, "p.py": program}))
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        try:
            node = Path("/proc") / local_node.ensure_running(pool, config, 1, CancelToken())["pid"]
            hidden = [local_node.folder(pool, config) / f"node/hidden-{number}" for number in (301, 302)]
            assert eventually(lambda: all(map(Path.exists, hidden)), 60)
            processes = [Path("/proc") / file.read_text() for file in hidden]
            assert all(map(is_alive, processes))
            assert last != "ends" or eventually(lambda: not is_alive(node), 60)
        finally:
            local_node.remove(pool, config, 2)
    assert not [each for each in (node, *processes) if is_alive(each)]


def test_without_confinement_the_same_package_finds_everything(stocked, config, hostile, victim):
    """What the others are protected from, and what the setting means."""
    open_config = config.model_copy(update={"local_node_confinement": "off"})
    added(stocked, config, hostile)
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        try:
            local_node.ensure_running(pool, open_config, 1, CancelToken())
            found = found_by(local_node.folder(pool, config))
        finally:
            local_node.remove(pool, config, 2)
    assert "secret" in found[f"{Path.home()}/.ssh/id_ed25519"]
    assert DENIED & set(found.values()) == set()
    assert victim.wait(10) != 0
    Path("/tmp/p2ppool-was-here").unlink()


def test_the_reference_node_runs_confined(stocked, config):
    added(stocked, config, reference_package())
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        try:
            facts = local_node.ensure_running(pool, config, 1, CancelToken())
            assert is_filtered(facts["pid"])
            checked = (local_node.folder(pool, config) / "node/node.config").read_text()
            assert "<NodeAddress>brunet:node:" in checked
        finally:
            local_node.remove(pool, config, 2)


def test_a_node_for_mono_runs_confined(stocked, config, mono_package, monkeypatch):
    """It uses what Brunet's nodes use of mono; with the machine's own one, from /usr."""
    monkeypatch.setattr(local_node, "needs_ifconfig", lambda pool: False)  # this machine's may be a new one
    added(stocked, config, mono_package)
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        try:
            facts = local_node.ensure_running(pool, config, 1, CancelToken())
            [log] = (local_node.folder(pool, config) / "node").glob("node.log.*")
            assert eventually(lambda: "runs on /usr/lib/mono/" in log.read_text(), 60)
            assert is_filtered(facts["pid"])
        finally:
            local_node.stop(pool, config, 2)
        assert log.read_text().endswith("left\n")
        local_node.remove(pool, config, 3)


def is_filtered(pid):
    return "\nSeccomp:\t2\n" in Path(f"/proc/{pid}/status").read_text()
