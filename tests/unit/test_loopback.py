"""Which addresses only this machine reaches."""

import pytest

from p2ppool.loopback import is_loopback


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.8.7", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("", False),
    ],
)
def test_an_address_is_this_machines_own_by_its_text(name, own):
    assert is_loopback(name) is own
