"""`python -m dashboards` as a process: it says where it is, and ends when asked."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from dashboards import server
from p2ppool.errors import UserError
from p2ppool.settings import Settings

pytestmark = pytest.mark.slow

SECONDS = 60


@contextmanager
def a_process(tmp_path, port):
    environment = {**os.environ, "P2PPOOL_DATA_FOLDER": str(tmp_path), "P2PPOOL_WEB_PORT": str(port)}
    command = [sys.executable, "-m", "dashboards"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def a_taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def a_free_port():
    with a_taken_port() as port:
        return port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_once_it_answers_and_ends_at_a_signal(tmp_path, number):
    port = a_free_port()
    with a_process(tmp_path, port) as process:
        assert process.stdout.readline() == f"pages: http://127.0.0.1:{port}\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=SECONDS) as answer:
            assert answer.read() == b"ok\n"
        process.send_signal(number)
        assert process.wait(SECONDS) == 0
        assert process.stderr.read() == ""


def test_a_busy_port_is_one_clear_line(tmp_path):
    with a_taken_port() as port, a_process(tmp_path, port) as process:
        out, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert out == ""
    assert error.count("\n") == 1
    assert f"can't listen on 127.0.0.1:{port}" in error
    assert "P2PPOOL_WEB_PORT" in error


def test_http_on_an_address_of_others_is_refused_with_what_to_do():
    with pytest.raises(UserError, match=r"on 192\.0\.2\.7:8050 passwords would cross the network") as error:
        server._refuse_readable_passwords(Settings(listen_address="192.0.2.7"))
    assert "P2PPOOL_TLS_CERTIFICATE" in str(error.value)
    assert "\n" not in str(error.value)


def test_http_on_an_address_of_others_warns_where_it_is_allowed(capsys):
    server._refuse_readable_passwords(Settings(listen_address="192.0.2.7", insecure=True))
    assert capsys.readouterr().err.startswith("warning: the pages on 192.0.2.7:8050 are served by http")


@pytest.mark.parametrize(
    "settings",
    [
        {"listen_address": "127.0.0.1"},
        {"listen_address": "::1"},
        {"listen_address": "192.0.2.7", "tls_certificate": "cert.pem", "tls_key": "key.pem"},
    ],
    ids=str,
)
def test_what_nobody_can_read_on_the_way_is_served_without_a_word(capsys, settings):
    server._refuse_readable_passwords(Settings(**settings))
    assert capsys.readouterr().err == ""
