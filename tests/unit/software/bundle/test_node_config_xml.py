import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.errors import UserError
from p2ppool.node import address
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
from p2ppool.software.bundle.node_config_xml import write_node_config
from tests.lab.overlay.node_config import MAX_CONFIG_BYTES, NodeConfigError, parse_node_config

SAMPLES = Path(__file__).parents[3] / "data" / "brunet-configs"
UDP, TCP = Protocol.UDP, Protocol.TCP
LAB = PoolNetwork("Lab_Ring", 15000, 15000)

ports = st.integers(1, 65535)
protocols = st.sampled_from(Protocol)
words = st.text("abcXYZ019_./-", min_size=1, max_size=15)
configs = st.builds(
    NodeConfig,
    namespace=st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True),
    remote_tas=st.lists(
        st.builds(TransportAddress, protocols, st.ip_addresses().map(str), ports), max_size=5
    ).map(tuple),
    edge_listeners=st.lists(
        st.builds(EdgeListener, protocols, st.integers(0, 65535)), min_size=1, max_size=3
    ).map(tuple),
    node_address=st.none() | st.integers(0, address.RING - 1).map(address.write),
    devices_to_bind=st.lists(words, max_size=3).map(tuple),
    xml_rpc=st.none() | st.builds(XmlRpcManager, st.booleans(), ports),
    nc_service=st.none() | st.builds(NCService, st.booleans(), st.booleans(), st.booleans()),
    security=st.none()
    | st.builds(Security, st.booleans(), st.booleans(), st.booleans(), st.booleans(), words, words),
)


@given(configs)
def test_what_is_written_is_read_back(config):
    assert parse_node_config(write_node_config(config)) == config


class TestTheOriginalsFiles:
    @pytest.mark.parametrize("name", ["node.config", "node-xmlrpc.config", "node-device-nc.config"])
    def test_are_written_byte_for_byte(self, name):
        data = (SAMPLES / name).read_bytes()
        assert write_node_config(parse_node_config(data)) == data

    @pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
    def test_lose_nothing_when_read_and_written(self, path):
        config = parse_node_config(path.read_bytes())
        assert parse_node_config(write_node_config(config)) == config

    def test_of_a_host_are_ours_but_for_the_coordinates(self):
        config = host_config(PoolNetwork("Lab_Ring", 15001, 15001), LAB.transport_addresses(["127.0.0.1"]))
        expected = (SAMPLES / "node.config").read_bytes()
        coordinates = b"""  <NCService>
    <Enabled>true</Enabled>
    <OptimizeShortcuts>true</OptimizeShortcuts>
    <Checkpointing>true</Checkpointing>
  </NCService>
"""
        assert write_node_config(config).replace(coordinates, b"") == expected

    def test_as_a_node_rewrote_them_report_its_address(self):
        config = parse_node_config((SAMPLES / "node-xmlrpc.after-first-start.config").read_bytes())
        assert config.node_address == "brunet:node:XWXRD552YLGBUS3JPEDIONQ4AHSHDMEU"
        assert config.xml_rpc == XmlRpcManager(enabled=True, port=10206)
        assert len(config.remote_tas) == 4
        assert config.security == Security()


def test_the_local_nodes_config_stands_as_here():
    config = local_config(PoolNetwork("G8", 17600, None), [TransportAddress(UDP, "fd00::1", 17600)], 10000)
    assert (
        write_node_config(config).decode()
        == """<?xml version="1.0" encoding="utf-8"?>
<NodeConfig>
  <BrunetNamespace>G8</BrunetNamespace>
  <RemoteTAs>
    <Transport>brunet.udp://[fd00::1]:17600</Transport>
  </RemoteTAs>
  <EdgeListeners>
    <EdgeListener type="udp">
      <port>17600</port>
    </EdgeListener>
  </EdgeListeners>
  <XmlRpcManager>
    <Enabled>true</Enabled>
    <Port>10000</Port>
  </XmlRpcManager>
  <NCService>
    <Enabled>true</Enabled>
    <OptimizeShortcuts>true</OptimizeShortcuts>
    <Checkpointing>true</Checkpointing>
  </NCService>
</NodeConfig>
"""
    )


def test_a_pool_of_5000_hosts_has_a_config_that_can_be_read_back():
    addresses = LAB.transport_addresses(f"10.{number // 250}.{number % 250}.250" for number in range(5000))
    data = write_node_config(host_config(LAB, addresses))
    assert parse_node_config(data).remote_tas == addresses


def config_with(inner):
    return f"""<NodeConfig><BrunetNamespace>G8</BrunetNamespace><RemoteTAs /><EdgeListeners>
    <EdgeListener type="udp"><port>0</port></EdgeListener></EdgeListeners>{inner}</NodeConfig>""".encode()


