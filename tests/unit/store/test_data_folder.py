"""The data folder is for its owner alone, and so is everything that is written there."""

import os
import stat
import subprocess

import pytest

from p2ppool.errors import UserError
from p2ppool.interpreter import python
from p2ppool.store.data_folder import prepare_data_folder


def test_a_new_one_is_private(tmp_path):
    prepare_data_folder(tmp_path / "a/data")
    assert stat.S_IMODE((tmp_path / "a/data").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o770, 0o755, 0o777])
def test_one_that_others_may_use_is_refused_with_what_repairs_it(tmp_path, mode):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(
        UserError, match="others may use the data folder, which holds secrets: chmod go= "
    ) as error:
        prepare_data_folder(folder)
    subprocess.run(str(error.value).rpartition(": ")[2].split(), check=True)
    prepare_data_folder(folder)


@pytest.mark.root
def test_one_that_is_another_user_s_is_refused(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    with pytest.raises(UserError, match="belongs to another user"):
        prepare_data_folder(folder)


def test_one_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="can't be made: "):
        prepare_data_folder(tmp_path / "file/data")


@pytest.mark.parametrize(
    "command", [("-m", "p2ppool", "pool", "list"), ("-m", "dashboards"), ("-m", "deployments.up")]
)
def test_what_others_may_use_is_refused_by_everything_that_starts(tmp_path, command):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    done = subprocess.run(
        python(*command),
        env={**os.environ, "P2PPOOL_DATA_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, list(folder.iterdir())) == (1, [])
    assert f"chmod go= {folder}" in done.stderr


def test_a_lax_umask_opens_no_file_to_others(tmp_path):
    """The database itself is made by SQLite, which asks for 0644."""
    done = subprocess.run(
        ["sh", "-c", 'umask 000 && exec "$@"', "sh", *python("-m", "p2ppool", "pool", "list")],
        env={**os.environ, "P2PPOOL_DATA_FOLDER": str(tmp_path / "data")},
        check=False,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )
    assert done.returncode == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (tmp_path / "data").rglob("*")}
    assert modes
    assert set(modes.values()) == {0}, modes
