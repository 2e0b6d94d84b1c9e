"""The agent on this machine: what it does on a host, it does here in a folder of the test."""

import os
import shutil
import signal
from contextlib import suppress

import pytest

from p2ppool.cancel import CancelToken
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.transport.local import LocalConnection
from tests.unit.fleet.bundles import folder_request
from tests.unit.fleet.processes import nodes_in
from tests.unit.fleet.short_limits import make_quick


@pytest.fixture
def quick(monkeypatch):
    make_quick(monkeypatch)


@pytest.fixture
def host(quick):
    return LocalConnection("127.0.0.9", FleetLimits(step_timeout=30), CancelToken())


@pytest.fixture
def base(tmp_path):
    """An install path; whatever node is left in it is ended."""
    folder = tmp_path / "p2p"
    yield folder
    for pid in nodes_in(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def node(base, host):
    """A function: the pid of the one node that runs in `base`; None if none does."""

    def pid():
        facts = verbs.check(host, folder_request(base))
        pids = nodes_in(base)
        assert (facts["processes"], facts["running"]) == (str(len(pids)), "yes" if pids else "no")
        assert len(pids) <= 1
        return pids[0] if pids else None

    return pid


@pytest.fixture(params=["dash", "bash", "busybox"])
def shell(request, tmp_path, monkeypatch):
    """The `sh` of agents."""
    program = shutil.which(request.param)
    if not program:
        pytest.skip(f"{request.param} is not installed")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sh").symlink_to(program)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
