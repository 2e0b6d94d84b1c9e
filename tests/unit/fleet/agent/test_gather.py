"""Files of a node brought here: what an honest host sends, and what a hostile one can't do."""

import base64
import gzip
import hashlib
import os
import shutil
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.gather import LOGS, RESULTS, GatherLimits, Haul, gather
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.transport.session import OUTPUT_LIMIT
from tests.unit.fleet.agent.test_protocol import Scripted
from tests.unit.fleet.bundles import folder_request, install_request

LIMITS = GatherLimits(file_bytes=1000, total_bytes=2500, files=10)
NOISE = os.urandom(5000)  # no gzip makes it smaller


@pytest.fixture
def haul(tmp_path):
    folder = tmp_path / "haul"
    folder.mkdir()
    return Haul(folder)


@pytest.fixture
def node_folder(host, base):
    """The folder in which a node runs."""
    verbs.install(host, install_request(base))
    return base / "node"


def bring(host, base, haul, wanted=LOGS, limits=LIMITS):
    gather(host, folder_request(base), wanted, limits, haul)
    return {file.name: file.path.read_bytes() for file in haul.files}


# What an honest host sends.


def test_any_shell_sends_the_files_as_they_are(shell, host, base, node_folder, haul):
    files = {"a.db": NOISE[:999], "empty.db": b"", "B-2_c+d@e.db": b"@p2ppool done\n" * 20}
    for name, content in files.items():
        (node_folder / name).write_bytes(content)
    assert bring(host, base, haul, RESULTS) == files
    assert {file.name: file.sha256 for file in haul.files} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert haul.facts == {"folder": "ours", "unsent": "0", "odd": "0", "special": "0"}
    assert {path.stat().st_mode & 0o777 for path in haul.folder.iterdir()} == {0o600}


def test_busybox_s_tools_will_do(host, base, node_folder, haul, monkeypatch):
    tools = base.parent / "tools"
    tools.mkdir()
    for tool in ("base64", "cat", "grep", "gzip", "head", "ls", "readlink", "sh", "tail", "tr", "wc"):
        (tools / tool).symlink_to(shutil.which("busybox"))
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    for log in node_folder.glob("node.log.*"):
        log.unlink()
    (node_folder / "node.log.2026-01-01").write_bytes(NOISE)
    (node_folder / "node.log.2026-01-02").write_bytes(b"")
    assert bring(host, base, haul) == {"node.log.2026-01-02": b"", "node.log.2026-01-01": NOISE[4000:]}


def test_of_logs_the_newest_end_comes_where_not_all_may(shell, host, base, node_folder, haul):
    for log in node_folder.glob("node.log.*"):
        log.unlink()
    for day in range(1, 5):
        (node_folder / f"node.log.2026-01-0{day}").write_bytes(NOISE[: 400 * day])
    came = bring(host, base, haul)
    assert came == {
        "node.log.2026-01-04": NOISE[600:1600],
        "node.log.2026-01-03": NOISE[200:1200],
        "node.log.2026-01-02": NOISE[300:800],
    }
    assert [file.size_there for file in haul.files] == [1600, 1200, 800]
    assert haul.left_out == {"node.log.2026-01-01": 400}


def test_a_result_comes_whole_or_not_at_all(shell, host, base, node_folder, haul):
    (node_folder / "small.db").write_bytes(NOISE[:1000])
    (node_folder / "large.db").write_bytes(NOISE[:1001])
    assert list(bring(host, base, haul, RESULTS)) == ["small.db"]
    assert haul.left_out == {"large.db": 1001}


def test_links_folders_pipes_and_odd_names_stay_there_and_are_counted(shell, host, base, node_folder, haul):
    (base.parent / "secret.db").write_text("secret")
    (node_folder / "link.db").symlink_to(base.parent / "secret.db")
    (node_folder / "dangling.db").symlink_to("nowhere")
    (node_folder / "folder.db").mkdir()
    os.mkfifo(node_folder / "pipe.db")
    for name in ("two\nlines.db", "$(touch hacked).db", "-x.db", "a b.db", "ü.db", "x" * 98 + ".db"):
        (node_folder / name).write_text("odd")
    (node_folder / ".hidden.db").write_text("not asked for")
    (node_folder / "good.db").write_text("good")
    assert bring(host, base, haul, RESULTS) == {"good.db": b"good"}
    assert (haul.facts["special"], haul.facts["odd"]) == ("4", "6")
    assert not list(base.parent.rglob("hacked"))


