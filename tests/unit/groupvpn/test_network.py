"""Virtual networks that can be used, and what is wrong with the others."""

import pytest

from p2ppool.errors import UserError
from p2ppool.groupvpn.network import VirtualNetwork


def test_the_original_s_own():
    network = VirtualNetwork("lab_ipop")
    assert str(network.addresses) == "5.0.0.0/8"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"base": "5.0.0"}, "base IP: '5.0.0' is not an IPv4 address"),
        ({"base": "::1"}, "base IP: '::1' is not an IPv4 address"),
        ({"netmask": "8"}, "netmask: '8' is not an IPv4 address"),
        ({"netmask": "255.0.255.0"}, "netmask: 255.0.255.0 is not a netmask"),
        ({"netmask": "0.0.0.0"}, "outside of 255.0.0.0"),
        ({"netmask": "255.255.255.255"}, "outside of 255.0.0.0"),
        ({"base": "10.1.0.0"}, "begins at 10.0.0.0"),
        ({"namespace": "a b"}, "IP namespace: 'a b'"),
        ({"namespace": ""}, "IP namespace"),
        ({"namespace": "<x>"}, "IP namespace"),
    ],
)
def test_what_can_t_be_used_is_reported(fields, why):
    with pytest.raises(UserError, match=why):
        VirtualNetwork(**{"namespace": "lab"} | fields)


@pytest.mark.parametrize(
    ("base", "netmask", "overlaps"),
    [("5.0.0.0", "255.0.0.0", True), ("5.9.0.0", "255.255.0.0", True), ("6.0.0.0", "255.0.0.0", False)],
)
def test_overlaps(base, netmask, overlaps):
    assert VirtualNetwork("a").overlaps(VirtualNetwork("b", base, netmask)) is overlaps
