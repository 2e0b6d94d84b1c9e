"""The examples of CONTRIBUTING.md work: each is put into a copy of the source tree and tried there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("p2ppool", "flows", "tasks", "dashboards", "deployments")
pytestmark = pytest.mark.slow

CREATED = """
from p2ppool.settings import Settings, settings
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
engine = open_engine(settings().store_url)
upgrade(engine)
"""


def examples(heading):
    """The Python blocks below a heading of CONTRIBUTING.md, in order."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def tree(tmp_path):
    """A copy of the source tree."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def insert(file, before, text):
    """Put text before the only line of a file that begins with `before`."""
    source = file.read_text()
    assert source.count(f"\n{before}") == 1
    file.write_text(source.replace(f"\n{before}", f"\n{text}{before}"))


def run(tree, code, **variables):
    """Run code in the copy."""
    data = tree / "data"
    data.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tree), "P2PPOOL_DATA_FOLDER": str(data), **variables}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tree, env=environment, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_action_is_a_row_and_a_file(tree):
    row, flow = examples("Add an action")
    insert(tree / "p2ppool/actions/catalogue.py", "    @property\n    def flow", f"{row}\n")
    (tree / "flows/probe.py").write_text(flow)
    shown = run(
        tree,
        "from dashboards.components.actions.offers import offered\n"
        "from deployments.dispatcher.served_flows import FLOWS\n"
        "from p2ppool.actions import rules\n"
        "from p2ppool.actions.catalogue import Action\n"
        "from p2ppool.documentation.commands import commands\n"
        "from p2ppool.store.states import PoolState\n"
        "print(FLOWS['probe'].name, 'pool probe' in commands(),"
        " Action.PROBE in offered(PoolState.ACTIVE), rules.answer(Action.STOP, Action.PROBE))",
    )
    assert shown.split() == ["probe", "True", "True", "preempts"]


def test_a_page_is_a_folder_and_its_name(tree):
    (page,) = examples("Add a page")
    (tree / "dashboards/pages/hello").mkdir()
    (tree / "dashboards/pages/hello/__init__.py").write_text(page)
    app = tree / "dashboards/app.py"
    insert(app, "from dashboards.pages import map as", "from dashboards.pages import hello\n")
    app.write_text(app.read_text().replace("_PAGES = (", "_PAGES = (hello, "))
    shown = run(
        tree,
        f"{CREATED}"
        "from dashboards.app import create_app\n"
        "client = create_app(engine, settings()).test_client()\n"
        "print([client.get(path).status_code for path in ('/hello', '/hallo')])",
        P2PPOOL_OPEN_TO_VIEWERS="true",
    )
    assert shown.strip() == "[200, 404]"


def test_a_command_is_a_function_and_a_line(tree):
    function, line = examples("Add a command")
    (tree / "p2ppool/cli/greet.py").write_text(function)
    entry = tree / "p2ppool/cli/__init__.py"
    insert(entry, "def _print_version", f"from p2ppool.cli import greet\n{line}")
    code = "import sys; sys.argv = ['p2ppool', 'greet', 'ann']; from p2ppool.cli import main; main()"
    assert run(tree, code) == "hello ann\n"


def test_a_setting_is_a_field(tree):
    (field,) = examples("Add a setting")
    insert(tree / "p2ppool/settings.py", '    @field_validator("data_folder")', f"{field}\n")
    code = (
        "from p2ppool.documentation.settings import settings_table\n"
        "from p2ppool.settings import settings\n"
        "print(settings().greeting, '`P2PPOOL_GREETING` |  | What every page' in settings_table(''))"
    )
    assert run(tree, code, P2PPOOL_GREETING="hello") == "hello True\n"


def test_a_migration_is_a_column_and_a_revision(tree):
    column, revision = examples("Add a migration")
    models = tree / "p2ppool/store/models/pools.py"
    insert(models, "    rpc_port: Mapped[int]\n", column)
    versions = tree / "p2ppool/store/migrations/versions"
    newest = max(path.name[:4] for path in versions.glob("[0-9]*.py"))
    new = f"{int(newest) + 1:04}"
    (versions / f"{new}_colour.py").write_text(revision.replace("NEWEST", newest).replace("NEW", new))
    code = (
        f"{CREATED}"
        "from sqlalchemy import inspect\n"
        "from p2ppool.store.schema import revision\n"
        "with engine.connect() as connection:\n"
        "    found = {column['name'] for column in inspect(connection).get_columns('pools')}\n"
        "    print(revision(connection), 'colour' in found)"
    )
    assert run(tree, code) == f"{new} True\n"


def test_nothing_of_the_examples_is_left_in_the_tree():
    """Such a copy shows that the examples do it, and not the tree."""
    assert not (ROOT / "flows/probe.py").exists()
    assert "colour" not in (ROOT / "p2ppool/store/models/pools.py").read_text()
