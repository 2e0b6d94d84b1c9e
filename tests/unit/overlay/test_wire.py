"""XML-RPC from a peer that is not trusted."""

import gc
import socket
import threading
import time
import tracemalloc
from contextlib import contextmanager, suppress
from xmlrpc.client import Fault, dumps

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from p2ppool.overlay.errors import (
    GatewayError,
    GatewayFaultError,
    GatewayMalformedError,
    GatewayTimeoutError,
    GatewayUnreachableError,
)
from p2ppool.overlay.wire import ANSWER_LIMIT, GatewayConnection, decode
from tests.lab.overlay.fake_overlay import xml

TENFOLD = b"".join(b'<!ENTITY l%d "%s">' % (level + 1, b"&l%d;" % level * 10) for level in range(9))
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY l0 "aaaaaaaaaa">' + TENFOLD + b"]>"
    b"<methodResponse><params><param><value><string>&l9;</string></value></param></params></methodResponse>"
)
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<methodResponse><params><param><value><string>&a;</string></value></param></params></methodResponse>"""


@contextmanager
def peer(*scripts):
    """A TCP peer that treats its first connection by the first script, its second by the second…"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, scripts, done), daemon=True)
        thread.start()
        connection = GatewayConnection(*listener.getsockname())
        try:
            yield connection
        finally:
            connection.close()
            done.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _serve(listener, scripts, done):
    for script in scripts:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            try:
                script(client, done)
            except OSError:
                continue


def request_from(client):
    text = b""
    while b"</methodCall>" not in text:
        chunk = client.recv(65536)
        if not chunk:
            raise ConnectionError
        text += chunk
    return text


def http(body, head=b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"):
    return (head % len(body) if b"%d" in head else head) + body


def sends(*answers):
    """Answers one request after the other, then closes."""

    def script(client, _done):
        for answer in answers:
            request_from(client)
            client.sendall(answer)

    return script


def drips(first, then, pause=0.02):
    """Sends byte after byte for as long as it is let."""

    def script(client, done):
        request_from(client)
        client.sendall(first)
        while not done.wait(pause):
            client.sendall(then)

    return script


def says_nothing(client, done):
    request_from(client)
    done.wait(30)


def call(connection, seconds=10.0):
    return connection.call("/xm.rem", "localproxy", ("x",), seconds)


def test_an_answer():
    with peer(sends(http(xml({"a": [1, "b"]})))) as connection:
        assert call(connection) == {"a": [1, "b"]}


def test_a_second_call_goes_over_the_same_connection():
    with peer(sends(http(xml(1)), http(xml(2)))) as connection:
        assert [call(connection), call(connection)] == [1, 2]


def test_a_kept_alive_connection_that_the_peer_closed_is_opened_again():
    with peer(sends(http(xml(1))), sends(http(xml(2)))) as connection:
        assert [call(connection), call(connection)] == [1, 2]


def test_a_late_answer_is_never_taken_for_that_of_the_next_call():
    def late(client, done):
        request_from(client)
        done.wait(0.3)
        client.sendall(http(xml("late")))

    with peer(late, sends(http(xml("right")))) as connection:
        with pytest.raises(GatewayTimeoutError):
            call(connection, 0.1)
        assert call(connection) == "right"


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(GatewayUnreachableError, match=f"127.0.0.1:{port}.*is the local node running"):
        call(GatewayConnection("127.0.0.1", port))


def test_a_peer_that_hangs_up_is_unreachable():
    with peer(sends(b"")) as connection, pytest.raises(GatewayUnreachableError):
        call(connection)


@pytest.mark.parametrize(
    "script",
    [
        says_nothing,
        drips(b"", b"H"),
        drips(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n", pause=0.05),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"<"),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n<\r\n"),
        drips(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.05),
    ],
    ids=["silence", "status line", "headers", "body", "chunks", "continues"],
)
def test_time_is_up_also_for_a_peer_that_drips(script):
    start = time.monotonic()
    with peer(script) as connection, pytest.raises(GatewayTimeoutError):
        call(connection, 0.4)
    assert time.monotonic() - start < 20  # a hang guard


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00" * 100 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        http(b"", b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"),
        http(b"", b"HTTP/1.1 302 Away\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"),
        http(xml(1)[:-30], b"HTTP/1.0 200 OK\r\n\r\n"),
        http(xml(1)[:-30], b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
        http(b"<html>busy</html>"),
        http(b""),
        http(BOMB),
        http(b"x" * (ANSWER_LIMIT + 1)),
        http(b"x" * 8 * ANSWER_LIMIT, b"HTTP/1.0 200 OK\r\n\r\n"),
    ],
    ids=[
        "zeros",
        "1000 headers",
        "long header",
        "500",
        "redirect",
        "cut short",
        "cut short, length given",
        "html",
        "empty",
        "bomb",
        "too long",
        "endless",
    ],
)
def test_what_is_no_answer_is_malformed_and_the_next_call_works(answer):
    with peer(sends(answer), sends(http(xml(1)))) as connection:
        with pytest.raises(GatewayMalformedError) as refused:
            call(connection)
        assert "\n" not in str(refused.value)
        assert call(connection) == 1


