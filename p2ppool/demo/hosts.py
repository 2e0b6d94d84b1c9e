"""SSH hosts on loopback addresses for an ordinary user: `python -m p2ppool.demo.hosts` and its starter.

The hosts listen on 127.77.0.1, 127.77.0.2, ..., and run real commands as real processes of the calling user.
"""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Self

from p2ppool.demo.events import DemoEvent, read_events
from p2ppool.demo.host_process import COUNT, FIRST_ADDRESS, PORT, host_folders, main, token_of
from p2ppool.demo.listeners import host_addresses
from p2ppool.demo.processes import end_all
from p2ppool.errors import UserError, one_line
from p2ppool.interpreter import python

USER = "p2p"
_START_SECONDS = 60
_STOP_SECONDS = 30


@dataclass
class DemoHosts:
    """Demo hosts in a process of their own, which also ends when this one dies.

    `authorized_key` is the OpenSSH public key line that opens all hosts to the user `p2p`. Port 0 lets the
    system choose; `port` is the choice once the hosts run. `bytes_per_second` is the rate at which each
    connection delivers what commands read, as over a slow link; None for full speed.
    """

    folder: Path
    count: int = COUNT
    authorized_key: str = field(kw_only=True)
    port: int = field(default=PORT, kw_only=True)
    first_address: str = field(default=FIRST_ADDRESS, kw_only=True)
    bytes_per_second: int | None = field(default=None, kw_only=True)
    _process: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)

    @property
    def addresses(self) -> list[str]:
        """`address:port` of every host."""
        return [f"{address}:{self.port}" for address in host_addresses(self.first_address, self.count)]

    @property
    def homes(self) -> list[Path]:
        """The home folder of the user on every host."""
        return [folder / "home" for folder in host_folders(self.folder, self.count)]

    @property
    def token(self) -> str:
        """The marker by which `processes_left` and `end_all` recognise these hosts' processes."""
        return token_of(self.folder)

    def events(self) -> list[DemoEvent]:
        """Return what happened on all hosts since they were last started, by time;
        also after they have stopped.
        """
        folders = enumerate(host_folders(self.folder, self.count), start=1)
        events = [event for number, folder in folders for event in read_events(folder, number)]
        return sorted(events, key=lambda event: event.t)

    def start(self) -> Self:
        """Start the hosts and wait until all listen.

        Raises UserError when they can't: port or folder in use, a malformed key or rate, asyncssh missing.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key_file = self.folder / "authorized_key"
        key_file.write_text(f"{self.authorized_key.strip()}\n")
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command(key_file),
                stdin=subprocess.PIPE,  # held open here: when this process ends, so do the hosts
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C must not end the hosts before their nodes have been stopped
            )
        self._wait_ready(self._process)
        return self

    def stop(self) -> None:
        """End the hosts and everything that was started through them; do nothing if they don't run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        end_all(self.token)  # normally done by the process itself

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _log(self) -> Path:
        return self.folder / "hosts.log"

    def _command(self, key_file: Path) -> list[str]:
        return [
            *python("-m", "p2ppool.demo.hosts", "--while-stdin-open"),
            *("--folder", str(self.folder)),
            *("--authorized-key", str(key_file)),
            *("--count", str(self.count)),
            *("--first-address", self.first_address),
            *("--port", str(self.port)),
            *self._rate,
        ]

    @property
    def _rate(self) -> list[str]:
        return [] if self.bytes_per_second is None else ["--bytes-per-second", str(self.bytes_per_second)]

    def _wait_ready(self, process: subprocess.Popen[str]) -> None:
        line = _line_within(process, _START_SECONDS)
        if line.startswith("ready "):
            self.port = int(line.rsplit(maxsplit=1)[1])
            return
        self.stop()
        log_lines = self._log.read_text().splitlines()
        raise UserError(
            one_line(log_lines[-1]) if log_lines else f"the demo hosts did not start: see {self._log}"
        )


def _line_within(process: subprocess.Popen[str], seconds: float) -> str:
    """Return the first line of the process's output; empty if it ends or stays silent."""
    if process.stdout is None:
        return ""
    with DefaultSelector() as selector:
        selector.register(process.stdout, EVENT_READ)
        return process.stdout.readline() if selector.select(seconds) else ""


if __name__ == "__main__":
    sys.exit(main())
