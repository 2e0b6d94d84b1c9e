"""Whose folder it is: only one that carries this pool's mark is ever touched."""

import os
from pathlib import Path

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.unit.fleet.bundles import POOL, folder_request, install_request

pytestmark = pytest.mark.slow

NEEDY = [verbs.install, verbs.start]
CONTENT = [verbs.stop, verbs.remove, verbs.forget]
VERBS = [*NEEDY, *CONTENT]


def refused(verb, host, request):
    with pytest.raises(HostFault) as raised:
        verb(host, request)
    return raised.value


def tree(folder):
    return {str(path): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "name",
    [
        "with blank",
        "quote'd",
        'double"quoted',
        "$(touch hacked)",
        "`touch hacked`",
        "a;touch hacked",
        "*",
        "-rf",
        "back\\slash",
        "ünï→",
        "a/deep/one",
        "trailing/",
    ],
)
def test_an_install_path_may_be_called_anything(host, tmp_path, name):
    base = tmp_path / "in here" / name
    verbs.install(host, install_request(f"{tmp_path}/in here/{name}"))
    assert (base / "current/start").exists()
    assert verbs.remove(host, folder_request(base)) == {"stopped": "1"}
    assert not base.exists()
    assert not list(tmp_path.rglob("hacked"))
    assert not Path("hacked").exists()


def test_a_relative_path_starts_at_the_home(host, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    verbs.install(host, install_request("-p2p"))
    assert (tmp_path / "-p2p/current/start").exists()
    verbs.remove(host, folder_request("-p2p"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken(host, base):
    base.mkdir()
    assert verbs.install(host, install_request(base))["changed"] == "yes"
    assert (base / ".p2ppool").read_text() == f"p2ppool folder 1\npool {POOL}\n"


def test_a_folder_whose_mark_was_cut_short_is_taken(host, base):
    base.mkdir()
    (base / ".p2ppool").touch()
    assert verbs.install(host, install_request(base))["changed"] == "yes"


FOREIGN_MARKS = [
    None,
    "",
    "\n",
    f"pool {POOL}\n",
    f"p2ppool folder 2\npool {POOL}\n",
    "p2ppool folder 1\npool other-pool\n",
    f"p2ppool folder 1\nowner {POOL}\n",
    "p2ppool folder 1\n",
]


@pytest.fixture(params=FOREIGN_MARKS)
def foreign(request, base):
    """A folder that is not this pool's."""
    base.mkdir()
    (base / "diary").write_text("precious")
    (base / "bundles").mkdir()
    if request.param is not None:
        (base / ".p2ppool").write_text(request.param)
    return base


@pytest.mark.parametrize("fence", [0, 7])
@pytest.mark.parametrize("verb", NEEDY)
def test_a_folder_that_is_not_this_pool_s_is_refused_and_left_as_it_is(host, foreign, verb, fence):
    before = tree(foreign)
    fault = refused(verb, host, install_request(foreign, fence=fence))
    assert fault.kind is ErrorKind.WRONG_POOL
    assert str(foreign) in str(fault)
    assert tree(foreign) == before


@pytest.mark.parametrize("fence", [0, 7])
@pytest.mark.parametrize("verb", CONTENT)
def test_in_a_folder_that_is_not_this_pool_s_there_is_nothing_to_end(host, foreign, verb, fence):
    before = tree(foreign)
    assert verb(host, folder_request(foreign, fence=fence)) == {"folder": "other"}
    assert tree(foreign) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_link_to_a_folder_of_this_pool_is_refused(host, base, verb):
    verbs.install(host, install_request(base))
    link = base.with_name("link")
    link.symlink_to(base)
    before = tree(base)
    assert "is a symbolic link" in str(refused(verb, host, install_request(f"{link}/")))
    assert tree(base) == before


def test_a_mark_that_is_a_link_does_not_count(host, base):
    verbs.install(host, install_request(base))
    other = base.with_name("other")
    other.mkdir()
    (other / ".p2ppool").symlink_to(base / ".p2ppool")
    assert verbs.remove(host, folder_request(other)) == {"folder": "other"}
    assert refused(verbs.install, host, install_request(other)).kind is ErrorKind.WRONG_POOL


@pytest.mark.parametrize("verb", VERBS)
def test_a_home_is_no_install_path_even_with_the_mark(host, tmp_path, monkeypatch, verb):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".p2ppool").write_text(f"p2ppool folder 1\npool {POOL}\n")
    (tmp_path / "way").symlink_to(tmp_path)
    monkeypatch.setenv("HOME", str(home))
    assert "home folder" in str(refused(verb, host, install_request(tmp_path / "way" / "home")))
    assert tree(home).keys() == {f"{home}/.p2ppool"}


@pytest.mark.parametrize("base", ["/", "//", "/.", "", "/tmp/../tmp/p2p", "/tmp/.."])
def test_the_agent_itself_refuses_a_path_that_can_t_be(host, monkeypatch, base):
    """Though no request can hold one."""
    request = folder_request("/tmp/p2p")
    object.__setattr__(request, "base", base)
    assert refused(verbs.remove, host, request).kind is ErrorKind.WRONG_POOL


@pytest.mark.root
def test_another_user_s_folder_is_refused_though_it_has_the_mark(host, base):
    base.mkdir()
    (base / ".p2ppool").write_text(f"p2ppool folder 1\npool {POOL}\n")
    os.chown(base, 12345, 12345)
    assert refused(verbs.install, host, install_request(base)).kind is ErrorKind.WRONG_POOL


def test_what_somebody_else_put_into_the_folder_outlives_it(host, base):
    verbs.install(host, install_request(base))
    (base / "diary").write_text("precious")
    assert verbs.remove(host, folder_request(base))["left"] == "diary"
    assert tree(base) == {f"{base}/diary": b"precious"}


def test_links_inside_are_removed_not_followed(host, base, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "diary").write_text("x")
    verbs.install(host, install_request(base))
    (base / "node/way").symlink_to(precious)
    (base / "bundles/way").symlink_to(precious)
    verbs.remove(host, folder_request(base))
    assert tree(precious) == {f"{precious}/diary": b"x"}


@pytest.mark.parametrize("mode", [0o300, 0o500, 0])
def test_folders_that_a_node_has_closed_are_removed(host, base, mode):
    verbs.install(host, install_request(base))
    closed = base / "node/closed"
    closed.mkdir()
    (closed / "file").touch()
    closed.chmod(mode)
    assert "left" not in verbs.remove(host, folder_request(base))
    assert not (base / "node").exists()


def test_a_path_below_a_file_can_t_be_written(host, tmp_path):
    (tmp_path / "file").touch()
    fault = refused(verbs.install, host, install_request(tmp_path / "file" / "p2p"))
    assert fault.kind is ErrorKind.NOT_WRITABLE
    assert "Not a directory" in str(fault)
