import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node import address, wire
from p2ppool.node.wire import Greeting, Packet, Peer, Reply, Request

numbers = st.integers(0, address.RING - 1)
endpoints = st.tuples(
    st.integers(1 << 24, (224 << 24) - 1).map(
        lambda ip: ".".join(str(byte) for byte in ip.to_bytes(4, "big"))
    ),
    st.integers(1, 65535),
)
texts = st.text(max_size=60).filter(str.isprintable)
values = st.recursive(
    st.one_of(
        texts,
        st.booleans(),
        st.integers(-(2**31), 2**31 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
faults = st.tuples(st.integers(-40000, 40000), texts)
peers = st.lists(st.builds(Peer, numbers, endpoints), max_size=wire.MOST_PEERS).map(tuple)
hops = st.integers(0, wire.MOST_HOPS)
bodies = st.one_of(
    st.builds(Greeting, st.sampled_from([wire.PING, wire.PONG, wire.LEAVE]), numbers, peers),
    st.builds(Request, texts, numbers, numbers, hops, texts),
    st.builds(Reply, texts, numbers, hops, st.none(), faults),
)
packets = st.builds(Packet, numbers, st.one_of(st.none(), numbers), bodies)
nested = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["ping", "request"])
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=10,
)


@given(packets)
def test_what_is_encoded_decodes(packet):
    assert wire.decode(wire.encode(packet, "Ring"), "Ring") == packet


@given(values)
def test_values_that_xml_rpc_carries_pass(value):
    packet = Packet(2, 4, Reply("id", 4, 9, value, None))
    assert wire.decode(wire.encode(packet, "Ring"), "Ring") == packet


@given(packets)
def test_packets_of_other_namespaces_are_ignored(packet):
    assert wire.decode(wire.encode(packet, "Ring"), "Ring2") is None


def test_packets_of_other_versions_are_ignored():
    data = wire.encode(Packet(2, None, Greeting(wire.PING, 2, ())), "Ring")
    assert wire.decode(data.replace(b'"version":1', b'"version":2'), "Ring") is None


@given(st.binary(max_size=200))
def test_bytes_at_random_are_no_packet(data):
    assert wire.decode(data, "Ring") is None


@given(packets, st.data())
def test_one_changed_field_never_raises(packet, data):
    form = json.loads(wire.encode(packet, "Ring"))
    form[data.draw(st.sampled_from(sorted(form)))] = data.draw(nested)
    wire.decode(json.dumps(form).encode(), "Ring")


@given(packets, st.integers(0, 4000))
def test_a_truncated_packet_is_none(packet, length):
    whole = wire.encode(packet, "Ring")
    assert wire.decode(whole[: min(length, len(whole) - 1)], "Ring") is None


@pytest.mark.parametrize(
    "data", [b"[" * 4000, b'{"version":' * 300, b"9" * 4096, b"\xff\xfe", b"null", b"{}"]
)
def test_bait_for_parsers_is_no_packet(data):
    assert wire.decode(data, "Ring") is None


def greeting(**fields):
    me = address.write(2)
    form = {"version": 1, "namespace": "Ring", "from": me, "kind": "ping", "near": me, "peers": []}
    return json.dumps({**form, **fields}).encode()


def reply(value):
    me = address.write(2)
    form = {
        "version": 1,
        "namespace": "Ring",
        "from": me,
        "kind": "reply",
        "id": "x",
        "target": me,
        "hops": 3,
    }
    return json.dumps({**form, "value": value, "fault": None}).encode()


def test_the_forms_that_the_next_tests_spoil_are_sound():
    assert wire.decode(greeting(), "Ring")
    assert wire.decode(reply({"type": "BasicNode"}), "Ring")


@pytest.mark.parametrize(
    ("ip", "port"),
    [
        ("0.0.0.0", 1),
        ("224.0.0.1", 1),
        ("255.255.255.255", 1),
        ("10.0.0.1", 0),
        ("10.0.0.1", 65536),
        ("10.0.0.1", True),
        ("host", 1),
        ("::1", 1),
        (None, 1),
    ],
)
def test_a_peer_must_be_somewhere(ip, port):
    assert wire.decode(greeting(peers=[[address.write(4), ip, port]]), "Ring") is None


def test_more_peers_than_bound_are_refused():
    peer = [address.write(4), "10.0.0.1", 1]
    assert wire.decode(greeting(peers=[peer] * wire.MOST_PEERS), "Ring")
    assert wire.decode(greeting(peers=[peer] * (wire.MOST_PEERS + 1)), "Ring") is None


def test_an_oversize_packet_is_refused():
    assert wire.decode(greeting(padding="x" * wire.LARGEST), "Ring") is None


@pytest.mark.parametrize(
    "value",
    [None, "a\nb", "\ud800", 2**31, -(2**31) - 1, float("nan"), float("inf"), [[[[[1]]]]], {"a\x00": 1}],
)
def test_values_that_xml_rpc_does_not_carry_are_refused(value):
    assert wire.decode(reply(value), "Ring") is None
