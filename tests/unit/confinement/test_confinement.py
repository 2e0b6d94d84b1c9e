"""A hostile program, confined as a node is: what it reaches of this machine, and what it does not."""

import json
import os
import platform
import signal
import socket
import subprocess
from contextlib import closing

import pytest

from p2ppool.confinement import landlock
from p2ppool.confinement.launcher import Confinement
from p2ppool.confinement.syscalls import NUMBERS
from tests.lab.manager.manager import free_ports
from tests.lab.skipping import skip_unless_ci

MIB = 1024 * 1024
CONFIG = """<NodeConfig>
  <RemoteTAs><Transport>brunet.tcp://192.0.2.1:{dialled}</Transport></RemoteTAs>
  <EdgeListeners><EdgeListener type="udp"><port>9</port></EdgeListener></EdgeListeners>
  <XmlRpcManager><Enabled>true</Enabled><Port>{listened}</Port></XmlRpcManager>
</NodeConfig>"""

PRELUDE = """
import ctypes, json, os, resource, signal, socket, sys
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
found = {}
def attempt(name, action):
    try:
        result = action()
        found[name] = "succeeded" if result is None else repr(result)
    except OSError as error:
        found[name] = os.strerror(error.errno)
    except Exception as error:
        found[name] = type(error).__name__
def call(*arguments):
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
"""
ENDING = "\nprint(json.dumps(found))\n"


@pytest.fixture(autouse=True)
def _landlock():
    skip_unless_ci(None if landlock.version() else "the kernel has no Landlock")


@pytest.fixture(params=["today's", "of Linux 5.13"])
def interface(request):
    """The version of Landlock: this kernel's, and its first."""
    return landlock.version() if request.param == "today's" else 1


class Machine:
    """A manager's data folder with two pools, one of which is hostile."""

    def __init__(self, folder, interface):
        self.interface = interface
        self.data = folder / "data"
        self.own = self.data / "local-nodes/mine"
        for place in ("current", "node"):
            (self.own / place).mkdir(parents=True)
        self.listened, self.dialled, self.other = free_ports(3)
        config = CONFIG.format(listened=self.listened, dialled=self.dialled)
        (self.own / "current/node.config").write_text(config)
        (self.data / "vault.key").write_text("secret")
        (self.data / "vault.key").chmod(0o600)
        (self.data / "local-nodes/theirs").mkdir()
        (self.data / "local-nodes/theirs/node.config").write_text("secret")

    def run(self, code, *options, prelude=PRELUDE):
        """Run a program as the node of the pool; return what it found."""
        (self.own / "current/program.py").write_text(prelude + code + ENDING)
        done = self.start(*options).communicate(timeout=60)
        assert done[0], done[1]
        return json.loads(done[0].splitlines()[-1])

    def start(self, *options, command=("python3", "-B", "../current/program.py")):
        confined = Confinement((self.data,), (), 512 * MIB, 64)
        words = [
            *confined.launcher().split()[:-1],
            "--interface",
            str(self.interface),
            *options,
            "--",
            *command,
        ]
        return subprocess.Popen(
            words,
            cwd=self.own / "node",
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # as the agent starts nodes
        )


@pytest.fixture
def machine(tmp_path, interface):
    return Machine(tmp_path, interface)


DENIED = {"Permission denied", "Operation not permitted"}


def test_it_reads_nothing_of_the_manager(machine, tmp_path):
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/id_ed25519").write_text("secret")
    found = machine.run(f"""
data, home = Path({str(machine.data)!r}), Path({str(tmp_path)!r})
for place in (data / "vault.key", data / "local-nodes/theirs/node.config", home / ".ssh/id_ed25519"):
    attempt(place.name, place.read_text)
for place in (data, data / "local-nodes", home, *map(Path, ("/tmp", "/root", "/home", "/run", "/"))):
    attempt("list " + str(place), lambda: os.listdir(place))
for name in ("environ", "maps", "mem"):
    attempt(name, lambda: open("/proc/{os.getpid()}/" + name, "rb").read(1))
attempt("fd", lambda: os.readlink("/proc/{os.getpid()}/fd/0"))
attempt("cwd", lambda: os.readlink("/proc/{os.getpid()}/cwd"))
attempt("ptrace", lambda: call(101, 16, {os.getpid()}, 0, 0))
""")
    assert len(found) == 17
    assert {name: text for name, text in found.items() if text not in DENIED} == {}


