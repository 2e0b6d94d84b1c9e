"""Which passwords are accepted."""

import pytest

from p2ppool.accounts import passwords
from p2ppool.errors import UserError
from tests.lab.web.people import PASSWORD, cheap_passwords

__all__ = ["cheap_passwords"]


@pytest.mark.parametrize(
    "password",
    [
        "password12",
        "Password123!",
        "qwertyuiop",
        "1234567890",
        "administrator1",
        "p2ppool2026!",
        "jane.doe@example.org",
        "jane.doe123",
        "iloveyou1234",
        "abcabcabcabc",
    ],
)
def test_what_is_guessed_soon_is_refused(cheap_passwords, password):
    with pytest.raises(UserError, match="too easy to guess"):
        passwords.hashed(password, "jane.doe@example.org")


@pytest.mark.parametrize(
    "password", [PASSWORD, "gK3#vq9!Lz", "пять синих коней в поле", "seven wet dogs near a lake, " * 9]
)
def test_what_is_not_is_accepted(cheap_passwords, password):
    assert passwords.fits(passwords.hashed(password, "jane.doe@example.org"), password)
