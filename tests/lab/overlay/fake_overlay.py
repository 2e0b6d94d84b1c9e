"""An overlay that does what it is told, behind a real HTTP XML-RPC server.

It stands in for what cannot be had quickly from real nodes: dead ones that are named for minutes and hang
every call, ghosts, and answers that no honest node gives.
"""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xmlrpc.client import Fault, dumps, loads

from p2ppool.node import address
from p2ppool.overlay.gateway import Gateway

HANG_GUARD = 60.0


def xml(value):
    """`value` as the body of an XML-RPC answer."""
    if isinstance(value, Fault):
        return dumps(value, allow_none=True).encode()
    return dumps((value,), methodresponse=True, allow_none=True).encode()


class FakeOverlay:
    """A perfect ring of `size` nodes with shortcuts; node 0 is the local one. Use as a context manager.

    `behaviour[address]` is called in place of a node's normal answer; it returns the XML-RPC value, or bytes
    to be sent as they are. `status` is the HTTP status of all answers, `delay` the seconds that each healthy
    one takes.
    """

    def __init__(self, size, seed=0):
        chance = random.Random(seed)
        self.addresses = [address.write(number) for number in sorted(even_numbers(size, chance))]
        self._place = {name: place for place, name in enumerate(self.addresses)}
        self._secrets: dict[str, str | None] = {}
        self._shortcuts = {name: chance.choice(self.addresses) for name in self.addresses}
        self.behaviour: dict[str, Callable[[], object]] = {}
        self.status = 200
        self.delay = 0.0
        self._threads: Threads | None = None
        self.asked: Counter[str] = Counter()
        self.connections = 0
        self.hanging = 0
        self.most_hanging = 0
        self._released = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self):
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """The gateway goes away: its port is closed, what hangs is let go."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.drop_connections()

    @property
    def port(self):
        return self._server.server_address[1]

    def gateway(self, timeout=10.0):
        return Gateway(port=self.port, timeout=timeout)

    def info(self, name):
        """What the healthy node `name` answers to Information.Info."""
        return {
            "type": "BasicNode",
            "geo_loc": ",",
            "localips": ["192.0.2.2"],
            "neighbors": self.neighbours(name),
            "tcp": 1,
            "udp": 2,
            "tunnel": 0,
            "cons": 3,
        }

    def neighbours(self, name):
        named = {"self": name}
        size, place = len(self.addresses), self._place[name]
        if size > 1:
            named |= {"left": self._at(place + 1), "right": self._at(place - 1)}
        if size > 2:
            named |= {"left2": self._at(place + 2), "right2": self._at(place - 2)}
        if self._shortcuts[name] != name:
            named["shortcut"] = self._shortcuts[name]
        return {key: one for key, one in named.items() if one == name or self._secrets.get(one, name) == name}

    def _at(self, place):
        return self.addresses[place % len(self.addresses)]

    def ration_threads(self, seconds_each):
        """The gateway has two threads, and one more every `seconds_each` while a call waits for one."""
        self._threads = Threads(seconds_each, self._released)

    def hang(self, *places):
        """These nodes are dead but still named: a call to them does not end."""
        for place in places:
            self.behaviour[self.addresses[place]] = self._hang

    def _hang(self):
        with self._lock:
            self.hanging += 1
            self.most_hanging = max(self.most_hanging, self.hanging)
        self._released.wait(HANG_GUARD)
        with self._lock:
            self.hanging -= 1
        return []

    def hang_once(self, place):
        """This node answers only from the second call on."""
        name = self.addresses[place]
        self.behaviour[name] = lambda: self._hang() if self.asked[name] == 1 else [self.info(name)]

    def haunt(self, place, answered_by):
        """Calls to node `place` are answered by another one."""
        self.behaviour[self.addresses[place]] = lambda: [self.info(self.addresses[answered_by])]

    def isolate(self, place, known_to):
        """No other node names node `place` but `known_to`."""
        known = None if known_to is None else self.addresses[known_to]
        self._secrets[self.addresses[place]] = known

    def slow(self, place, seconds):
        name = self.addresses[place]

        def answer():
            time.sleep(seconds)
            return [self.info(name)]

        self.behaviour[name] = answer

    def answer(self, method, params):
        """What the gateway answers to one XML-RPC call."""
        with self._threads or nullcontext():
            return self._answer(method, params)

    def _answer(self, method, params):
        if method == "localproxy":
            name = self.addresses[0]
            asked = params[0]
        else:
            name, _option, _results, asked = params
        with self._lock:
            self.asked[name] += 1
        if name in self.behaviour:
            return self.behaviour[name]()
        time.sleep(self.delay)
        value = self.info(name) if asked == "Information.Info" else self.neighbours(name)
        return value if method == "localproxy" else [value]


class Threads:
    """A pool of threads that grows as slowly as Brunet's does, as a context manager for one call."""

    def __init__(self, seconds_each, ended):
        self._free = threading.Semaphore(2)
        self._seconds_each = seconds_each
        self._ended = ended
        self._waiting = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._grow, daemon=True).start()

    def __enter__(self):
        self._count(1)
        self._free.acquire()
        self._count(-1)

    def __exit__(self, *_):
        self._free.release()

    def _count(self, step):
        with self._lock:
            self._waiting += step

    def _grow(self):
        while not self._ended.wait(self._seconds_each):
            if self._waiting:
                self._free.release()


def even_numbers(count, chance):
    """`count` different numbers of node addresses."""
    found = set()
    while len(found) < count:
        found.add(chance.getrandbits(160) & ~1)
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, overlay):
        self.overlay = overlay
        self._open = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self):
        connection, peer = super().get_request()
        self.overlay.connections += 1
        self._open.add(connection)
        return connection, peer

    def drop_connections(self):
        for connection in self._open:
            with suppress(OSError):  # its handler has closed it already
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_):
        """A client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        params, method = loads(self.rfile.read(int(self.headers["Content-Length"])))
        value = self.server.overlay.answer(method, params)
        body = value if isinstance(value, bytes) else xml(value)
        self.send_response(self.server.overlay.status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""