def test_it_writes_nothing_outside_its_folder(machine, tmp_path):
    found = machine.run(f"""
data, here = Path({str(machine.data)!r}), Path("..").resolve()
elsewhere = Path("/tmp/p2ppool-new"), Path("/usr/new")
for place in (data / "new", here / "new", here / "current/node.config", *elsewhere):
    attempt("write " + str(place), lambda: place.write_text("x"))
attempt("remove", (data / "vault.key").unlink)
attempt("rename", lambda: (data / "vault.key").rename("key"))
attempt("link", lambda: os.link(data / "vault.key", "key"))
attempt("symlink", lambda: os.symlink(data / "vault.key", "key"))
attempt("fifo", lambda: os.mkfifo("fifo"))
attempt("mode", lambda: (data / "vault.key").chmod(0o644))
attempt("mode at", lambda: os.chmod("vault.key", 0o666, dir_fd=os.open(data, os.O_PATH)))
attempt("owner", lambda: os.chown(data / "vault.key", 1, 1))
attempt("truncate", lambda: os.truncate(data / "vault.key", 0))
attempt("attribute", lambda: os.setxattr(data / "vault.key", "user.x", b"x"))
attempt("own", lambda: Path("own").write_text("x") and None)
attempt("own folder", lambda: os.makedirs("a/b"))
attempt("own move", lambda: os.rename("own", "owned"))
attempt("own removal", lambda: os.remove("owned"))
""")
    own = {name: found.pop(name) for name in list(found) if name.startswith("own ") or name == "own"}
    assert set(own.values()) == {"succeeded"}, own
    pretended = {found.pop("mode"), found.pop("mode at")}  # programs go on, and nothing is done
    assert pretended == {"succeeded"}
    refused = DENIED | {"Invalid cross-device link"}  # how a link between folders is refused
    assert {name: text for name, text in found.items() if text not in refused} == {}
    assert (machine.data / "vault.key").read_text() == "secret"
    assert (machine.data / "vault.key").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def victim():
    """A process of the same user."""
    process = subprocess.Popen(["sleep", "100"])
    yield process
    process.kill()
    process.wait()


def test_it_harms_no_other_process(machine, victim):
    found = machine.run(f"""
victim = {victim.pid}
attempt("kill", lambda: os.kill(victim, signal.SIGKILL))
attempt("group", lambda: os.killpg(os.getpgid(victim), signal.SIGURG))
attempt("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(victim), signal.SIGKILL))
attempt("limit", lambda: resource.prlimit(victim, resource.RLIMIT_CPU, (0, 0)))
attempt("priority", lambda: os.setpriority(os.PRIO_USER, 0, 19))
attempt("queue", lambda: call(129, victim, 9, bytes(128)))
attempt("myself", lambda: os.kill(os.getpid(), 0))
""")
    assert found.pop("myself") == "succeeded"
    assert {name: text for name, text in found.items() if text not in DENIED} == {}
    assert victim.poll() is None


def urgency(pid):
    """How soon a process has its turn at the processors."""
    return os.getpriority(os.PRIO_PROCESS, pid), os.sched_getscheduler(pid), os.sched_getaffinity(pid)


def test_it_holds_up_no_other_process(machine, victim):
    before, numbers = urgency(victim.pid), NUMBERS[platform.machine()]
    found = machine.run(f"""
victim, attributes = {victim.pid}, (ctypes.c_uint32 * 12)(48, os.SCHED_IDLE)
attempt("nice", lambda: os.setpriority(os.PRIO_PROCESS, victim, 19))
attempt("idle", lambda: os.sched_setscheduler(victim, os.SCHED_IDLE, os.sched_param(0)))
attempt("parameters", lambda: os.sched_setparam(victim, os.sched_param(0)))
attempt("attributes", lambda: call({numbers["sched_setattr"]}, victim, attributes, 0))
attempt("processors", lambda: os.sched_setaffinity(victim, [min(os.sched_getaffinity(0))]))
attempt("reading", lambda: call({numbers["ioprio_set"]}, 1, victim, 3 << 13))
attempt("everybody's reading", lambda: call({numbers["ioprio_set"]}, 3, os.getuid(), 3 << 13))
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
found["own"] = os.sched_getscheduler(0) == os.SCHED_IDLE
""")
    assert found.pop("own")
    assert (set(found.values()), urgency(victim.pid)) == ({"succeeded"}, before)  # and nothing is done


