"""One sshd host in its namespaces: a look inside as root, and the faults that need root.

Each fault is a context manager that repairs what it broke, so that tests can share hosts.
"""

import os
import shlex
import subprocess
from contextlib import contextmanager

# Debian keeps an administrator's tools off an ordinary PATH.
ENVIRONMENT = {"PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin", "LC_ALL": "C"}


class SshdHost:
    """A host at `address`; `pid` is its process 1 as the machine sees it."""

    port = 22

    def __init__(self, address, pid):
        self.address = address
        self.pid = pid

    def exec_root(self, command, *, check=True):
        """Run a shell command as root on the host, past SSH; its CompletedProcess with output as text."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--uts"]
        return subprocess.run(
            [*enter, "sh", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=check
        )

    def files(self, folder):
        """Paths of everything below `folder` of the host; none if there is no such folder."""
        return self.exec_root(f"find {shlex.quote(folder)} -mindepth 1", check=False).stdout.splitlines()

    def processes(self, user="p2p"):
        """{pid: command line} of a user's processes, with pids as the host itself sees them."""
        lines = self.exec_root(f"ps -o pid=,args= -u {user}", check=False).stdout.splitlines()
        return {int(pid): args for pid, args in (line.split(maxsplit=1) for line in lines)}

    @contextmanager
    def refused(self):
        """Nothing listens: connecting is refused at once. Connections that exist go on."""
        self._stop_sshd()
        try:
            yield
        finally:
            self._start_sshd()

    @contextmanager
    def swallowed(self):
        """The host answers nothing to anybody: whatever waits for it runs into a time-out."""
        halves = [f"blackhole {self.address.rpartition('.')[0]}.{start}/25" for start in (0, 128)]
        self.exec_root("; ".join(f"ip route add {half}" for half in halves))
        try:
            yield
        finally:
            self.exec_root("; ".join(f"ip route delete {half}" for half in halves))

    @contextmanager
    def silent(self):
        """Connecting works, but no banner ever comes."""
        self.exec_root("kill -STOP $(cat /run/sshd.pid)")
        try:
            yield
        finally:
            self.exec_root("kill -CONT $(cat /run/sshd.pid)")

    @contextmanager
    def link_down(self):
        """The cable is out: no route to the host."""
        self.exec_root("ip link set eth0 down")
        try:
            yield
        finally:
            self.exec_root("ip link set eth0 up")

    @contextmanager
    def auth_refused(self):
        """The host lets in nobody: no key is authorized."""
        keys = "/etc/ssh/authorized_keys"
        self.exec_root(f"mv {keys} {keys}.kept")
        try:
            yield
        finally:
            self.exec_root(f"mv {keys}.kept {keys}")

    @contextmanager
    def other_host_keys(self):
        """The host shows other host keys than before, of the same types."""
        self.exec_root("mkdir /etc/ssh/kept && mv /etc/ssh/ssh_host_* /etc/ssh/kept && sh /run/new-host-keys")
        self._stop_sshd()
        self._start_sshd()
        try:
            yield
        finally:
            self.exec_root("mv /etc/ssh/kept/* /etc/ssh && rmdir /etc/ssh/kept")
            self._stop_sshd()
            self._start_sshd()

    @contextmanager
    def no_forwarding(self):
        """The host is no jump host for anybody."""
        config = "/etc/ssh/sshd_config"
        self.exec_root(f"cp {config} {config}.kept && echo AllowTcpForwarding no >>{config}")
        self._stop_sshd()
        self._start_sshd()
        try:
            yield
        finally:
            self.exec_root(f"mv {config}.kept {config}")
            self._stop_sshd()
            self._start_sshd()

    @contextmanager
    def disk_full(self, folder, *, room_kib=0):
        """`folder` is a disk of p2p's own with `room_kib` left; what was in it before is out of sight."""
        path = shlex.quote(folder)
        made = self.exec_root(f"test -e {path} || {{ mkdir -p {path} && echo made; }}").stdout
        self.exec_root(f"mount -t tmpfs -o size={room_kib + 64}k,mode=700,uid=61231,gid=61231 full {path}")
        self.exec_root(f"head -c 64K /dev/zero >{path}/ballast")
        try:
            yield
        finally:
            self.exec_root(f"umount -l {path}" + (f" && rmdir {path}" if made else ""))

    @contextmanager
    def noexec(self, folder):
        """`folder` is a disk of p2p's own from which nothing can be executed, as /tmp on hardened hosts."""
        path = shlex.quote(folder)
        self.exec_root(f"mkdir -p {path}")
        self.exec_root(f"mount -t tmpfs -o noexec,mode=700,uid=61231,gid=61231 locked {path}")
        try:
            yield
        finally:
            self.exec_root(f"umount -l {path} && rmdir {path}")

    @contextmanager
    def without_mono(self):
        """Nothing of mono can be found: no program, no library, no class library, no configuration."""
        folders = ("/usr/lib/mono", "/etc/mono")
        files = [
            *("/usr/bin/mono-sgen", "/usr/lib/libMonoPosixHelper.so"),
            *("/usr/lib/libmono-native.so.0.0.0", "/usr/lib/libmono-btls-shared.so"),
        ]
        hide = [f"mount -t tmpfs -o mode=755 hidden {folder}" for folder in folders]
        hide += [f"mount --bind /dev/null {file}" for file in files]
        self.exec_root(" && ".join(hide))
        try:
            yield
        finally:
            self.exec_root("; ".join(f"umount -l {path}" for path in (*folders, *files)))

    def _stop_sshd(self):
        """End the listener only; it removes its pid file last."""
        self.exec_root("kill $(cat /run/sshd.pid); while [ -e /run/sshd.pid ]; do sleep 0.01; done")

    def _start_sshd(self):
        self.exec_root("sh /run/start-sshd")
