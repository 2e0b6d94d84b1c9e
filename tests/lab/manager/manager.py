"""A running `p2ppool up` with a data folder and ports of its own, and its command line."""

import json
import os
import signal
import socket
import subprocess
import sys

from deployments.demo.orphans import end_processes_of, processes_of
from p2ppool.actions.requesters import Requesters
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.credential import credential_of
from p2ppool.settings import Settings
from tests.lab.manager import commands
from tests.lab.waiting import eventually

_START_SECONDS = 150


def free_ports(count):
    """Ports of 127.0.0.1 that nobody used a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Manager:
    """`p2ppool up`, until `stop`."""

    def __init__(self, folder, **settings):
        self.folder = folder
        prefect_port, self.web_port = free_ports(2)
        self.prefect_url = f"http://127.0.0.1:{prefect_port}"
        self.environment = {
            **os.environ,
            "P2PPOOL_DATA_FOLDER": str(folder),
            "P2PPOOL_PREFECT_PORT": str(prefect_port),
            "P2PPOOL_WEB_PORT": str(self.web_port),
            "P2PPOOL_SSH_CONNECT_TIMEOUT": "3",
            "P2PPOOL_TURN_LEASE": "6",
            "P2PPOOL_OVERLAY_PATIENCE": "10",
            # Nothing happens that a test has not asked for.
            "P2PPOOL_CRAWL_EVERY": "0",
            "P2PPOOL_CHECK_EVERY": "0",
            "P2PPOOL_UNINSTALL_CHECK_EVERY": "0",
            **settings,
        }
        self.store_url = self.environment.get("P2PPOOL_DATABASE_URL") or f"sqlite:///{folder / 'p2ppool.db'}"
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "p2ppool", "up"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for line in self._process.stdout:
            if line.startswith("Ctrl-C"):
                return self
        self.stop()
        raise AssertionError(f"p2ppool up did not start: see {self.folder / 'logs'}")

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self._process.pid

    def restart(self):
        """End it, and start it again in the same folder."""
        self.interrupt()
        self.__enter__()

    def interrupt(self):
        """End it as Ctrl-C would; what outlives it by design goes on."""
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=90)

    def stop(self):
        """End it as Ctrl-C would, and the local nodes, which outlive it by design."""
        self.interrupt()
        end_processes_of(self.folder)
        assert processes_of(self.folder) == []

    def run(self, *arguments):
        """`p2ppool …` as a process."""
        return commands.run([str(argument) for argument in arguments], self.environment, timeout=200)

    def json(self, *arguments):
        """What `p2ppool … --json` prints."""
        done = self.run(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def status(self, pool):
        """`p2ppool pool status`."""
        return self.json("pool", "status", pool)

    def prefect(self):
        """A client of its Prefect server."""
        return PrefectApi(self.prefect_url, credential_of(self._config()), Requesters.open(self._config()))

    def _config(self):
        return Settings(data_folder=self.folder, vault_key=None)

    def cancel(self, run):
        """Cancel a run as the button of the Prefect UI does."""
        state = {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": False}
        with self.prefect() as api:
            api.call("POST", f"/flow_runs/{run}/set_state", state)

    def prefect_state(self, run):
        """(type, name, message) of a run's state in Prefect."""
        with self.prefect() as api:
            state = api.call("GET", f"/flow_runs/{run}")["state"]
        return state["type"], state["name"], state["message"]

    def crawl_until(self, pool, condition, seconds=60):
        """Crawl again and again until the snapshot fulfils the condition; the snapshot."""

        def crawl():
            assert self.json("pool", "crawl", pool)["outcome"] in {"done", "partial"}
            snapshot = self.status(pool)["pool"]["snapshot"]
            return snapshot if condition(snapshot) else None

        return eventually(crawl, seconds)