def test_elements_that_brunet_would_skip_are_skipped():
    assert parse_node_config(config_with("<Later><X>1</X></Later>")) == parse_node_config(config_with(""))


def test_switches_that_are_left_out_are_off():
    config = parse_node_config(config_with("<NCService><Enabled>1</Enabled></NCService>"))
    assert config.nc_service == NCService(enabled=True, optimize_shortcuts=False, checkpointing=False)


LAUGHS = b"""<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<NodeConfig><BrunetNamespace>&b;</BrunetNamespace></NodeConfig>"""
HOSTILE = {
    "empty": (b"", "not XML"),
    "no XML": (b"P2PNode.exe", "not XML"),
    "cut off": (config_with("")[:-5], "not XML"),
    "binary": (bytes(range(256)), "not XML"),
    "UTF-16, where a DOCTYPE could hide": (LAUGHS.decode().encode("utf-16"), "not XML in UTF-8"),
    "a billion laughs": (LAUGHS, "a DOCTYPE is not allowed"),
    "an outside entity": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><NodeConfig>&x;</NodeConfig>',
        "a DOCTYPE is not allowed",
    ),
    "an outside DTD": (
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><NodeConfig />',
        "a DOCTYPE is not allowed",
    ),
    "an undeclared entity": (config_with("&x;"), "not XML"),
    "nested too deep": (b"<a>" * 100_000, "nested more than 8 deep"),
    "too large": (b" " * (MAX_CONFIG_BYTES + 1), f"larger than {MAX_CONFIG_BYTES} bytes"),
    "another root": (b"<IpopConfig />", "the root is 'IpopConfig' instead of NodeConfig"),
    "twice the namespace": (
        config_with("<BrunetNamespace>b</BrunetNamespace>"),
        "BrunetNamespace occurs more than once",
    ),
    "a switch that is neither": (
        config_with("<Security><Enabled>yes</Enabled></Security>"),
        "is 'yes' instead of true",
    ),
    "a port that is no number": (
        config_with("<XmlRpcManager><Port>ten</Port></XmlRpcManager>"),
        "XmlRpcManager/Port is 'ten' instead of a number",
    ),
    "a port in other digits": (
        config_with("<XmlRpcManager><Port>١٢</Port></XmlRpcManager>"),
        "instead of a number",
    ),
    "a port left out": (config_with("<XmlRpcManager />"), "XmlRpcManager/Port is '' instead of a number"),
}


@pytest.mark.parametrize(("data", "text"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused(data, text):
    tracemalloc.start()
    try:
        with pytest.raises(NodeConfigError) as raised:
            parse_node_config(data)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert text in str(raised.value)
    assert "\n" not in str(raised.value)


VALUES = {
    "no namespace": (b"<NodeConfig />", "namespace: ''"),
    "a port too high": (
        config_with("<XmlRpcManager><Port>70000</Port></XmlRpcManager>"),
        "70000 is not a port",
    ),
    "a path with a space": (config_with("<Security><KeyPath>a b</KeyPath></Security>"), "security: 'a b'"),
}


@pytest.mark.parametrize(("data", "text"), VALUES.values(), ids=VALUES)
def test_values_that_a_node_cannot_use_are_refused(data, text):
    with pytest.raises(UserError) as raised:
        parse_node_config(data)
    assert text in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "brunet.udp://host:1",
        "brunet.ssl://1.2.3.4:1",
        "brunet.udp://1.2.3.4",
        "brunet.udp://::1:1",
        "udp://1.2.3.4:1",
    ],
)
def test_what_is_no_transport_address_is_refused(text):
    data = config_with("").replace(
        b"<RemoteTAs />", f"<RemoteTAs><Transport>{text}</Transport></RemoteTAs>".encode()
    )
    with pytest.raises(NodeConfigError, match="is not a transport address"):
        parse_node_config(data)


def test_an_unknown_listener_is_refused_as_brunet_refuses_it():
    with pytest.raises(NodeConfigError, match="unknown type of EdgeListener 'tunnel'"):
        parse_node_config(config_with("").replace(b'"udp"', b'"tunnel"'))


@given(st.binary(max_size=300), st.integers(0, 300))
def test_whatever_the_bytes_the_answer_is_one_line(noise, at):
    honest = write_node_config(host_config(LAB, LAB.transport_addresses(["10.0.0.1"])))
    assert "\n" not in answer(honest[:at] + noise + honest[at + len(noise) :])


def answer(data):
    try:
        parse_node_config(data)
    except UserError as error:
        return str(error)
    return ""
