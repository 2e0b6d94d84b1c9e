"""Clients that are slow, or many: they lose their own connections, and nobody else's page waits."""

from contextlib import ExitStack

import httpx
import pytest

from tests.lab.waiting import eventually
from tests.lab.web.browser import serving
from tests.lab.web.served import HEAD, SECONDS, answer_on, connected, is_closed_by_server, served

CLIENTS = 200
LARGE = 32 * 1024 * 1024
KINDS = {
    "heads": HEAD,
    "bodies": b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n",
    "readers": b"GET /assets/topojson/world_50m.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "idle": HEAD + b"\r\n",
}


def app(environ, start_response):
    while environ["wsgi.input"].read(65536):
        pass
    size = LARGE if environ["PATH_INFO"] == "/large" else 5
    start_response("200 OK", [("Content-Length", str(size))])
    return [bytes(size)]


def dribbles(line):
    """Send one byte, and tell whether the server has closed the connection."""
    try:
        line.sendall(b"x")
    except OSError:
        return True
    finally:
        closed = is_closed_by_server(line)
    return closed


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_comes_while_two_hundred_clients_are_slow(tmp_path, kind):
    with serving(tmp_path, who=None) as base, ExitStack() as open_lines:
        port = int(base.rpartition(":")[2])
        lines = [open_lines.enter_context(connected(port, KINDS[kind])) for _ in range(CLIENTS)]
        with httpx.Client(trust_env=False, timeout=SECONDS) as client:
            for _ in range(5):
                for line in lines:
                    dribbles(line)
                assert client.get(f"{base}/sign-in").status_code == 200


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (HEAD, b"x"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n", b"x"),
        (b"", b""),
        (HEAD + b"\r\n", b""),
    ],
    ids=["head", "body", "nothing", "idle"],
)
def test_a_client_that_is_too_slow_loses_its_connection(first, rest):
    with served(app, web_head_timeout=0.5, web_idle_timeout=0.5) as port, connected(port, first) as line:
        eventually(lambda: dribbles(line) if rest else is_closed_by_server(line), SECONDS)


def test_a_client_that_does_not_take_its_answer_loses_its_connection():
    """It holds a thread of the server meanwhile."""
    with served(app, web_head_timeout=0.5, web_slowest=10**6) as port:
        lines = [connected(port, b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(8)]
        with connected(port, HEAD + b"Connection: close\r\n\r\n") as person:
            assert answer_on(person).startswith(b"HTTP/1.1 200")
        for line in lines:
            line.close()


def test_one_that_is_fast_enough_may_take_its_time():
    first = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9000\r\n\r\n"
    with served(app, web_head_timeout=0.5, web_slowest=1) as port, connected(port, first) as line:
        for _ in range(9):
            line.sendall(bytes(1000))
        assert answer_on(line).startswith(b"HTTP/1.1 200")


def test_an_address_loses_its_own_oldest_connection_when_it_has_too_many():
    with served(app, web_connections_per_address=5) as port, ExitStack() as open_lines:
        lines = [open_lines.enter_context(connected(port, HEAD)) for _ in range(8)]
        with connected(port, HEAD + b"Connection: close\r\n\r\n") as person:
            assert answer_on(person).startswith(b"HTTP/1.1 200")
        for line in lines[:3]:
            eventually(lambda line=line: is_closed_by_server(line), SECONDS)
        assert not is_closed_by_server(lines[-1])


def test_if_all_have_too_many_the_address_with_the_most_loses_one():
    with served(app, web_connections=10, web_connections_per_address=100) as port, ExitStack() as open_lines:
        many = [open_lines.enter_context(connected(port, HEAD)) for _ in range(10)]
        with httpx.Client(
            trust_env=False, timeout=SECONDS, transport=httpx.HTTPTransport(local_address="127.0.0.9")
        ) as client:
            assert client.get(f"http://127.0.0.1:{port}/").status_code == 200
        eventually(lambda: is_closed_by_server(many[0]), SECONDS)


def test_connections_of_the_trusted_proxy_are_those_of_many_people():
    with (
        served(app, web_connections_per_address=2, trusted_proxy="127.0.0.1") as port,
        ExitStack() as open_lines,
    ):
        lines = [open_lines.enter_context(connected(port, HEAD)) for _ in range(8)]
        for line in lines:
            line.sendall(b"Connection: close\r\n\r\n")
            assert answer_on(line).startswith(b"HTTP/1.1 200")
