"""Install paths that a manager may write."""

import pytest

from p2ppool.errors import UserError
from p2ppool.fleet.agent.install_path import check_install_path


@pytest.mark.parametrize(
    "path", ["/tmp/p2p", "p2p", "a b/c'd", "/opt/p2p/", "./p2p", "/opt/..p2p", "ünï/p2p", "-rf"]
)
def test_a_folder_of_our_own_is_fine(path):
    check_install_path(path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "home folder"),
        ("/", "root"),
        ("//./", "root"),
        (".", "home folder"),
        ("/tmp/../etc", "'..'"),
        ("..", "'..'"),
        ("~/p2p", "'~'"),
        ("/tmp/a\nb", "unprintable"),
        ("/tmp/a\0b", "unprintable"),
        ("/tmp/\x1b[2J", "unprintable"),
        ("/" + "x" * 401, "400 bytes"),
    ],
)
def test_anything_else_is_refused_in_one_line(path, why):
    with pytest.raises(UserError, match=why) as refused:
        check_install_path(path)
    assert str(refused.value).isprintable()
