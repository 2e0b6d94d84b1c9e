"""Names that can stand in certificates, configs and addresses."""

import pytest

from p2ppool.errors import UserError
from p2ppool.groupvpn.names import checked_name


@pytest.mark.parametrize("name", ["lab", "My Group", "a.b@c_d-e", "..a"])
def test_what_can_be_a_name(name):
    assert checked_name(name, "group") == name


@pytest.mark.parametrize("name", ["", " lab", "a,b", "a=b", "a/b", "é", "a\nb", "x" * 65, "a\0"])
def test_what_cannot(name):
    with pytest.raises(UserError, match=r"^group: "):
        checked_name(name, "group")
