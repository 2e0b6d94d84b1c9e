"""How a page fares while slow clients hold 200 connections: our server beside the usual ones for WSGI.

Each kind of slow client is tried by itself: heads and bodies that come byte by byte, answers that nobody
takes, and connections that are kept open without a request. Meanwhile one person opens a small page again
and again. The servers get 16 threads and their own defaults beside that; those that are not installed
(`pip install granian gunicorn hypercorn`) are left out.
"""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from statistics import median
from typing import Any

CLIENTS = 200
TRIES = 10
PATIENCE = 2.0  # seconds for each try
DRIBBLE = 0.5  # seconds between two bytes of a slow client
APP = "benchmarks.slow_clients:page"
SIZE = 4 * 1024 * 1024
"""Of the answer that slow readers ask for: more than the buffers of a connection hold."""

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
SLOW = {
    "heads": (HEAD, True),
    "bodies": (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n", True),
    "readers": (b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n", False),
    "idle": (HEAD + b"\r\n", False),
}
"""What a slow client sends at first, and whether it goes on byte by byte."""


def page(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
    """The application: it reads what is sent, and answers."""
    while environ["wsgi.input"].read(65536):
        pass
    body = bytes(SIZE) if environ["PATH_INFO"] == "/large" else b"a page\n" * 1000
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def ours(port: int) -> list[str]:
    code = (
        "from benchmarks.slow_clients import page; from dashboards.server import serve_wsgi; "
        "from p2ppool.settings import Settings; "
        f"serve_wsgi(page, Settings(web_port={port}))"
    )
    return ["-c", code]


SERVERS: dict[str, Callable[[int], list[str]]] = {
    "ours (waitress)": ours,
    "waitress": lambda port: ["-m", "waitress", f"--listen=127.0.0.1:{port}", "--threads=16", APP],
    "granian": lambda port: [
        *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--blocking-threads", "16", APP),
    ],
    "gunicorn": lambda port: [
        *("-m", "gunicorn", "--worker-class", "gthread", "--threads", "16"),
        *("--bind", f"127.0.0.1:{port}", APP),
    ],
    "hypercorn": lambda port: ["-m", "hypercorn", "--bind", f"127.0.0.1:{port}", f"wsgi:{APP}"],
}


def main() -> None:
    print(f"{'':17}" + "".join(f"{kind:>24}" for kind in ("alone", *SLOW)))
    for name, command in SERVERS.items():
        if name.split()[0] not in {"ours", "waitress"} and find_spec(name) is None:
            print(f"{name:17} not installed")
            continue
        cells = [measure(command, None), *(measure(command, kind) for kind in SLOW)]
        print(f"{name:17}" + "".join(f"{cell:>24}" for cell in cells))


def measure(command: Callable[[int], list[str]], kind: str | None) -> str:
    """Return the median and the worst time of a page, and how many tries failed."""
    with running(command) as port, ExitStack() as clients:
        if kind is not None:
            first, goes_on = SLOW[kind]
            clients.enter_context(slow(port, first, goes_on=goes_on))
        found = [one_page(port) for _ in range(TRIES)]
    times = sorted(1000 * each for each in found if each is not None)
    failed = f", {TRIES - len(times)} failed" if len(times) < TRIES else ""
    return (f"{median(times):.0f}/{times[-1]:.0f} ms" if times else "none") + failed


def one_page(port: int) -> float | None:
    """Return the seconds that the page took; None if it did not come."""
    start = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
            line.sendall(HEAD + b"Connection: close\r\n\r\n")
            data = b""
            while block := line.recv(65536):
                data += block
                if time.monotonic() - start > PATIENCE:
                    return None
    except OSError:
        return None
    return time.monotonic() - start if b" 200 " in data[:40] else None


@contextmanager
def slow(port: int, first: bytes, *, goes_on: bool) -> Iterator[None]:
    """Hold connections that are slow, until the end."""
    lines, ended = [], threading.Event()
    for _ in range(CLIENTS):
        try:
            line = socket.create_connection(("127.0.0.1", port), PATIENCE)
            line.sendall(first)
        except OSError:
            continue
        line.settimeout(0)
        lines.append(line)
    thread = threading.Thread(target=dribble, args=(lines if goes_on else [], ended), daemon=True)
    thread.start()
    time.sleep(2 * DRIBBLE)  # all of them are at it
    yield
    ended.set()
    thread.join()
    for line in lines:
        line.close()


def dribble(lines: list[socket.socket], ended: threading.Event) -> None:
    while not ended.wait(DRIBBLE):
        for line in lines:
            try:
                line.send(b"x")
            except OSError:
                continue


@contextmanager
def running(command: Callable[[int], list[str]]) -> Iterator[int]:
    """Run the server on a free port until it answers, and to the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, *command(port)], **quiet) as process:  # type: ignore[call-overload]
        try:
            while one_page(port) is None:
                time.sleep(0.1)
            yield port
        finally:
            process.kill()
