"""A fleet of hosts with a real OpenSSH server each, in namespaces: own address, files, processes, host name.

Nothing of a fleet has a name outside of its namespaces but one network device of the machine, and the kernel
removes that too once the hub's process has ended. So a killed test run leaves nothing to clean up.
"""

import os
import selectors
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.hosts.sshd_host import ENVIRONMENT, SshdHost

_TOOLS = ("ip", "mount", "nsenter", "pivot_root", "ps", "ssh-keygen", "sshd", "unshare")
_HERE = Path(__file__).parent
_START_SECONDS = 60
_STOP_SECONDS = 10


class LabError(Exception):
    """The lab could not be set up; the text says why."""


def why_no_sshd_fleet():
    """Why this machine can't run a fleet, or None."""
    if os.geteuid() != 0:
        return "sshd hosts in network namespaces need root"
    missing = [tool for tool in _TOOLS if not shutil.which(tool, path=ENVIRONMENT["PATH"])]
    return f"sshd hosts need {', '.join(missing)}: run scripts/install-test-tools" if missing else None


class SshdFleet:
    """`count` hosts at 10.231.x.11, .12, ..., port 22, open to user p2p with the key of `public_line`.

    x is one that no other fleet of this machine has. The machine itself is `manager_address`, 10.231.x.1.
    """

    user = "p2p"
    home = "/home/p2p"

    def __init__(self, count, public_line):
        self.hosts = []
        self.manager_address = None
        self._count = count
        self._public_line = public_line
        self._uplink = None
        self._hub = None

    @property
    def addresses(self):
        """(IP address, port) of every host."""
        return [(host.address, host.port) for host in self.hosts]

    def __enter__(self):
        with tempfile.TemporaryFile("w+") as errors:
            try:
                self._start(errors)
            except LabError as error:
                errors.seek(0)
                raise LabError(f"{error}: {errors.read()[-2000:]}") from error
            finally:
                if not self.hosts:
                    self.stop()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """End all hosts; returns once none of their processes is left."""
        hub, self._hub = self._hub, None
        if hub is None:
            return
        if self._uplink:
            _ip("link", "delete", self._uplink)
        hub.stdin.close()
        try:
            hub.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            hub.kill()  # the hub's process 1 gets SIGKILL with it
            hub.wait()
        hub.stdout.close()

    def _start(self, errors):
        self._hub = subprocess.Popen(
            [
                *("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"),
                *("sh", _HERE / "hub.sh", _HERE / "host.sh", str(self._count), self._public_line),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        lines = _lines(self._hub.stdout, time.monotonic() + _START_SECONDS)
        subnet = self._plug_in(hub_pid=next(lines).split()[1])
        self._hub.stdin.write(f"{subnet}\n".encode())
        pids = {}
        while len(pids) < self._count:
            _, number, pid = next(lines).split()
            pids[int(number)] = int(pid)
        self.hosts = [SshdHost(f"{subnet}.{10 + number}", pid) for number, pid in sorted(pids.items())]

    def _plug_in(self, hub_pid):
        """Connect the machine to the hub on a subnet of its own, which the device's name lays claim to."""
        for step in range(256):
            number = (os.getpid() + step) % 256
            subnet, uplink = f"10.231.{number}", f"p2plab{number}"
            peer = ("type", "veth", "peer", "name", "uplink", "netns", hub_pid)
            if _ip("link", "add", uplink, *peer):
                self._uplink = uplink
                self.manager_address = f"{subnet}.1"
                _ip("address", "add", f"{subnet}.1/24", "dev", uplink)
                _ip("link", "set", uplink, "up")
                return subnet
        raise LabError("no subnet in 10.231.0.0/16 could be had")


def _ip(*arguments):
    """Whether `ip` could do it."""
    return (
        subprocess.run(["ip", *arguments], env=ENVIRONMENT, capture_output=True, check=False).returncode == 0
    )


def _lines(pipe, deadline):
    """The lines that arrive on an unbuffered pipe; raises LabError at its end and at the deadline."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(max(0, deadline - time.monotonic())):
            data = os.read(pipe.fileno(), 4096)
            if not data:
                raise LabError("the hub ended early")
            *lines, rest = (rest + data).split(b"\n")
            yield from (line.decode() for line in lines)
    raise LabError(f"the hosts were not up within {_START_SECONDS} seconds")
