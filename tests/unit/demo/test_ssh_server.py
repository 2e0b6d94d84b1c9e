import asyncio

import pytest

from p2ppool.demo.ssh_server import serving
from p2ppool.errors import UserError


@pytest.mark.parametrize("line", ["", "no key", "ssh-ed25519 AAAA", "ssh-ed25519\nAAAA", "\0\x1b[31m"])
def test_what_is_no_public_key_is_refused_in_one_line(line):
    with pytest.raises(UserError, match="no OpenSSH public key") as refused:
        asyncio.run(serving([], line).__aenter__())
    assert str(refused.value).isprintable()
