"""What shows how far pip is: its lines in short where all goes well, and in full where it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "make-venv"
WELL = """
echo "Obtaining file:///somewhere"
echo "WARNING: of no interest"
for number in $(seq 30); do echo "Collecting part_$number>=1 (from p2ppool)"; done
echo "Installing collected packages: first, second"
mkdir -p "$SITE/first-1.dist-info" "$SITE/second-1.dist-info"
echo "Successfully installed first-1 second-1"
echo "[notice] A new release of pip is available"
"""
BADLY = """
echo "Collecting part (from p2ppool)"
echo "ERROR: no such version" >&2
exit 1
"""


@pytest.fixture
def make_venv(tmp_path):
    """Runs the script on a folder whose Python says what pip would say."""

    def make_venv(pip):
        python = tmp_path / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(
            f'#!/bin/sh\ncase "$*" in *--version) exit 0 ;; esac\n'
            f'echo "$@" > asked\nSITE=.venv/lib/python3.99/site-packages\n{pip}'
        )
        python.chmod(0o755)
        return subprocess.run(
            [sys.executable, SCRIPT, ".venv", "demo", "dev"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=60,
        )

    return make_venv


def test_steps_and_counts_are_shown_and_nothing_else(make_venv, tmp_path):
    done = make_venv(WELL)
    seen = [line for line in done.stdout.splitlines() if not line.endswith(" s") and not line.endswith(" s.")]
    assert (done.returncode, done.stderr) == (0, "")
    assert seen == ["Finding packages …", "  … 25", "Installing 2 packages …"]
    assert done.stdout.splitlines()[-1].startswith(".venv is ready after ")
    assert "WARNING: of no interest" in (tmp_path / ".venv" / "install.log").read_text()
    asked = (tmp_path / "asked").read_text()
    assert "--constraint constraints.txt --editable .[demo,dev]" in asked


def test_what_went_wrong_is_shown_and_where_the_rest_is(make_venv):
    done = make_venv(BADLY)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Collecting part (from p2ppool)",
        "ERROR: no such version",
        "pip could not install what is needed; all that it said is in .venv/install.log",
    ]


def test_a_folder_without_a_python_that_works_gets_one(tmp_path):
    (tmp_path / ".venv").mkdir()
    done = subprocess.run(
        [sys.executable, SCRIPT, ".venv", "demo"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.stdout.startswith("Making .venv with Python 3.")
    assert (tmp_path / ".venv" / "bin" / "pip").exists()
    assert "pip could not install" in done.stderr  # there is nothing to install here
