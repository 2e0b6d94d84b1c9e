"""The XML-RPC server against clients that mean no good, with nodes that only pretend."""

import http.client
import socket
import threading
import xmlrpc.client

import pytest

from p2ppool.node import address
from p2ppool.node.gateway import LARGEST_REQUEST, Gateway
from p2ppool.node.node import RpcError

OWN, OTHER = 2, 4


class Echo:
    """Two nodes that answer with what they were asked."""

    def addresses(self):
        return [OWN, OTHER]

    def local(self, node, method):
        if method == "fails":
            raise RpcError(7, "as told")
        return [node, method]

    def proxy(self, node, target, most, method):
        return [[node, str(target), most, method]]


@pytest.fixture
def gateway():
    server = Gateway(0, Echo())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def server_proxy(gateway, path="/xm.rem"):
    return xmlrpc.client.ServerProxy(f"http://127.0.0.1:{gateway.server_address[1]}{path}")


def answer_to(gateway, body, path="/xm.rem", method="POST", headers=None):
    """Status and body of the answer to a raw request."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.server_address[1], timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_it_listens_on_loopback_only(gateway):
    assert gateway.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "node"), [("/xm.rem", OWN), (f"/{address.write(OWN)}", OWN), (f"/{address.write(OTHER)}", OTHER)]
)
def test_each_node_has_its_own_path_and_the_first_one_the_common_path_too(gateway, path, node):
    with server_proxy(gateway, path) as server:
        assert server.localproxy("some.Method") == [node, "some.Method"]
        assert server.proxy(address.write(8), 3, 2, "some.Method") == [[node, "8", 2, "some.Method"]]


def test_surplus_arguments_are_passed_over(gateway):
    with server_proxy(gateway) as server:
        assert server.localproxy("some.Method", 1, "two") == [OWN, "some.Method"]
        assert server.proxy(address.write(8), 3, 1, "some.Method", 5) == [[OWN, "8", 1, "some.Method"]]


def test_a_connection_serves_many_calls(gateway):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.server_address[1], timeout=20)
    body = xmlrpc.client.dumps(("some.Method",), "localproxy")
    ports = set()
    for _ in range(3):
        connection.request("POST", "/xm.rem", body)
        connection.getresponse().read()
        ports.add(connection.sock.getsockname())
    connection.close()
    assert len(ports) == 1


@pytest.mark.parametrize("method", ["x" * 129, "two\nlines"])
def test_a_method_that_could_not_travel_is_refused(gateway, method):
    with server_proxy(gateway) as server:
        with pytest.raises(xmlrpc.client.Fault, match=r"at most 128 characters"):
            server.localproxy(method)
        with pytest.raises(xmlrpc.client.Fault, match=r"at most 128 characters"):
            server.proxy(address.write(8), 3, 1, method)


def test_the_longest_method_travels(gateway):
    with server_proxy(gateway) as server:
        assert server.localproxy("é" * 128) == [OWN, "é" * 128]


def test_a_path_may_be_escaped(gateway):
    with server_proxy(gateway, "/" + address.write(OTHER).replace(":", "%3A")) as server:
        assert server.localproxy("some.Method") == [OTHER, "some.Method"]


@pytest.mark.parametrize("arguments", [(), (1,), ([],)])
def test_a_local_call_needs_a_method(gateway, arguments):
    with server_proxy(gateway) as server, pytest.raises(xmlrpc.client.Fault, match=r"expected localproxy"):
        server.localproxy(*arguments)


@pytest.mark.parametrize(
    "arguments", [(), (address.write(8),), (address.write(8), "3", 1, "m"), (8, 3, 1, "m")]
)
def test_a_remote_call_needs_its_arguments(gateway, arguments):
    with server_proxy(gateway) as server, pytest.raises(xmlrpc.client.Fault, match=r"expected proxy"):
        server.proxy(*arguments)


def test_a_quoted_text_is_cut_short(gateway):
    with server_proxy(gateway) as server, pytest.raises(xmlrpc.client.Fault) as caught:
        server.proxy("x" * 10000, 3, 1, "m")
    assert len(caught.value.faultString) < 300


@pytest.mark.parametrize("body", [b"", b"no XML", b"<methodCall/>", b"\xff\xfe", b"<a>" * 20000])
def test_what_is_no_xml_rpc_is_a_fault(gateway, body):
    status, answer = answer_to(gateway, body)
    assert status == 200
    with pytest.raises(xmlrpc.client.Fault):
        xmlrpc.client.loads(answer)


def test_a_request_of_the_largest_size_is_read_and_a_larger_one_is_not(gateway):
    assert answer_to(gateway, b"x" * LARGEST_REQUEST)[0] == 200
    assert answer_to(gateway, b"x" * 10, headers={"Content-Length": str(LARGEST_REQUEST + 1)})[0] == 413


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 30, ""])
def test_a_length_that_is_none_is_refused(gateway, length):
    assert answer_to(gateway, b"", headers={"Content-Length": length})[0] == 415


def test_packed_requests_are_refused(gateway):
    assert answer_to(gateway, b"x", headers={"Content-Encoding": "gzip"})[0] == 415


def test_other_methods_than_post_are_refused(gateway):
    assert answer_to(gateway, None, method="GET")[0] == 501


def test_who_goes_away_in_the_middle_harms_nobody(gateway):
    for _ in range(20):
        with socket.create_connection(gateway.server_address) as client:
            client.sendall(b"POST /xm.rem HTTP/1.1\r\nContent-Length: 1000\r\n\r\n<")
    with server_proxy(gateway) as server:
        assert server.localproxy("some.Method") == [OWN, "some.Method"]
