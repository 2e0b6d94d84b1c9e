"""Ten viewers of an action on 500 hosts whose rows change all the time, beside a page that sends all rows.

Both are asked of the same server, by the clock of the pages; the peer is a plain address without Dash.
Where time is taken, it is the server's: what browsers do with the answers is theirs.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, jsonify
from sqlalchemy import Engine
from werkzeug.routing import Rule

from dashboards.app import create_app
from dashboards.pages.activity.hosts import row
from p2ppool.fleet.fan_out.in_progress import Working
from p2ppool.pools.recording.in_progress import keep_in_progress
from p2ppool.reports.actions.action import action_detail
from p2ppool.settings import Settings
from p2ppool.store.engine import open_engine
from p2ppool.store.models import HostResult
from p2ppool.store.schema import upgrade
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.manager.manager import free_ports
from tests.lab.past.history import a_bare_pool, a_ticket, pool_of
from tests.lab.web.people import HEADER
from tests.lab.web.signed_in import session_cookies

HOSTS = 500
VIEWERS = 10
EVERY = 3.0  # seconds: the clock of the pages
ROUNDS = 10
AT_WORK = 32  # hosts, as many as workers
ENDING = 16  # hosts that end in each half second

Session = dict[str, Any]
"""The arguments of a client that a manager has signed in with."""
Ask = Callable[[httpx.Client, dict[str, Any]], int]
"""Asks once in the name of a viewer, who keeps what he has in the dict; gives the bytes of the answer."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(store(folder))
        upgrade(engine)
        a_bare_pool(engine, "busy", hosts=HOSTS)
        ticket = a_ticket(engine, "busy", "install", total=HOSTS)
        with served(folder) as (address, pid), changing(engine, ticket):
            session = signed_in(address, folder)
            naive = measure(all_rows(ticket), session, pid, "all rows")
            ours = measure(what_changed(session, ticket), session, pid, "p2ppool")
        engine.dispose()
    print(f"ratio    {naive.cpu / ours.cpu:.1f} CPU, {naive.size / ours.size:.1f} bytes")


class Measured:
    """What a way of asking costs."""

    def __init__(self, cpu: float, size: float) -> None:
        self.cpu = cpu
        self.size = size


def signed_in(address: str, folder: str) -> Session:
    """How the client of a manager is made."""
    cookies = session_cookies(address, store(folder))
    with httpx.Client(base_url=address, cookies=cookies) as client:
        client.get("/").raise_for_status()
        cookies = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
    token = next(value for name, value in cookies.items() if name.endswith("_xsrf"))
    return {
        "base_url": address,
        "cookies": cookies,
        "headers": {"Accept-Encoding": "gzip", HEADER: token},
        "timeout": 30,
    }


def measure(ask: Ask, session: Session, pid: int, title: str) -> Measured:
    """All viewers for some rounds, after a first look of each; they don't look at the same moment."""
    waits: list[float] = []
    sizes: list[int] = []

    def view(number: int) -> None:
        has: dict[str, Any] = {}
        with httpx.Client(**session) as client:
            ask(client, has)
            ready.wait()
            time.sleep(EVERY * number / VIEWERS)
            for _ in range(ROUNDS):
                start = time.monotonic()
                sizes.append(ask(client, has))
                waits.append(time.monotonic() - start)
                time.sleep(max(0.0, EVERY - waits[-1]))

    ready = threading.Barrier(VIEWERS + 1)
    with ThreadPoolExecutor(VIEWERS) as viewers:
        done = [viewers.submit(view, number) for number in range(VIEWERS)]
        ready.wait()
        start, before = time.monotonic(), cpu_seconds(pid)
        for one in done:
            one.result()
        share = (cpu_seconds(pid) - before) / (time.monotonic() - start)
    middle, late = statistics.median(waits), sorted(waits)[int(len(waits) * 0.95)]
    print(
        f"{title:8} {share:6.1%} of a core, {1000 * middle:5.1f} ms an answer (95 %: {1000 * late:5.1f} ms), "
        f"{statistics.mean(sizes) / 1000:6.1f} kB"
    )
    return Measured(share, statistics.mean(sizes))


