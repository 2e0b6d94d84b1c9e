"""`config.zip` as clients take it apart: flat files that they read and edit by pattern."""

import io
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from p2ppool.groupvpn.config_zip import MemberConfig, config_files, zipped
from p2ppool.groupvpn.ipop_config import Enrolment
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.software.bundle.node_config import Protocol, TransportAddress
from tests.lab.overlay.node_config import parse_node_config

SECRET = "s3cret" * 3 + "xy"
OPEN = MemberConfig(
    namespace="lab",
    addresses=(TransportAddress(Protocol.UDP, "10.0.0.1", 15000),),
    network=VirtualNetwork("lab_ipop", "10.8.0.0", "255.255.0.0"),
    end_to_end=False,
)
SECURE = replace(
    OPEN,
    end_to_end=True,
    enrolment=Enrolment(
        "http://127.0.0.1:1/components/com_groupvpn/mono/GroupVPN.rem", "My group", "ann", SECRET
    ),
    authority=b"the authority's",
    web_certificate=b"the server's",
)


def elements(data):
    return [(one.tag, (one.text or "").strip()) for one in ET.fromstring(data).iter()]


def test_a_group_without_security_has_four_files():
    files = config_files(OPEN)
    assert sorted(files) == ["bootstrap.config", "dhcp.config", "ipop.config", "node.config"]
    assert files["node.config"] == files["bootstrap.config"]
    assert ("EndToEndSecurity", "false") in elements(files["ipop.config"])
    assert b"GroupVPN" not in files["ipop.config"]


def test_with_security_nodes_know_where_to_get_their_certificate():
    files = config_files(SECURE)
    assert (files["cacert"], files["webcert"]) == (b"the authority's", b"the server's")
    assert elements(files["ipop.config"]) == [
        ("IpopConfig", ""),
        ("IpopNamespace", "lab_ipop"),
        ("VirtualNetworkDevice", "tapipop"),
        ("EnableMulticast", "true"),
        ("EndToEndSecurity", "true"),
        ("DHCPPort", "67"),
        ("AllowStaticAddresses", "true"),
        ("GroupVPN", ""),
        ("Enabled", "true"),
        ("ServerURI", SECURE.enrolment.server),
        ("Group", "My group"),
        ("UserName", "ann"),
        ("Secret", SECRET),
    ]


def test_the_node_of_a_member():
    node = parse_node_config(config_files(SECURE)["node.config"])
    assert (node.namespace, node.remote_tas) == ("lab", OPEN.addresses)
    assert [(one.protocol, one.port) for one in node.edge_listeners] == [("tcp", 0), ("udp", 0)]
    assert (node.xml_rpc.enabled, node.xml_rpc.port) == (True, 10000)
    assert (node.security.enabled, node.security.secure_edges) == (True, False)
    assert parse_node_config(config_files(SECURE)["bootstrap.config"]).security is None


def test_what_clients_look_for_by_pattern_is_literally_there():
    text = config_files(SECURE)["node.config"].decode()
    assert "<KeyPath>private_key</KeyPath>" in text
    assert "<CertificatePath>certificates</CertificatePath>" in text


def test_both_configs_have_one_namespace():
    files = config_files(SECURE)
    assert elements(files["dhcp.config"]) == [
        ("DHCPConfig", ""),
        ("Namespace", "lab_ipop"),
        ("IPBase", "10.8.0.0"),
        ("Netmask", "255.255.0.0"),
        ("LeaseTime", "7200"),
    ]


def test_the_secret_is_not_reported_by_accident():
    assert SECRET not in repr(SECURE)


@pytest.mark.parametrize("moment", [None, datetime(2026, 3, 1, 12, tzinfo=UTC)])
def test_the_zip_is_flat_and_always_the_same(moment):
    files = config_files(SECURE)
    data = zipped(files, moment)
    assert zipped(files, moment) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


CAPTURES = Path(__file__).parents[2] / "data" / "config-zip"
RING = tuple(TransportAddress(Protocol.UDP, f"10.231.63.{number}", 15001) for number in range(11, 19))
OWN = tuple(TransportAddress(Protocol.UDP, f"10.231.63.{number}", 15900) for number in (11, 12))
SERVICE = "http://10.231.63.1:8151/components/com_groupvpn/mono/GroupVPN.rem"


def captured(kind, namespace, addresses, name, base, *, secure=True, edges=False):
    """The files for the member who had the captured ones, and those."""
    folder = CAPTURES / kind
    member = MemberConfig(
        namespace=namespace,
        addresses=addresses,
        network=VirtualNetwork(name, base, "255.255.0.0"),
        end_to_end=secure,
        enrolment=Enrolment(SERVICE, name, "bob", "X" * 20) if secure else None,
        authority=(folder / "cacert").read_bytes() if secure else None,
        secure_edges=edges,
    )
    return config_files(member), {path.name: path.read_bytes() for path in folder.iterdir()}


def differences(made, before):
    """The elements of each config that are not as captured."""
    assert made.keys() - before.keys() <= {"webcert"}
    configs = [name for name in before if name.endswith(".config")]
    assert all(len(elements(made[name])) == len(elements(before[name])) for name in configs)
    pairs = {name: zip(elements(made[name]), elements(before[name]), strict=True) for name in configs}
    return [(name, *one) for name, both in pairs.items() for one, other in both if one != other]


def test_an_open_group_has_what_a_real_client_joined_with():
    made, before = captured("open", "LO", (replace(OWN[0], port=15950),), "OpenG", "10.253.0.0", secure=False)
    assert differences(made, before) == []


def test_on_a_pool_only_secure_edges_differ_with_which_a_real_client_stayed_alone():
    made, before = captured("secured-on-pool", "bru2", RING, "OnPool", "10.252.0.0")
    assert differences(made, before) == [("node.config", "SecureEdges", "false")]
    assert made["webcert"] == made["cacert"] == before["cacert"]


def test_on_members_own_addresses_secure_edges_may_be_on():
    made, before = captured("secured-own-tas", "LabOverlay", OWN, "LabGroup", "10.250.0.0", edges=True)
    assert differences(made, before) == []
