"""`p2ppool doctor`: a line for each finding, and an exit code."""

import json
import socket
import subprocess

import pytest
from typer.testing import CliRunner

from p2ppool.cli import app
from p2ppool.confinement import landlock
from p2ppool.doctor import nodes
from p2ppool.doctor.checks import findings
from p2ppool.doctor.finding import Level
from p2ppool.errors import UserError
from p2ppool.keys.keyring import add_key_data
from p2ppool.pools.definition.confinement import require_confinement
from p2ppool.pools.rollout import local_node
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.models import Pool
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork


@pytest.fixture
def config(data_folder):
    return settings()


def lines(config, subject):
    return [(finding.level, finding.text) for finding in findings(config) if finding.subject == subject]


def test_a_sound_machine_has_no_problem(config):
    found = list(findings(config))
    assert {finding.subject for finding in found} >= {
        "user",
        "data folder",
        "database",
        "vault",
        "Prefect server",
    }
    assert [finding for finding in found if finding.level is Level.PROBLEM] == []


def test_the_command_prints_a_line_for_each_and_succeeds(config):
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0
    assert f"ok: data folder: only its owner may read {config.data_folder}" in done.output.splitlines()


def test_a_problem_is_an_exit_code_and_what_follows_is_checked_all_the_same(config):
    config.data_folder.mkdir()
    config.data_folder.chmod(0o755)
    done = CliRunner().invoke(app, ["doctor", "--json"])
    found = {finding["subject"]: finding["level"] for finding in json.loads(done.output)}
    assert (done.exit_code, found["data folder"], found["database"]) == (1, "problem", "ok")


def test_a_lost_vault_key_is_a_problem(config, ssh_key):
    config.data_folder.mkdir(mode=0o700)
    upgrade(get_engine())
    with UnitOfWork(get_engine()) as work:
        add_key_data(work, config, "lab", ssh_key.private_pem)
        work.commit()
    (config.data_folder / "vault.key").unlink()
    [(level, text)] = lines(config, "vault")
    assert level is Level.PROBLEM
    assert "vault.key is missing: restore it from a copy" in text


def test_a_database_that_does_not_answer_is_a_problem(config):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"postgresql+psycopg://me:s3cret@127.0.0.1:{free.getsockname()[1]}/none"
        found = lines(config.model_copy(update={"database_url": url}), "database")
    [(level, text)] = found
    assert level is Level.PROBLEM
    assert text.startswith("the database does not answer")
    assert "s3cret" not in text


def test_prefect_that_others_reach_is_a_warning(config):
    [(level, text)] = lines(config.model_copy(update={"prefect_listen_address": "0.0.0.0"}), "Prefect server")
    assert (level, "whoever reaches port 4200 can act" in text) == (Level.WARNING, True)


def test_packages_that_run_unconfined_are_a_warning(config):
    [(level, text)] = lines(config.model_copy(update={"local_node_confinement": "off"}), "confinement")
    assert level is Level.WARNING
    assert "can read every secret" in text


def test_a_kernel_that_cannot_confine_is_a_problem_and_no_pool_is_created(config, monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 0)
    [(level, text)] = lines(config, "confinement")
    assert level is Level.PROBLEM
    assert "so no local node starts: its kernel has no Landlock" in text
    with pytest.raises(UserError, match="set P2PPOOL_LOCAL_NODE_CONFINEMENT=off"):
        require_confinement(config)
    require_confinement(config.model_copy(update={"local_node_confinement": "off"}))


def test_a_kernel_that_cannot_limit_ports_is_a_warning(config, monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 3)
    levels = [level for level, _ in lines(config, "confinement")]
    assert levels == [Level.OK, Level.WARNING]


@pytest.fixture
def unconfined(config):
    """The process of a pool's local node from before it was confined."""
    folder = config.data_folder / "local-nodes/demo/node"
    folder.mkdir(parents=True)
    with subprocess.Popen(["sleep", "100"]) as process:
        (folder / "node.pid").write_text(f"{process.pid} 1\n")
        yield Pool(name="demo", install_path="p", rpc_port=10000)
        process.kill()


def test_a_local_node_from_before_is_found(config, unconfined):
    assert nodes.runs_unconfined(unconfined, config)
    assert local_node.process_of(unconfined, config) is not None