def all_rows(ticket: int) -> Ask:
    """The peer."""

    def ask(client: httpx.Client, _has: dict[str, Any]) -> int:
        answer = client.get(f"/all-rows/{ticket}").raise_for_status()
        assert len(answer.json()) == HOSTS
        return answer.num_bytes_downloaded

    return ask


def what_changed(session: Session, ticket: int) -> Ask:
    """As the page does it: the callback that its clock sets off."""
    with httpx.Client(**session) as client:
        found = client.get("/_dash-dependencies").raise_for_status().json()
    callback = next(one for one in found if "action-delta.data" in one["output"])
    outputs = [
        dict(zip(("id", "property"), name.rsplit(".", 1), strict=True))
        for name in callback["output"].strip(".").split("...")
    ]
    heartbeats = count(1)

    def ask(client: httpx.Client, has: dict[str, Any]) -> int:
        values = {"action-clock": next(heartbeats), "action-number": ticket} | has
        body = {
            "output": callback["output"],
            "outputs": outputs,
            "inputs": [one | {"value": values.get(one["id"])} for one in callback["inputs"]],
            "state": [one | {"value": values.get(one["id"])} for one in callback["state"]],
            "changedPropIds": ["action-clock.n_intervals"],
        }
        answer = client.post("/_dash-update-component", json=body).raise_for_status()
        for name, got in answer.json()["response"].items():
            has |= {name: got["data"]} if "data" in got else {}
        assert "action-have" in has
        return answer.num_bytes_downloaded

    return ask


@contextmanager
def changing(engine: Engine, ticket: int) -> Iterator[None]:
    """Hosts are worked on and end, again and again, written as an action writes it."""
    over = threading.Event()
    hosts = cycle(host.id for host in pool_of(engine, "busy").hosts)
    rounds = count()

    def change() -> None:
        while not over.wait(0.5):
            message = f"round {next(rounds)}"
            with UnitOfWork(engine) as work:
                for host in islice(hosts, ENDING):
                    error = "refused" if host % 9 == 0 else None
                    values = {"error": error, "step": "start", "message": message, "seconds": 1.5}
                    work.session.merge(HostResult(ticket_id=ticket, host_id=host, facts={}, **values))
                working = {host: Working("upload", now()) for host in islice(hosts, AT_WORK)}
                keep_in_progress(work.session, ticket, working)
                work.commit()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def served(folder: str) -> Iterator[tuple[str, int]]:
    """The pages and the peer, in a process of their own: address and process id."""
    (port,) = free_ports(1)
    command = [sys.executable, "-c", "from benchmarks.live import serve; serve()"]
    environment = {**os.environ, "P2PPOOL_DATA_FOLDER": folder, "P2PPOOL_WEB_PORT": str(port)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line, "the pages did not start"
            yield line.removeprefix("pages: ").strip(), process.pid
        finally:
            process.terminate()


def serve() -> None:
    from dashboards.server import serve  # noqa: PLC0415 - of the same name

    settings = Settings()
    engine = open_engine(store(str(settings.data_folder)))
    app: Flask = create_app(engine, settings)

    def all_of_them(ticket: int) -> Any:
        detail = action_detail(engine, ticket)
        assert detail
        return jsonify([row(host) for host in detail.hosts])

    app.url_map.add(Rule("/all-rows/<int:ticket>", endpoint="all-rows"))
    app.view_functions["all-rows"] = all_of_them
    serve(app, settings)


def store(folder: str) -> str:
    return f"sqlite:///{Path(folder) / 'p2ppool.db'}"


def cpu_seconds(pid: int) -> float:
    """Time that the process has used, its threads' too (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
