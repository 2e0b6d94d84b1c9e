"""Processes of runs: really forked, and they tell what ended them. Nobody listens where Prefect should."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from p2ppool.prefect_client import accepted_runs
from p2ppool.prefect_client.client import DueRun
from p2ppool.store.engine import open_engine
from p2ppool.store.models import TicketState
from p2ppool.store.schema import upgrade
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import Vault

pytestmark = pytest.mark.slow

RUN = "0d6f3c1e-5b0a-4d8f-9c53-1f2e3d4c5b6a"
STARTER = textwrap.dedent(
    """
    import json, sys, time
    from deployments.dispatcher.flow_processes import FlowProcesses
    processes = FlowProcesses()
    processes.start(*sys.argv[1:])
    while not (ended := processes.ended()):
        time.sleep(0.05)
    print(json.dumps([[exited.code, exited.cause] for exited in ended.values()]))
    """
)
"""In a process of its own: all that fork from one have its environment."""


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'p2ppool.db'}")
    upgrade(engine)
    Vault.open(tmp_path, None)  # makes the key, as `p2ppool up` does
    yield engine
    engine.dispose()


def exit_of(folder, action):
    """The exit code of the run's process, and what it told."""
    own = {
        "P2PPOOL_DATA_FOLDER": str(folder),
        "P2PPOOL_PREFECT_PORT": "1",
        "PREFECT_HOME": f"{folder}/prefect",
    }
    command = [sys.executable, "-c", STARTER, RUN, action]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, timeout=200, check=True)
    ((code, cause),) = json.loads(done.stdout.splitlines()[-1])
    return code, cause


def test_an_error_that_ends_a_process_is_told(engine, tmp_path):
    assert exit_of(tmp_path, "crawl") == (
        1,
        "LookupError: Prefect does not answer, and the run was not accepted here",
    )


def test_an_export_of_a_pool_that_is_not_there_fails_without_prefect_in_one_line(engine, tmp_path):
    with UnitOfWork(engine) as work:
        accepted_runs.accept(work.session, DueRun(RUN, "export-csv", {"pool": "none"}, "ada", now()))
        work.commit()
    assert exit_of(tmp_path, "export-csv") == (0, "")
    with reading(engine) as work:
        found = accepted_runs.find(work.session, RUN)
    assert (found.ended_as, "no pool is named" in found.ending) == (TicketState.FAILED.value, True)
