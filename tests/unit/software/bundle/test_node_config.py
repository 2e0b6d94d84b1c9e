import pytest

from p2ppool.errors import UserError
from p2ppool.software.bundle.node_config import (
    EdgeListener,
    NCService,
    NodeConfig,
    PoolNetwork,
    Protocol,
    Security,
    TransportAddress,
    XmlRpcManager,
    host_config,
    local_config,
)

UDP, TCP = Protocol.UDP, Protocol.TCP
NETWORK = PoolNetwork("Lab_Ring", udp_port=15000, tcp_port=15001)


def test_every_host_is_met_over_each_protocol_that_is_on():
    written = [str(ta) for ta in NETWORK.transport_addresses(["10.0.0.1", "fd00::1"])]
    assert written == [
        "brunet.udp://10.0.0.1:15000",
        "brunet.tcp://10.0.0.1:15001",
        "brunet.udp://[fd00::1]:15000",
        "brunet.tcp://[fd00::1]:15001",
    ]


@pytest.mark.parametrize(
    ("udp", "tcp", "listeners"),
    [
        (15000, None, (EdgeListener(UDP, 15000),)),
        (None, 15000, (EdgeListener(TCP, 15000),)),
        (15000, 15000, (EdgeListener(UDP, 15000), EdgeListener(TCP, 15000))),
    ],
)
def test_a_node_listens_on_what_is_on(udp, tcp, listeners):
    assert host_config(PoolNetwork("G8", udp, tcp), ()).edge_listeners == listeners


def test_hosts_have_no_xml_rpc():
    assert host_config(NETWORK, ()).xml_rpc is None


def test_only_the_local_node_has_xml_rpc():
    addresses = NETWORK.transport_addresses(["10.0.0.1"])
    hosts, local = host_config(NETWORK, addresses), local_config(NETWORK, addresses, 10000)
    assert local.xml_rpc == XmlRpcManager(enabled=True, port=10000)
    assert (local.namespace, local.remote_tas, local.edge_listeners, local.nc_service) == (
        hosts.namespace,
        hosts.remote_tas,
        hosts.edge_listeners,
        hosts.nc_service,
    )


def test_hosts_estimate_and_keep_their_coordinates():
    assert host_config(NETWORK, ()).nc_service == NCService(
        enabled=True, optimize_shortcuts=True, checkpointing=True
    )


def test_an_address_is_written_in_its_shortest_form():
    assert str(TransportAddress(UDP, "FD00:0:0::0001", 1)) == "brunet.udp://[fd00::1]:1"


def network(**changes):
    return PoolNetwork(**{"namespace": "G8", "udp_port": 15000, "tcp_port": None, **changes})


FAULTS = {
    "an empty namespace": (lambda: network(namespace=""), "namespace: ''"),
    "a namespace with markup": (lambda: network(namespace="<a>"), "namespace: '<a>' is not"),
    "a namespace of 65": (lambda: network(namespace="n" * 65), "is not 1 to 64 letters"),
    "a namespace of two lines": (lambda: network(namespace="a\n"), "namespace: 'a' is not"),
    "no port": (lambda: network(udp_port=None), "a node needs a port to listen on"),
    "a pool on any port": (lambda: network(udp_port=0), "UDP port: 0 is not a port from 1 to 65535"),
    "a port too high": (lambda: network(tcp_port=70000), "TCP port: 70000 is not a port from 1 to 65535"),
    "XML-RPC on any port": (lambda: local_config(NETWORK, (), 0), "XML-RPC: 0 is not a port from 1 to 65535"),
    "a listener below 0": (lambda: EdgeListener(TCP, -1), "tcp listener: -1 is not a port from 0 to 65535"),
    "a host name": (lambda: TransportAddress(UDP, "localhost", 1), "'localhost' is not an IP address"),
    "an address of one link": (lambda: TransportAddress(UDP, "fe80::1%eth0", 1), "valid on one machine only"),
    "a transport on any port": (lambda: TransportAddress(UDP, "::1", 0), "0 is not a port from 1 to 65535"),
    "a device with a space": (
        lambda: NodeConfig("G8", (), (EdgeListener(UDP, 0),), devices_to_bind=("a b",)),
        "'a b' is not a network device's name",
    ),
    "another kind of address": (
        lambda: NodeConfig("G8", (), (EdgeListener(UDP, 0),), node_address="brunet:node:short"),
        "node address: an overlay address has 32 base32 characters",
    ),
    "a key path with a space": (lambda: Security(key_path="a b"), "security: 'a b' must be a path"),
}


@pytest.mark.parametrize(("make", "text"), FAULTS.values(), ids=FAULTS)
def test_what_a_node_cannot_use_is_one_clear_line(make, text):
    with pytest.raises(UserError) as raised:
        make()
    assert text in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_listener_of_a_group_may_be_on_any_port():
    assert EdgeListener(TCP, 0).port == 0
