"""The answers of a running ring beside those of real Brunet nodes: same fields, same types, same faults."""

import json
import xmlrpc.client
from pathlib import Path

import pytest

from p2ppool.node import address
from tests.unit.node.processes import Processes, wait_for

ANSWERS = Path(__file__).parents[2] / "data" / "brunet-answers"
CALLS = [path for path in sorted(ANSWERS.glob("*.json")) if "method" in json.loads(path.read_text())]
LOCAL = "brunet:node:LYAL6U2FZRXUKSSFPA6R2FTFCTSFOT7Y"
REMOTE = "brunet:node:PVTHUTRTHPOHAH2Q4JCK4GKANBFYOYK2"
OF_THE_CRAWLER = {"retries", "time", "bits", "consistency"}
OF_SECURE_EDGES = {"wedges"}
NODE_INFO = "proxy_nodeinfo.json"


def shape(value):
    """The fields and types of an answer."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value)


def meaning(fault):
    """Code, first line and last line of a fault, without the stack trace between them."""
    lines = fault["faultString"].splitlines()
    return fault["faultCode"], lines[0], lines[-1]


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    """Five processes; the first is asked."""
    started = Processes(tmp_path_factory.mktemp("ring"))
    try:
        yield started.ring(5)
    finally:
        started.end()


def ask(running, call, names):
    """Repeat the captured `call`, with the addresses of this ring in place of those of the captured one."""
    params = [names.get(param, param) for param in call["params"]]
    path = "/" + call["url"].split("/", 3)[3]
    path = "/" + names[LOCAL] if path == "/" + LOCAL else path
    try:
        return {"result": running.ask(call["method"], *params, path=path)}
    except xmlrpc.client.Fault as fault:
        return {"fault": {"faultCode": fault.faultCode, "faultString": fault.faultString}}


def names_of(ring):
    """Addresses of the captured ring → those of this one."""
    return {LOCAL: ring[0].addresses()[0], REMOTE: ring[1].addresses()[0]}


@pytest.mark.parametrize(
    "path",
    [path for path in CALLS if not path.name.startswith(("bad", "dead")) and path.name != NODE_INFO],
    ids=lambda p: p.stem,
)
def test_an_answer_has_the_fields_and_types_of_the_captured_one(ring, path):
    call = json.loads(path.read_text())
    ours = ask(ring[0], call, names_of(ring))
    assert shape(ours["result"]) == shape(call["result"])


@pytest.mark.parametrize(
    "path", [path for path in CALLS if path.name.startswith("bad")], ids=lambda path: path.stem
)
def test_a_fault_has_the_code_and_words_of_the_captured_one(ring, path):
    text = path.read_text()
    names = names_of(ring)
    expected = json.loads(text.replace(LOCAL, names[LOCAL]).replace(REMOTE, names[REMOTE]))
    assert meaning(ask(ring[0], json.loads(text), names)["fault"]) == meaning(expected["fault"])


def test_a_dead_node_is_an_empty_list(processes):
    one, other = processes.ring(2)
    dead = other.addresses()[0]
    other.end()
    call = json.loads((ANSWERS / "dead_t0.json").read_text())
    assert ask(one, call, {call["params"][0]: dead}) == {"result": call["result"]}


def test_a_node_reports_its_own_transports(ring):
    captured = json.loads((ANSWERS / NODE_INFO).read_text())
    ours = ask(ring[0], captured, names_of(ring))["result"]
    assert shape(ours) == shape(captured["result"])
    (ip,) = ring[1].ask("localproxy", "sys:link.GetLocalIPAddresses")
    assert ours == [{"address": names_of(ring)[REMOTE], "transports": [f"brunet.udp://{ip}:15000/"]}]


def test_values_that_the_ring_determines_are_right(ring):
    info = ring[0].ask("localproxy", "Information.Info")
    assert info["neighbors"] == ring[0].ask("localproxy", "sys:link.GetNeighbors")
    assert info["type"] == "BasicNode"
    assert info["geo_loc"] == ","
    assert (info["tcp"], info["tunnel"]) == (0, 0)
    assert info["cons"] == info["udp"] == 4
    assert info["localips"] == ring[0].ask("localproxy", "sys:link.GetLocalIPAddresses")


def test_an_address_nobody_has_is_answered_by_its_nearest_node(ring):
    nodes = [address.parse(running.addresses()[0]) for running in ring]
    target = (max(nodes) + 2) % address.RING
    nearest = min(nodes, key=lambda node: address.distance(node, target))
    for option in (1, 2, 3, 4):
        (answer,) = ring[0].ask("proxy", address.write(target), option, 1, "Information.Info")
        assert answer["neighbors"]["self"] == address.write(nearest)


def test_an_isolated_node_names_only_itself(processes):
    running = processes.start(1).wait_until_started()
    assert running.ask("localproxy", "sys:link.GetNeighbors") == {"self": running.addresses()[0]}
    info = running.ask("localproxy", "Information.Info")
    assert (info["cons"], info["udp"]) == (0, 0)


def test_nodes_of_one_process_answer_as_those_of_real_ones(processes):
    (running,) = processes.ring(1, "-c", "4")
    crawl = json.loads((ANSWERS / "multinode_secure_nc.json").read_text())
    expected = {name: type(value) for name, value in next(iter(crawl.values())).items()}
    for name in OF_THE_CRAWLER | OF_SECURE_EDGES:
        del expected[name]
    for own in running.addresses():
        (info,) = running.ask("proxy", own, 3, 1, "Information.Info")
        assert {name: type(value) for name, value in info.items()} == expected
        assert info["type"] == "MultiNode"
        assert info["neighbors"]["left2"] == info["neighbors"]["right2"]
        assert (info["cons"], info["udp"]) == (3, 12)


def test_members_of_a_larger_ring_name_a_shortcut_as_those_of_a_real_one(processes):
    (running,) = processes.ring(1, "-c", "16")
    crawl = json.loads((ANSWERS / "crawl40.json").read_text())
    fields = {name for answer in crawl.values() for name in answer["neighbors"]}

    def any_with_a_shortcut():  # a node in a dense part of the ring takes the whole for small, and needs none
        answers = [
            running.ask("localproxy", "sys:link.GetNeighbors", path=f"/{address}")
            for address in running.addresses()
        ]
        return next((named for named in answers if "shortcut" in named), None)

    named = wait_for(any_with_a_shortcut)
    assert set(named) == fields
    assert named["shortcut"] in running.addresses()