def test_it_changes_no_times_of_files(machine):
    key = machine.data / "vault.key"
    before, numbers = key.stat().st_mtime_ns, NUMBERS[platform.machine()]
    found = machine.run(f"""
key = {os.fsencode(key)!r}
attempt("time", lambda: os.utime(key, (5, 5)))
for number in {[numbers[name] for name in ("utime", "utimes") if name in numbers]}:
    attempt(number, lambda: call(number, key, None))
""")
    assert (set(found.values()), key.stat().st_mtime_ns) == ({"succeeded"}, before)  # and nothing is done


def test_it_calls_no_service_of_the_machine(machine, tmp_path):
    with closing(socket.socket(socket.AF_UNIX)) as service, closing(socket.socket()) as server:
        service.bind(str(tmp_path / "bus"))
        service.listen()
        server.bind(("127.0.0.1", machine.other))
        server.listen()
        found = machine.run(f"""
attempt("unix", lambda: socket.socket(socket.AF_UNIX).connect({str(tmp_path / "bus")!r}))
attempt("pair", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) and None)
attempt("tcp", lambda: socket.create_connection(("127.0.0.1", {machine.other})) and None)
attempt("mptcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) and None)
attempt("fast", lambda: socket.socket().sendto(b"x", 0x20000000, ("127.0.0.1", {machine.other})) and None)
attempt("ring", lambda: call(425, 1, 0))
attempt("namespace", lambda: call(272, 0x10000000))
attempt("bind", lambda: socket.create_server(("127.0.0.1", {free_ports(1)[0]})) and None)
attempt("own bind", lambda: socket.create_server(("127.0.0.1", {machine.listened})) and None)
attempt("own udp", lambda: socket.socket(type=socket.SOCK_DGRAM).bind(("127.0.0.1", 0)))
attempt("own stream pair", lambda: socket.socketpair() and None)
attempt("own connection", lambda: socket.create_connection(("127.0.0.1", {machine.dialled})) and None)
""")
    assert {name: found.pop(name) for name in list(found) if name.startswith("own ")} == {
        "own bind": "succeeded",
        "own udp": "succeeded",
        "own stream pair": "succeeded",
        "own connection": "Connection refused",
    }
    if not landlock.limits_ports(machine.interface):
        assert (found.pop("tcp"), found.pop("bind")) == ("succeeded", "succeeded")  # `doctor` says so
    assert {name: text for name, text in found.items() if text not in DENIED} == {}


def test_its_children_are_confined_too(machine):
    found = machine.run(f"""
import subprocess
ended = subprocess.run(["cat", {str(machine.data / "vault.key")!r}], capture_output=True, text=True)
found["cat"] = ended.stderr.rpartition(": ")[2].strip()
""")
    assert found == {"cat": "Permission denied"}


def test_its_home_and_temporary_folder_are_its_own(machine):
    found = machine.run("""
import tempfile
found.update(home=os.environ["HOME"], temporary=tempfile.gettempdir())
found.update(launcher="P2PPOOL_LAUNCHER" in os.environ)
""")
    node = str(machine.own / "node")
    assert found == {"home": node, "temporary": node, "launcher": False}


def test_its_memory_is_limited(machine):
    found = machine.run(
        "attempt('little', lambda: len(bytearray(64 << 20)))\nattempt('much', lambda: bytearray(1 << 30))"
    )
    assert found == {"little": str(64 << 20), "much": "MemoryError"}


def test_what_it_must_not_see_may_not_lie_where_it_may_read(machine):
    told = machine.start("--hide", "/usr/share").communicate(timeout=60)[1]
    assert (
        "the node can't be confined: /usr/share is in /usr, which programs of packages may read: move it"
        in told
    )


def test_without_landlock_nothing_is_run(machine):
    machine.interface = 0
    process = machine.start(command=("touch", "ran"))
    told = process.communicate(timeout=60)[1]
    assert (process.returncode, told.count("\n")) == (126, 1)
    assert "the node can't be confined: its kernel has no Landlock" in told
    assert list((machine.own / "node").iterdir()) == []


def test_a_signal_from_outside_reaches_it(machine):
    process = machine.start(
        command=("python3", "-c", "import time; print('runs', flush=True); time.sleep(100)")
    )
    assert process.stdout.readline() == "runs\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0


@pytest.mark.root
def test_root_s_powers_are_given_up(machine):
    if os.geteuid():
        pytest.skip("for root")
    found = machine.run("""
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
found.update({name: status[name].strip() for name in ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp")})
""")
    assert found == {
        **dict.fromkeys(("CapEff", "CapPrm", "CapBnd"), "0" * 16),
        "NoNewPrivs": "1",
        "Seccomp": "2",
    }