def test_giving_up_wakes_a_call_that_waits():
    asked = threading.Event()

    def waits(client, done):
        request_from(client)
        asked.set()
        done.wait(30)

    with peer(waits) as connection:
        threading.Thread(target=lambda: asked.wait(30) and connection.give_up(), daemon=True).start()
        with pytest.raises(GatewayUnreachableError):
            call(connection, 60)
        with pytest.raises(GatewayUnreachableError):
            call(connection, 60)


def test_giving_up_an_idle_connection_closes_its_socket():
    with peer(sends(http(xml(1)))) as connection:
        call(connection)
        connection.give_up()
        assert connection.sock is None


def test_a_fault_reports_code_and_text():
    with pytest.raises(GatewayFaultError, match="fault 1: Invalid method") as raised:
        decode(xml(Fault(1, "Invalid method\n  at Brunet.Util")))
    assert raised.value.code == 1


@pytest.mark.parametrize(
    "fault", [Fault("1", "x"), Fault(1, ["x"]), Fault(None, None), Fault([], {})], ids=str
)
def test_a_fault_with_odd_fields_is_a_fault(fault):
    with pytest.raises(GatewayFaultError):
        decode(xml(fault))


@pytest.mark.parametrize(
    "body", [BOMB, OUTSIDE, BOMB.decode().encode("utf-16")], ids=["bomb", "outside", "utf-16"]
)
def test_a_document_type_is_refused_before_it_costs_anything(body):
    gc.collect()
    tracemalloc.start()
    with pytest.raises(GatewayMalformedError, match="document type"):
        decode(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def answer(value):
    return b"<methodResponse><params><param><value>%s</value></param></params></methodResponse>" % value


ODD = [
    answer(b"<int>%s</int>" % (b"9" * 100_000)),
    answer(b"<boolean>7</boolean>"),
    answer(b"<bigdecimal>x</bigdecimal>"),
    answer(b"<struct><member><value><array><data/></array></value><value/></member></struct>"),
    answer(b"<struct><member><name>a</name></member></struct>"),
    b"<methodResponse><params></params></methodResponse>",
    b"<methodResponse><params><param><value/></param><param><value/></param></params></methodResponse>",
    b"<methodResponse><fault><value><int>1</int></value></fault></methodResponse>",
    b"<methodResponse><fault><value><struct/></value></fault></methodResponse>",
    b"<methodCall><methodName>x</methodName></methodCall>",
    b"<array><data></data></array>",
    b"</array>",
    b'<?xml version="1.0" encoding="rot13"?><a/>',
    b'<?xml version="1.0" encoding="nosuch"?><a/>',
    b"",
]
TAGS = (
    "methodResponse params param value array data struct member name fault int i8 double boolean nil base64"
)
tags = st.sampled_from(TAGS.split())
trees = st.recursive(
    st.sampled_from(["", "1", "x", "&lt;", "-", "faultCode", "faultString"]),
    lambda inner: st.lists(st.tuples(tags, inner), max_size=4).map(
        lambda parts: "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)
    ),
    max_leaves=15,
)


@pytest.mark.parametrize("body", ODD, ids=lambda body: body[:60].decode())
def test_odd_xml_is_malformed(body):
    with pytest.raises(GatewayMalformedError):
        decode(body)


@given(st.binary(max_size=300) | trees.map(str.encode) | trees.map(lambda tree: answer(tree.encode())))
@example(b"<methodResponse><fault><value><array><data/></array></value></fault></methodResponse>")
def test_whatever_comes_decodes_or_is_a_gateway_error(body):
    with suppress(GatewayError):
        decode(body)


def test_deep_nesting_is_harmless():
    depth = ANSWER_LIMIT // 60
    value = decode(answer(b"<array><data><value>" * depth + b"</value></data></array>" * depth))
    assert isinstance(value, list)


def test_all_types_of_real_answers_survive_the_wire():
    value = {"a": 1, "b": "ü", "c": [True, 1.5, {}], "d": []}
    assert decode(dumps((value,), methodresponse=True).encode()) == value
