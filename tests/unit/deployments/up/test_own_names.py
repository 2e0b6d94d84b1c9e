"""The Prefect server answers only under its own names."""

import asyncio

import pytest

from deployments.up.own_names import OwnNamesOnly
from p2ppool.settings import Settings


async def application(scope, receive, send):
    await send({"type": "served"})


def sent(kind="http", path="/api/health", hosts=(b"127.0.0.1:4200",), **settings):
    """What comes back."""
    answers = []

    async def send(message):
        answers.append(message)

    headers = [(b"host", host) for host in hosts]
    scope = {"type": kind, "path": path, "raw_path": path.encode(), "headers": headers}
    asyncio.run(OwnNamesOnly(application, Settings(**settings))(scope, None, send))
    return answers[0]


@pytest.mark.parametrize(
    "host", [b"localhost", b"localhost:4200", b"127.0.0.1:4200", b"[::1]:4200", b"192.0.2.1"]
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_own_names_and_addresses_are_served(kind, host):
    assert sent(kind, hosts=(host,)) == {"type": "served"}


@pytest.mark.parametrize(
    "hosts",
    [
        (b"evil.example",),
        (b"evil.example:4200",),
        (b"localhost.evil.example",),
        (b"localhost@evil.example",),
        (b"",),
        (),
        (b"localhost", b"evil.example"),
    ],
)
def test_foreign_names_are_not(hosts):
    assert sent(hosts=hosts)["status"] == 421
    assert sent("websocket", hosts=hosts) == {"type": "websocket.close", "code": 1008}


@pytest.mark.parametrize("path", ["/prefect/", "/prefect/runs", "/api/flows/1", "/api/csrf-token"])
def test_the_api_and_the_files_of_the_ui_are_served(path):
    assert sent(path=path) == {"type": "served"}


@pytest.mark.parametrize("path", ["/", "/runs/flow-run/1", "//evil.example/x", "/dashboard"])
def test_every_other_page_is_among_ours(path):
    found = sent(path=path, public_url="https://pools.example.org")
    assert (found["status"], found["headers"]) == (
        307,
        [(b"location", f"https://pools.example.org/prefect{path}".encode())],
    )


def test_the_machines_own_name_counts_only_beyond_loopback(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Manager")
    assert sent(hosts=(b"manager",))["status"] == 421
    assert sent(hosts=(b"manager",), prefect_listen_address="0.0.0.0") == {"type": "served"}
