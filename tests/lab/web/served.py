"""A WSGI application behind our server, in a thread of the test, and slow clients."""

import socket
import threading
from contextlib import contextmanager

from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from dashboards.server import listen
from dashboards.web.access import Need
from p2ppool.settings import Settings
from tests.lab.web.browser import _free_port

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
SECONDS = 60
"""After this long, a test fails that waits for the server."""


@contextmanager
def served(app, rank_of=lambda _headers: Need.NOTHING, **settings):
    """Serve `app` on loopback; gives the port."""
    chosen = Settings(web_port=_free_port(), **settings)
    servers, ended = {}, threading.Event()
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(4)
    listen(app, chosen, rank_of, servers, dispatcher)

    def loop():
        while not ended.is_set():
            wasyncore.loop(0.05, use_poll=True, map=servers, count=1)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield chosen.web_port
    finally:
        ended.set()
        thread.join()
        dispatcher.shutdown()
        wasyncore.close_all(servers)


def connected(port, first=b""):
    """A connection to the server on which `first` was sent."""
    line = socket.create_connection(("127.0.0.1", port), SECONDS)
    line.sendall(first)
    return line


def is_closed_by_server(line):
    """Whether the server has closed the connection; nothing is waited for."""
    line.settimeout(0)
    try:
        while data := line.recv(65536):
            assert data
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def answer_on(line):
    """All that comes until the server closes."""
    line.settimeout(SECONDS)
    data = b""
    while block := line.recv(65536):
        data += block
    return data
