"""A node's answer: real ones are understood in full, hostile ones do no harm."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2ppool.node import address
from p2ppool.overlay.answer import (
    COUNT_LIMIT,
    SHORTCUT_LIMIT,
    TEXT_LIMIT,
    Answer,
    Description,
    Neighbours,
    read_information,
    read_neighbours,
)
from p2ppool.overlay.errors import GatewayMalformedError

ANSWERS = Path(__file__).parents[2] / "data" / "brunet-answers"
OWN = address.write(2)
OTHER = address.write(4)


def capture(name):
    return json.loads((ANSWERS / f"{name}.json").read_text())


def described(**fields):
    return read_information({"neighbors": {"self": OWN}, **fields}).description


def test_a_real_basic_node():
    (raw,) = capture("proxy_info")["result"]
    assert read_information(raw) == Answer(
        Neighbours(
            own="brunet:node:PVTHUTRTHPOHAH2Q4JCK4GKANBFYOYK2",
            left="brunet:node:ST364O5QGVKNHZ6YWDX23RFFPSHJBONG",
            right="brunet:node:LYAL6U2FZRXUKSSFPA6R2FTFCTSFOT7Y",
            left2="brunet:node:WVKAZ25QDA3EHUQHCIRSH4UXWHAYUJN6",
            right2="brunet:node:GVGVBWQIFQERYCPGWICNRLOLQGLRVCMU",
        ),
        Description(type="BasicNode", ip="192.0.2.2", ips=("192.0.2.2",), tcp=1, udp=9, tunnel=0, cons=10),
    )


def test_a_real_secure_node_reports_its_security_associations():
    nodes = capture("multinode_secure_nc").values()
    told = [read_information(raw).description for raw in nodes]
    assert [(node.type, node.sas, node.wedges) for node in told] == [
        ("MultiNode", raw["sas"], raw["wedges"]) for raw in nodes
    ]


@pytest.mark.parametrize("file", sorted(ANSWERS.glob("*.json")), ids=lambda file: file.stem)
def test_every_captured_answer_is_understood_or_refused_in_one_line(file):
    captured = json.loads(file.read_text())
    if "url" not in captured:
        assert all(read_information(raw).neighbours.own == name for name, raw in captured.items())
        return
    results = captured.get("result", [])
    for raw in results if isinstance(results, list) else [results]:
        if isinstance(raw, dict) and "neighbors" in raw:
            assert read_information(raw).description.ip == "192.0.2.2"
        elif isinstance(raw, dict) and "self" in raw:
            assert read_neighbours(raw).left is not None
        else:
            with pytest.raises(GatewayMalformedError):
                read_neighbours(raw)


def test_an_isolated_node_names_nobody():
    assert list(read_neighbours({"self": OWN}).all()) == []


def test_everybody_that_a_node_names_but_itself_is_found():
    named = read_neighbours({"self": OWN, "left": OTHER, "right": OWN, "shortcut": address.write(6)})
    assert sorted(named.all()) == [OTHER, address.write(6)]


@pytest.mark.parametrize(
    "keys",
    [
        {"shortcut": OTHER},
        {"shortcut1": OTHER},
        {"shortcut": [OTHER, OTHER]},
        {"shortcut": "x", "shortcut2": OTHER},
    ],
    ids=str,
)
def test_shortcuts_are_read_in_every_way_of_writing(keys):
    assert read_neighbours({"self": OWN, **keys}).shortcuts == (OTHER,)


def test_ipop_nodes_report_their_virtual_address():
    ipop = described(VirtualIPs=["5.1.2.3", "5.9.9.9"], IpopNamespace="lab", type="IpopNode")
    assert (ipop.virtual_ip, ipop.ip_namespace, ipop.type) == ("5.1.2.3", "lab", "IpopNode")


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (",", None),
        ("29.6499,-82.3486", "29.6499, -82.3486"),
        ("29.65, -82.35", "29.65, -82.35"),
        ("91,0", None),
        ("0,181", None),
        ("nan,0", None),
        ("inf,0", None),
        ("1", None),
        ("1,2,3", None),
        ("9" * 5000 + ",0", None),
        (7, None),
    ],
)
def test_a_location_is_on_earth_or_unknown(raw, read):
    assert described(geo_loc=raw).geo_loc == read


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "localhost",
        "1.2.3",
        "999.1.1.1",
        "fe80::1%<script>",
        7,
        b"abcd",
        None,
        [],
        [[]],
        {"a": 1},
        [3232235777],
    ],
    ids=str,
)
def test_what_is_no_ip_address_is_none(raw):
    assert described(localips=raw).ip is None


def test_the_first_address_that_is_one_counts():
    assert described(localips=["rubbish", "2001:DB8::1", "192.0.2.1"]).ip == "2001:db8::1"


@pytest.mark.parametrize(
    "raw", [-1, COUNT_LIMIT + 1, 10**400, True, 1.5, "7", None, [1], {}], ids=lambda raw: str(raw)[:9]
)
def test_what_is_no_believable_count_is_none(raw):
    assert described(cons=raw).cons is None


@pytest.mark.parametrize("raw", ["", "x" * (TEXT_LIMIT + 1), "a\nb", "\x1b[31m", 5, None, ["x"]], ids=repr)
def test_text_is_short_and_printable_or_none(raw):
    assert described(type=raw).type is None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        5,
        "",
        "brunet:node:",
        OWN[:-1],
        OWN + "A",
        OWN.lower(),
        " " + OWN,
        "brunet:node:" + "A" * 26 + "======",
        "x" * 10_000,
        {"a": OWN},
    ],
    ids=lambda raw: str(raw)[:20],
)
def test_an_answer_whose_giver_is_not_an_address_is_refused(raw):
    with pytest.raises(GatewayMalformedError):
        read_neighbours({"self": raw})
    assert read_neighbours({"self": OWN, "left": raw, "shortcut": raw}) == Neighbours(OWN)


def test_one_answer_names_a_bounded_number_of_shortcuts():
    many = [address.write(2 * number) for number in range(10, 10_000)]
    spread = {f"shortcut{number}": name for number, name in enumerate(many)}
    assert len(read_neighbours({"self": OWN, "shortcut": many}).shortcuts) == SHORTCUT_LIMIT
    assert len(read_neighbours({"self": OWN, **spread}).shortcuts) == SHORTCUT_LIMIT


def test_deep_nesting_is_no_answer():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert described(localips=deep, type=deep, geo_loc=deep) == Description()
    with pytest.raises(GatewayMalformedError):
        read_information({"neighbors": deep})


FIELDS = [
    "neighbors",
    "type",
    "geo_loc",
    "localips",
    "VirtualIPs",
    "tcp",
    "cons",
    "subring",
    "self",
    "left",
    "shortcut",
]
texts = st.text("aZ27:,.é%\x00", max_size=80) | st.just(OWN)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=5))
def test_no_answer_whatsoever_does_more_than_being_refused(raw):
    try:
        answer = read_information(raw)
    except GatewayMalformedError:
        return
    assert answer.neighbours.own == OWN