def test_a_node_folder_that_is_a_link_is_not_followed(host, base, node_folder, haul):
    elsewhere = base.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.db").write_text("secret")
    verbs.stop(host, folder_request(base))
    node_folder.rename(base.parent / "was")
    node_folder.symlink_to(elsewhere)
    assert bring(host, base, haul, RESULTS) == {}


def test_more_files_than_may_come_are_left_out_and_counted(host, base, node_folder, haul):
    for number in range(115):
        (node_folder / f"{number:03}.db").touch()
    assert len(bring(host, base, haul, RESULTS)) == 10
    assert (len(haul.left_out), haul.facts["unsent"]) == (100, "105")


def test_where_nothing_is_installed_nothing_comes_and_nothing_is_made(host, base, haul):
    assert bring(host, base, haul) == {}
    assert haul.facts == {"folder": "absent"}
    assert not base.exists()
    verbs.stop(host, folder_request(base, fence=3))  # leaves the mark and a fence
    assert bring(host, base, haul) == {}
    assert haul.facts == {"folder": "empty"}


def test_another_pool_s_files_are_refused(host, base, node_folder, haul):
    with pytest.raises(HostFault) as raised:
        gather(host, folder_request(base, pool="another"), LOGS, LIMITS, haul)
    assert raised.value.kind is ErrorKind.WRONG_POOL


def test_looking_changes_nothing_and_no_newer_turn_stops_it(host, base, haul):
    verbs.install(host, install_request(base, fence=7))
    before = {path: path.lstat().st_mtime_ns for path in base.rglob("*")}
    gather(host, folder_request(base, fence=3), LOGS, LIMITS, haul)
    assert {path: path.lstat().st_mtime_ns for path in base.rglob("*")} == before


def test_large_files_come_though_they_are_more_than_other_verbs_may_say(host, base, node_folder, haul):
    content = os.urandom(3 * OUTPUT_LIMIT)
    (node_folder / "large.db").write_bytes(content)
    limits = GatherLimits(file_bytes=len(content), total_bytes=len(content))
    assert bring(host, base, haul, RESULTS, limits) == {"large.db": content}


# What a hostile one can't do.


def packed(content):
    text = base64.b64encode(gzip.compress(content)).decode()
    return [text[start : start + 76] for start in range(0, len(text), 76)]


def sent(name, content, length=None, size=None):
    length = len(content) if length is None else length
    head = f"@p2ppool file {length if size is None else size} {length} {name}"
    return [head, *packed(content), "@p2ppool end"]


def hostile(haul, *lines, wanted=RESULTS):
    """The fault that a host ends with which says these lines."""
    host = Scripted(*lines, "@p2ppool done")
    with pytest.raises(HostFault) as raised:
        gather(host, folder_request("p2p"), wanted, LIMITS, haul)
    assert {path.name for path in haul.folder.iterdir()} == {file.name for file in haul.files}
    return raised.value


