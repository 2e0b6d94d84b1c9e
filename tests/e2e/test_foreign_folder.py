"""What is started in somebody else's folder runs none of the code that lies there."""

import subprocess
import sys
from pathlib import Path

import pytest

from p2ppool.interpreter import python
from tests.e2e.test_demo import environment

__all__ = ["environment"]

OURS = ("dashboards", "deployments", "flows", "p2ppool", "tasks")
LIBRARIES = (
    "alembic",
    "asyncssh",
    "dash",
    "flask",
    "paramiko",
    "prefect",
    "pydantic",
    "rich",
    "sqlalchemy",
    "typer",
)
ENTRY = Path(sys.executable).with_name("p2ppool")
"""The command as it is installed."""


@pytest.fixture
def traps(tmp_path):
    """A folder with a module of every name that anybody imports; each writes its name into `sprung`.

    And with files in which Prefect looks for settings.
    """
    folder = tmp_path / "traps"
    folder.mkdir()
    sprung = tmp_path / "sprung"
    spring = f"with open({str(sprung)!r}, 'a') as file:\n    file.write(__name__ + chr(10))\n"
    for name in {*sys.stdlib_module_names, *OURS, *LIBRARIES}:
        (folder / f"{name}.py").write_text(spring)
    (folder / ".env").write_text("PREFECT_SERVER_API_AUTH_STRING=trap:trap\n")
    (folder / "prefect.toml").write_text("[server.api]\nauth_string = 'trap:trap'\n")
    return folder, sprung


def run(folder, environment, *command):
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_trap_catches_who_walks_into_it(traps):
    folder, sprung = traps
    subprocess.run([sys.executable, "-m", "secrets"], cwd=folder, check=False)
    assert sprung.exists()


def test_the_whole_demo_runs_none_of_it(traps, environment, tmp_path):
    """That is the Prefect server, the pages, the flows and their processes, hosts, nodes and commands."""
    folder, sprung = traps
    report = tmp_path / "report.json"
    run(folder, environment, ENTRY, "demo", "--hosts", "1", "--once", "--json", report)
    assert not sprung.exists(), sprung.read_text()


@pytest.mark.parametrize(
    "command",
    [
        [ENTRY, "settings"],
        [ENTRY, "pool", "list"],
        python("-m", "p2ppool", "key", "list"),
        python("-m", "p2ppool.demo.hosts", "--help"),
        python("-m", "dashboards", "--help"),
    ],
    ids=lambda command: " ".join(command[-3:] if command[0] != ENTRY else command[1:]),
)
def test_no_command_runs_any_of_it(traps, environment, command):
    folder, sprung = traps
    run(folder, environment, *command)
    assert not sprung.exists(), sprung.read_text()


def test_the_documentation_is_rewritten_in_its_own_folder(traps, environment):
    folder, sprung = traps
    script = Path(__file__).parents[2] / "scripts/document"
    run(folder, {**environment, "PYTHON": sys.executable}, script)
    assert not sprung.exists(), sprung.read_text()


def test_a_relative_path_means_the_folder_of_the_command(traps, environment):
    """Children run elsewhere; a database that is named without a folder is not theirs to make there."""
    folder, _ = traps
    environment |= {"P2PPOOL_DATABASE_URL": "sqlite:///mine.db", "P2PPOOL_GEO_DATABASE": "geo.mmdb"}
    code = (
        "from deployments.up.paths import absolute_paths; from p2ppool.settings import settings;"
        "print(absolute_paths(settings()))"
    )
    done = subprocess.run(
        python("-c", code), cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert f"'P2PPOOL_DATABASE_URL': 'sqlite:///{folder / 'mine.db'}'" in done.stdout
    assert f"'P2PPOOL_GEO_DATABASE': '{folder / 'geo.mmdb'}'" in done.stdout
    assert f"'P2PPOOL_DATA_FOLDER': '{environment['P2PPOOL_DATA_FOLDER']}'" in done.stdout
