"""The agent installs nothing where others could replace it, as sshd asks of a home folder."""

import os
import stat

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.unit.fleet.bundles import folder_request, install_request

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shell")]


def refused(verb, host, request):
    with pytest.raises(HostFault) as raised:
        verb(host, request)
    assert raised.value.kind is ErrorKind.UNSAFE_PATH
    return raised.value


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
@pytest.mark.parametrize("verb", [verbs.install, verbs.preflight])
def test_a_parent_that_others_may_write_is_refused(host, tmp_path, verb, mode):
    shared = tmp_path / "shared"
    (shared / "mine").mkdir(parents=True)
    shared.chmod(mode)
    fault = refused(verb, host, install_request(shared / "mine/not/yet"))
    assert fault.detail == f"others may write {shared}"
    assert refused(verb, host, install_request(shared / "p2p")).detail == f"others may write {shared}"
    assert list((shared / "mine").iterdir()) == []


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_an_install_path_that_others_may_write_is_refused(host, base, mode):
    """A sticky one, too: others could put files there before we do."""
    base.mkdir()
    base.chmod(mode)
    assert refused(verbs.install, host, install_request(base)).detail == f"others may write {base}"
    assert list(base.iterdir()) == []


def test_a_link_on_the_way_does_not_hide_it(host, tmp_path):
    (tmp_path / "shared/inner").mkdir(parents=True)
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "way").symlink_to(tmp_path / "shared/inner")
    assert "shared" in refused(verbs.install, host, install_request(tmp_path / "way/p2p")).detail


def test_a_sticky_parent_is_accepted_as_nobody_can_replace_the_folder(host, tmp_path):
    shared = tmp_path / "like-tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    verbs.install(host, install_request(shared / "p2p"))
    assert stat.S_IMODE((shared / "p2p").stat().st_mode) == 0o700
    assert verbs.forget(host, folder_request(shared / "p2p"))["stopped"] == "1"


def test_an_empty_folder_that_others_may_read_becomes_private(host, base):
    base.mkdir()
    base.chmod(0o755)
    verbs.install(host, install_request(base))
    assert stat.S_IMODE(base.stat().st_mode) == 0o700


@pytest.mark.root
@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_a_parent_of_another_user_is_refused(host, tmp_path, mode):
    """Who owns a folder can replace what is in it, also where it is sticky."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    theirs.chmod(mode)
    fault = refused(verbs.install, host, install_request(theirs / "p2p"))
    assert fault.detail == f"{theirs} belongs to another user"


def test_what_was_installed_before_can_still_be_stopped_and_removed(host, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    request = install_request(shared / "p2p")
    verbs.install(host, request)
    shared.chmod(0o777)
    refused(verbs.start, host, folder_request(shared / "p2p"))
    assert verbs.check(host, folder_request(shared / "p2p"))["running"] == "yes"
    assert verbs.remove(host, folder_request(shared / "p2p"))["stopped"] == "1"
    assert not (shared / "p2p").exists()
