"""The floppy library is imported without what setuptools no longer has, and nobody reads a warning of it."""

import subprocess
import sys
from threading import Thread
from types import ModuleType

import pytest

from p2ppool.appliance.old_imports import old_pkg_resources

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "pkg_resources":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""
IMAGE = """
from p2ppool.appliance.floppy import floppy_image
print(len(floppy_image({"a": b"b"})), "pkg_resources" in sys.modules)
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT + code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_image_is_made_where_setuptools_is_new():
    done = run(IMAGE)
    assert (done.stdout, done.stderr) == ("1474560 False\n", "")


def test_the_library_needs_it_still():
    """Once this fails, `old_imports` can go."""
    assert "No module named 'pkg_resources'" in run("import pyfatfs.PyFatFS").stderr


@pytest.mark.parametrize("before", [None, ModuleType("pkg_resources")])
def test_all_is_as_before_afterwards_however_many_import(before, monkeypatch):
    monkeypatch.delitem(sys.modules, "pkg_resources", raising=False)
    if before:
        monkeypatch.setitem(sys.modules, "pkg_resources", before)

    def other():
        with old_pkg_resources():
            pass

    thread = Thread(target=other)
    with old_pkg_resources():
        thread.start()
        assert sys.modules["pkg_resources"].iter_entry_points("fs.opener") is not None
    thread.join()
    assert sys.modules.get("pkg_resources") is before
