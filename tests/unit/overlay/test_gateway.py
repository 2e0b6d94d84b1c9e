"""The gateway client against a real XML-RPC server."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xmlrpc.client import Fault

import pytest

from p2ppool.errors import UserError
from p2ppool.overlay.errors import (
    GatewayError,
    GatewayFaultError,
    GatewayMalformedError,
    GatewayTimeoutError,
    GatewayUnreachableError,
)
from p2ppool.overlay.gateway import Gateway
from tests.lab.overlay.fake_overlay import FakeOverlay
from tests.lab.waiting import eventually

ANSWERS = Path(__file__).parents[2] / "data" / "brunet-answers"
CAPTURES = [json.loads(file.read_text()) for file in sorted(ANSWERS.glob("*.json"))]


@pytest.fixture
def overlay():
    with FakeOverlay(8) as overlay:
        yield overlay


@pytest.fixture
def gateway(overlay):
    with overlay.gateway() as gateway:
        yield gateway


def test_the_local_node_names_its_neighbours(overlay, gateway):
    assert gateway.neighbours() == overlay.neighbours(overlay.addresses[0])


def test_the_local_node_describes_itself(overlay, gateway):
    assert gateway.local_info() == overlay.info(overlay.addresses[0])


def test_a_node_is_asked_through_the_overlay(overlay, gateway):
    assert gateway.info(overlay.addresses[5]) == overlay.info(overlay.addresses[5])


def test_a_node_names_its_transports(overlay, gateway):
    node = overlay.addresses[5]
    facts = {"address": node, "transports": ["brunet.udp://192.0.2.2:15003/"]}
    overlay.behaviour[node] = lambda: [facts]
    assert gateway._remote(node, "sys:link.GetNodeInfo", None) == facts


def test_calls_have_the_shape_that_brunet_expects(overlay, gateway):
    calls = []
    overlay.answer = lambda method, params: calls.append((method, params)) or [{}]
    gateway.info("brunet:node:X")
    gateway._remote("brunet:node:X", "sys:link.GetNodeInfo", None)
    with pytest.raises(GatewayMalformedError):
        gateway.neighbours()
    assert calls == [
        ("proxy", ("brunet:node:X", 3, 1, "Information.Info")),
        ("proxy", ("brunet:node:X", 3, 1, "sys:link.GetNodeInfo")),
        ("localproxy", ("sys:link.GetNeighbors",)),
    ]


def test_an_address_on_which_the_overlay_gave_up_has_no_answer(overlay, gateway):
    overlay.behaviour[overlay.addresses[5]] = list
    assert gateway.info(overlay.addresses[5]) is None


@pytest.mark.parametrize("value", ["x", 5, {"a": 1}, ["x"], [[]], [5], None], ids=repr)
def test_a_result_of_another_shape_is_malformed(overlay, gateway, value):
    overlay.behaviour[overlay.addresses[5]] = lambda: value
    with pytest.raises(GatewayMalformedError):
        gateway.info(overlay.addresses[5])


@pytest.mark.parametrize(
    "capture", [one for one in CAPTURES if "fault" in one], ids=lambda one: one["params"][0]
)
def test_the_faults_of_real_nodes_become_one_line(overlay, gateway, capture):
    fault = Fault(**capture["fault"])
    overlay.behaviour[overlay.addresses[0]] = lambda: fault
    with pytest.raises(GatewayFaultError) as raised:
        gateway.local_info()
    assert raised.value.code == fault.faultCode
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith(f"fault {fault.faultCode}: {fault.faultString[:20]}")


def test_a_call_has_its_own_time_out(overlay, gateway):
    overlay.hang(5)
    with pytest.raises(GatewayTimeoutError):
        gateway.info(overlay.addresses[5], timeout=0.1)
    assert gateway.info(overlay.addresses[4]) is not None


def test_every_error_is_one_that_a_user_can_read():
    assert issubclass(GatewayError, UserError)


def test_a_gateway_that_went_away_is_unreachable(overlay, gateway):
    gateway.local_info()
    overlay.stop()
    with pytest.raises(GatewayUnreachableError, match="is the local node running"):
        gateway.local_info()


def test_each_thread_has_one_connection_and_gets_its_own_answers(overlay, gateway):
    barrier = threading.Barrier(8)

    def ask(node):
        barrier.wait(30)
        return [gateway.info(node)["neighbors"]["self"] for _ in range(20)]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, overlay.addresses))
    assert answers == [[node] * 20 for node in overlay.addresses]
    assert overlay.connections == 8


def test_disconnecting_ends_the_calls_of_other_threads_and_the_gateway_stays_usable(overlay, gateway):
    overlay.hang(5)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(gateway.info, overlay.addresses[5], 60)
        eventually(lambda: overlay.hanging)
        gateway.disconnect()
        with pytest.raises(GatewayUnreachableError):
            waiting.result(30)
    assert gateway.local_info()


def test_a_closed_gateway_stays_closed(gateway):
    gateway.local_info()
    gateway.close()
    gateway.close()
    with pytest.raises(GatewayUnreachableError, match="closed"):
        gateway.local_info()


def test_closing_before_the_first_call_is_fine():
    Gateway(port=1).close()
