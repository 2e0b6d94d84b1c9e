"""Files and pipes: whole or not at all, no noise where nobody reads any more; the page of columns is true."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from p2ppool.cli import main
from p2ppool.errors import UserError
from p2ppool.exports.documentation import tables_of_columns
from p2ppool.exports.files import write_whole
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from tests.unit.exports.scene import make


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    file = tmp_path_factory.mktemp("made") / "p2ppool.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    make(engine, crawls=60)  # more than a pipe holds
    engine.dispose()
    return file


@pytest.fixture
def odd(made, data_folder):
    """A data folder with the odd pool."""
    data_folder.mkdir(mode=0o700)
    shutil.copy(made, data_folder)


@pytest.fixture
def p2ppool(monkeypatch):
    """Runs `p2ppool …` in this process; gives its exit code."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["p2ppool", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code

    return run


def broken():
    yield b"half"
    raise UserError("the rest is gone")


def test_a_file_is_there_whole_or_as_it_was(tmp_path):
    place = tmp_path / "x.csv"
    assert write_whole([b"a", b"bc"], place) == 3
    assert place.stat().st_mode & 0o777 == 0o666 & ~_umask()
    with pytest.raises(UserError, match="the rest is gone"):
        write_whole(broken(), place)
    assert place.read_bytes() == b"abc"
    assert list(tmp_path.iterdir()) == [place]
    with pytest.raises(UserError, match="can't be written: Not a directory"):
        write_whole([b"a"], place / "below")


def _umask():
    mask = os.umask(0o22)
    os.umask(mask)
    return mask


def test_a_link_stays_one_and_a_device_is_written_to(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole([b"x"], tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"x"
    assert write_whole([b"x"], Path("/dev/null")) == 1
    assert Path("/dev/null").is_char_device()


def test_the_command_writes_the_same_to_a_file_and_down_a_pipe(odd, p2ppool, tmp_path, capfdbinary):
    asked = ("export", "node-stats", "--pool", "odd", "--from", "2026-03-01", "--columns", "left,seconds")
    assert p2ppool(*asked) == 0
    piped = capfdbinary.readouterr().out
    assert p2ppool(*asked, "-o", tmp_path / "x.csv") == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert piped == (tmp_path / "x.csv").read_bytes()
    assert piped.count(b"\r\n'=1+1,") == 60
    assert piped.startswith(b"left,seconds\r\n")


def test_a_reader_that_leaves_is_no_error_to_read_about(odd):
    command = f"{sys.executable} -m p2ppool export node-stats --pool odd | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1] == "141"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--pool", "nobody"), "no pool is named 'nobody': there is odd, other"),
        (("--pool", "odd", "--columns", "place,nothing"), "has no column 'nothing': it has snapshot"),
        (("--pool", "odd", "--from", "2026-03-02", "--to", "2026-03-02"), "the end must be after the start"),
    ],
)
@pytest.mark.usefixtures("odd")
def test_a_mistake_is_one_line_and_leaves_no_file(p2ppool, tmp_path, capsys, wrong, said):
    assert p2ppool("export", "node-stats", *wrong, "-o", tmp_path / "x") == 1
    assert said in (line := capsys.readouterr().err)
    assert len(line.splitlines()) == 1
    assert list(tmp_path.glob("*x*")) == []


def test_the_page_of_columns_says_what_there_is():
    page = Path(__file__).parents[3] / "docs/reference/columns.md"
    assert tables_of_columns() in page.read_text(), "run scripts/document"
