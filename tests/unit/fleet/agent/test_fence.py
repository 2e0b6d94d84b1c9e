"""Fences: who comes late, in an older turn, harms nothing; and what a folder keeps for that."""

import subprocess
from dataclasses import replace

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.unit.fleet.bundles import POOL, folder_request, install_request

pytestmark = pytest.mark.slow

VERBS = [verbs.install, verbs.start, verbs.stop, verbs.remove, verbs.forget]
MARK = f"p2ppool folder 1\npool {POOL}\n"
TOMBSTONE = {".p2ppool", ".fence"}
DEAD = "999999999:1:9:other-pool"  # held a lock once


def refused(verb, host, request):
    with pytest.raises(HostFault) as raised:
        verb(host, request)
    return raised.value.kind


def names(folder):
    return {entry.name for entry in folder.iterdir()}


def fences(folder):
    return {link.name: str(link.readlink()) for link in (folder / ".fence").iterdir()}


def snapshot(folder):
    """All that tells that something was touched."""
    stats = {path: path.lstat() for path in (folder, *folder.rglob("*"))}
    return {path: (stat.st_ino, stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()}


def litter(folder):
    """What agents left that were cut off: the next one clears it away."""
    (folder / ".part.123").write_bytes(b"x")
    (folder / ".unpack.123").mkdir()
    (folder / ".lock").symlink_to("999999999:1:3:pool-1")


@pytest.mark.parametrize("verb", VERBS)
def test_an_older_turn_is_refused_before_anything_is_touched(host, base, node, verb):
    pid = int(verbs.install(host, install_request(base, fence=9))["pid"])
    litter(base)
    before = snapshot(base)
    with pytest.raises(HostFault, match="8 is older than 9") as raised:
        verb(host, install_request(base, "exec sleep 1001", fence=8))
    assert raised.value.kind is ErrorKind.FENCED
    assert snapshot(base) == before
    assert node() == pid


@pytest.mark.parametrize("verb", VERBS)
def test_no_turn_at_all_is_older_than_any(host, base, verb):
    verbs.install(host, install_request(base, fence=9))
    assert refused(verb, host, install_request(base)) is ErrorKind.FENCED


def test_the_same_turn_may_come_again_and_a_newer_one_raises_the_fence(host, base):
    verbs.install(host, install_request(base, fence=9))
    assert fences(base) == {POOL: "9"}
    assert verbs.stop(host, folder_request(base, fence=9)) == {"stopped": "1"}
    assert verbs.start(host, folder_request(base, fence=10))["changed"] == "yes"
    assert fences(base) == {POOL: "10"}
    assert refused(verbs.stop, host, folder_request(base, fence=9)) is ErrorKind.FENCED


def test_a_refusal_says_how_far_the_host_is_and_by_whom(host, base):
    verbs.install(host, install_request(base, fence=9, manager="one"))
    assert fences(base) == {POOL: "9", f"{POOL}.by": "one"}
    with pytest.raises(HostFault, match=r"8 is older than 9\)") as raised:
        verbs.stop(host, folder_request(base, fence=8, manager="one"))
    assert raised.value.facts == {"fence": "9", "fenced_by": "one"}
    with pytest.raises(HostFault, match=r"8 is older than 9, by another manager\)"):
        verbs.stop(host, folder_request(base, fence=8, manager="two"))


@pytest.mark.parametrize("verb", VERBS)
def test_two_managers_can_not_share_a_turn(host, base, node, verb):
    pid = int(verbs.install(host, install_request(base, fence=9, manager="one"))["pid"])
    before = snapshot(base)
    with pytest.raises(HostFault, match="9 is taken, by another manager"):
        verb(host, install_request(base, "exec sleep 1001", fence=9, manager="two"))
    assert (snapshot(base), node()) == (before, pid)
    assert verbs.stop(host, folder_request(base, fence=10, manager="two")) == {"stopped": "1"}
    assert fences(base) == {POOL: "10", f"{POOL}.by": "two"}


def test_a_folder_of_a_release_that_kept_no_manager_is_anybodys(host, base):
    verbs.install(host, install_request(base, fence=9))
    assert verbs.stop(host, folder_request(base, fence=9, manager="one")) == {"stopped": "1"}
    with pytest.raises(HostFault) as raised:
        verbs.stop(host, folder_request(base, fence=8, manager="one"))
    assert raised.value.facts == {"fence": "9"}


def test_the_fence_of_a_request_may_rise(host, base):
    turn = [9]
    request = folder_request(base, fence=lambda: turn[-1])
    for fence in (9, 10):
        turn.append(fence)
        assert verbs.stop(host, request) == {"stopped": "0"}
        assert fences(base) == {POOL: str(fence)}


@pytest.mark.parametrize("lie", ["", "9 9", "-1", "1e9", "0x10", "٣", "99999999999", "1000000001"])
def test_a_host_can_not_name_just_any_fence(lie):
    assert verbs.reported_fence({"fence": lie}) is None
    assert verbs.reported_fence({}) is None
    assert verbs.reported_fence({"fence": "1000000000"}) == 1_000_000_000


def test_without_turns_nothing_is_kept_of_them(host, base):
    verbs.install(host, install_request(base))
    assert not (base / ".fence").exists()


@pytest.mark.parametrize("verb", [verbs.stop, verbs.remove])
@pytest.mark.parametrize("there", ["absent", "empty", "cut mark"])
def test_where_nothing_is_installed_the_fence_is_kept_all_the_same(host, base, verb, there):
    if there != "absent":
        base.mkdir()
    if there == "cut mark":
        (base / ".p2ppool").touch()
    assert verb(host, folder_request(base, fence=9))["stopped"] == "0"
    assert names(base) == TOMBSTONE
    assert refused(verbs.install, host, install_request(base, fence=8)) is ErrorKind.FENCED
    assert names(base) == TOMBSTONE
    assert verbs.install(host, install_request(base, fence=9))["changed"] == "yes"


def test_starting_where_nothing_is_installed_fails_and_keeps_the_fence(host, base):
    assert refused(verbs.start, host, folder_request(base, fence=9)) is ErrorKind.START_FAILED
    assert refused(verbs.install, host, install_request(base, fence=8)) is ErrorKind.FENCED


def test_starting_where_nothing_is_installed_makes_no_folder_without_turns(host, base):
    assert refused(verbs.start, host, folder_request(base)) is ErrorKind.START_FAILED
    assert not base.exists()


@pytest.mark.parametrize("verb", [verbs.stop, verbs.remove])
def test_where_no_folder_can_be_made_there_is_nothing_to_end(host, tmp_path, verb):
    (tmp_path / "file").touch()
    assert verb(host, folder_request(tmp_path / "file" / "p2p", fence=9)) == {"folder": "absent"}


def test_remove_leaves_a_tombstone_that_refuses_older_turns(host, base, node):
    verbs.install(host, install_request(base, fence=8))
    assert verbs.remove(host, folder_request(base, fence=9)) == {"stopped": "1", "kept": "fence"}
    assert names(base) == TOMBSTONE
    assert ((base / ".p2ppool").read_text(), fences(base)) == (MARK, {POOL: "9"})
    for verb in VERBS:
        assert refused(verb, host, install_request(base, fence=8)) is ErrorKind.FENCED
    assert node() is None
    assert verbs.remove(host, folder_request(base, fence=9)) == {"stopped": "0", "kept": "fence"}


def test_a_tombstone_is_ours_with_nothing_in_it(host, base):
    verbs.remove(host, folder_request(base, fence=9))
    assert verbs.probe(host, folder_request(base))["folder"] == "ours"
    facts = {"folder": "ours", "pool": POOL, "digest": "", "running": "no", "processes": "0"}
    assert verbs.check(host, folder_request(base)) == facts


def test_remove_keeps_and_reports_what_somebody_else_put_there(host, base):
    verbs.install(host, install_request(base, fence=9))
    (base / "diary").write_text("precious")
    assert verbs.remove(host, folder_request(base, fence=9)) == {
        "stopped": "1",
        "kept": "fence",
        "left": "diary",
    }
    assert names(base) == {*TOMBSTONE, "diary"}


@pytest.mark.parametrize("tombstone", [False, True])
def test_forget_leaves_nothing_at_all(host, base, tombstone):
    verbs.install(host, install_request(base, fence=9))
    if tombstone:
        verbs.remove(host, folder_request(base, fence=9))
    assert verbs.forget(host, folder_request(base, fence=9)) == {"stopped": "0" if tombstone else "1"}
    assert not base.exists()
    assert verbs.forget(host, folder_request(base, fence=9)) == {"folder": "absent"}
    assert not base.exists()


def test_forget_leaves_what_somebody_else_put_there(host, base):
    verbs.install(host, install_request(base, fence=9))
    (base / "diary").write_text("precious")
    assert verbs.forget(host, folder_request(base, fence=9)) == {"stopped": "1", "left": "diary"}
    assert names(base) == {"diary"}


def test_forget_leaves_another_pool_s_tombstone(host, base):
    verbs.remove(host, folder_request(base, pool="other-pool", fence=9))
    assert verbs.forget(host, folder_request(base, fence=9)) == {"folder": "empty"}
    assert names(base) == TOMBSTONE


@pytest.mark.parametrize("remains", [(), (".lock",), (".lock", f".lock.{DEAD}", ".p2ppool.new")])
def test_a_tombstone_gives_way_to_another_pool_whatever_its_fence(host, base, node, remains):
    verbs.remove(host, folder_request(base, pool="other-pool", fence=9))
    for name in remains:
        (base / name).symlink_to("999999998:1:9:other-pool" if DEAD in name else DEAD)
    facts = verbs.install(host, install_request(base, fence=3))
    assert ((base / ".p2ppool").read_text(), fences(base)) == (MARK, {POOL: "3", "other-pool": "9"})
    assert node() == int(facts["pid"])
    assert names(base) == {*TOMBSTONE, "bundles", "current", "node"}


def test_a_late_agent_of_the_pool_that_gave_way_is_refused(host, base, node):
    verbs.remove(host, folder_request(base, pool="other-pool", fence=9))
    pid = int(verbs.install(host, install_request(base, fence=3))["pid"])
    late = install_request(base, pool="other-pool", fence=8)
    for verb in (verbs.install, verbs.start):
        assert refused(verb, host, late) is ErrorKind.WRONG_POOL
    for verb in (verbs.stop, verbs.remove, verbs.forget):
        assert verb(host, late) == {"folder": "other"}
    assert node() == pid


def test_a_late_agent_is_refused_even_when_the_pool_after_it_has_gone_too(host, base):
    verbs.remove(host, folder_request(base, pool="other-pool", fence=9))
    verbs.install(host, install_request(base, fence=3))
    verbs.remove(host, folder_request(base, fence=4))
    late = install_request(base, pool="other-pool", fence=8)
    for verb in (verbs.install, verbs.start, verbs.stop, verbs.remove):
        assert refused(verb, host, late) is ErrorKind.FENCED
    assert verbs.install(host, replace(late, fence=10))["changed"] == "yes"


def test_a_tombstone_with_somebody_s_files_blocks_another_pool(host, base):
    verbs.remove(host, folder_request(base, pool="other-pool", fence=9))
    (base / "diary").write_text("precious")
    before = snapshot(base)
    assert refused(verbs.install, host, install_request(base, fence=10)) is ErrorKind.WRONG_POOL
    assert verbs.remove(host, folder_request(base, fence=10)) == {"folder": "other"}
    assert snapshot(base) == before


def test_a_fence_that_makes_no_sense_is_none(host, base):
    verbs.install(host, install_request(base, fence=9))
    (base / ".fence" / POOL).unlink()
    (base / ".fence" / POOL).symlink_to("nine")
    verbs.stop(host, folder_request(base, fence=1))
    assert fences(base) == {POOL: "1"}


def test_a_fence_is_not_negative(base):
    with pytest.raises(ValueError, match="turn"):
        folder_request(base, fence=-1)


@pytest.mark.root
@pytest.mark.parametrize("verb", [verbs.stop, verbs.remove])
def test_a_full_disk_does_not_keep_a_node_from_being_ended(host, base, node, verb):
    base.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "full", base], check=True)
    try:
        verbs.install(host, install_request(base, fence=8))
        subprocess.run(["sh", "-c", f"cat /dev/zero >{base}/node/filler"], check=False, capture_output=True)
        assert verb(host, folder_request(base, fence=9))["stopped"] == "1"
        assert fences(base) == {POOL: "9"}
    finally:
        subprocess.run(["umount", "--lazy", base], check=True)
