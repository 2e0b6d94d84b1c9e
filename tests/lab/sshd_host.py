"""One sshd host in its namespaces: a look inside as root."""

import subprocess


class SshdHost:
    """A host at `address`; `pid` is its process 1 as the machine sees it."""

    port = 22

    def __init__(self, address, pid):
        self.address = address
        self.pid = pid

    def exec_root(self, command, *, check=True):
        """Run a shell command as root on the host, past SSH; returns its CompletedProcess with text output."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--uts", "--wd=/"]
        return subprocess.run([*enter, "sh", "-c", command], capture_output=True, text=True, check=check)

    def files(self, folder):
        """Paths of all that is in `folder` of the host, also in its subfolders; none if there is no such folder."""
        return self.exec_root(f"find '{folder}' -mindepth 1 2>/dev/null", check=False).stdout.splitlines()

    def processes(self, user="p2p"):
        """{pid: command line} of a user's processes, with pids as the host itself sees them."""
        lines = self.exec_root(f"ps -o pid=,args= -u {user}", check=False).stdout.splitlines()
        return {int(pid): args for pid, args in (line.split(maxsplit=1) for line in lines)}