@pytest.mark.parametrize(
    "name",
    [
        "../x.db",
        "/etc/x.db",
        "a/b.db",
        "..",
        ".x.db",
        "-x.db",
        "a\\b.db",
        "a b.db",
        "a.db\x00",
        "ü.db",
        "x" * 98 + ".db",
        "node.config",
        "*.db",
        "",
    ],
)
def test_a_name_that_nobody_requested_is_refused(haul, name):
    assert hostile(haul, *sent(name, b"x")).kind is ErrorKind.PROTOCOL
    assert hostile(haul, f"@p2ppool left 5 {name}").kind is ErrorKind.PROTOCOL
    assert list(haul.folder.parent.iterdir()) == [haul.folder]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (sent("a.db", b"x" * 1000, length=10), "longer than announced"),
        (sent("a.db", bytes(50_000_000), length=1000), "longer than announced"),  # a bomb: 50 kB of gzip
        (sent("a.db", b"x", length=1001), "over the limits"),
        (sent("a.db", b"x", length=10**18 - 1), "over the limits"),
        (sent("a.db", b"x", length=10**18), "file 1"),
        (sent("a.db", b"xy", length=1, size=2), "1 of 2 bytes"),
        (sent("a.db", b"x", size=0), "1 of 0 bytes"),
        (["@p2ppool file a.db"], "file a.db"),
        (["@p2ppool file -1 -1 a.db"], "file -1"),
        (["@p2ppool end"], "the end of a file that was never begun"),
        (["@p2ppool file 1 1 a.db", "@p2ppool end"], "is incomplete"),
        (["@p2ppool file 1 1 a.db", *packed(b"x")], "has no end"),
        (["@p2ppool file 1 1 a.db", *sent("b.db", b"x")], "has no end"),
        (["@p2ppool file 1 1 a.db", packed(b"x")[0][:8], "@p2ppool end"], "is incomplete"),
        (["@p2ppool file 1 1 a.db", "tail: no"], "is corrupt"),
        (["@p2ppool file 1 1 a.db", "é"], "is corrupt"),
        (["@p2ppool file 1 1 a.db", "QUJD"], "is corrupt"),
        (["@p2ppool file 1 1 a.db", *packed(b"x"), *packed(b"x"), "@p2ppool end"], "longer than announced"),
        (["@p2ppool dance"], "dance"),
        ([f"@p2ppool left 1 {number}.db" for number in range(101)], "left 1 100.db"),
    ],
)
def test_an_answer_that_makes_no_sense_ends_it(haul, lines, words):
    fault = hostile(haul, *lines)
    assert fault.kind is ErrorKind.PROTOCOL
    assert words in str(fault)


def test_what_came_whole_before_a_fault_is_kept(haul):
    hostile(haul, *sent("a.db", b"good"), *sent("b.db", b"x", length=0))
    assert [(file.name, file.path.read_bytes()) for file in haul.files] == [("a.db", b"good")]


def test_the_same_name_comes_once(haul):
    assert "was sent twice" in str(hostile(haul, *sent("a.db", b"x"), *sent("a.db", b"y")))
    assert "was sent twice" in str(hostile(haul, *sent("a.db", b"x")))


def test_no_more_comes_than_all_files_may_have(haul):
    assert "over the limits" in str(
        hostile(haul, *(line for name in "abc" for line in sent(f"{name}.db", NOISE[:900])))
    )
    assert [file.name for file in haul.files] == ["a.db", "b.db"]


def test_no_more_files_come_than_may(haul):
    assert "over the limits" in str(
        hostile(haul, *(line for number in range(11) for line in sent(f"{number}.db", b"")))
    )
    assert len(haul.files) == 10


def test_a_file_that_shrank_meanwhile_is_kept_as_it_came(haul):
    host = Scripted("Welcome!", *sent("a.db", b"half", length=8), "@p2ppool done")
    gather(host, folder_request("p2p"), RESULTS, LIMITS, haul)
    [file] = haul.files
    assert (file.size, file.promised, file.size_there) == (4, 8, 8)


def test_a_disk_that_is_full_here_is_no_fault_of_the_host(haul):
    haul.folder.rmdir()
    host = Scripted(*sent("a.db", b"x"), "@p2ppool done")
    with pytest.raises(HostFault, match="manager can't keep the file") as raised:
        gather(host, folder_request("p2p"), RESULTS, LIMITS, haul)
    assert raised.value.kind is ErrorKind.INTERNAL


WORDS = st.sampled_from(["@p2ppool", "file", "end", "left", "1", "4", "5000", "a.db", "b.db", "../a.db", "x"])
LINES = st.one_of(
    st.lists(WORDS, max_size=6).map(" ".join),
    st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode()),
    st.binary(max_size=40).map(lambda data: packed(data)[0]),
    st.text(max_size=40),
)


@given(st.lists(LINES, max_size=30))
def test_whatever_is_sent_no_file_is_half_there_or_elsewhere(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("scratch")
    haul = Haul(folder / "haul")
    haul.folder.mkdir()
    with suppress(HostFault):  # and nothing else
        gather(Scripted(*lines), folder_request("p2p"), RESULTS, LIMITS, haul)
    assert list(folder.iterdir()) == [haul.folder]
    assert {path.name: path.stat().st_size for path in haul.folder.iterdir()} == {
        file.name: file.size for file in haul.files
    }
    assert haul.size <= LIMITS.total_bytes
