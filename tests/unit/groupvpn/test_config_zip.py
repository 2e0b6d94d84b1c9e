"""`config.zip` as clients take it apart: flat files that they read and edit by pattern."""

import io
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

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
    assert (node.security.enabled, node.security.secure_edges) == (True, True)
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
