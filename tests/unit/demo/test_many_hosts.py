"""More hosts than the 1024 files of an ordinary process leave room for without thought."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from p2ppool.demo.hosts import DemoHosts
from tests.lab.fixtures import own_address
from tests.lab.hosts.ssh_client import login
from tests.lab.waiting import eventually

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MANY = 64


@pytest.fixture
def hosts(tmp_path, ssh_key):
    key = ssh_key.public_line
    with DemoHosts(
        tmp_path / "hosts", MANY, authorized_key=key, port=0, first_address=own_address()
    ) as hosts:
        yield hosts


def test_all_serve_at_the_same_time(hosts, ssh_key):
    with ExitStack() as stack:

        def begin(address):
            transport = stack.enter_context(login((address.split(":")[0], hosts.port), ssh_key.private_pem))
            channel = transport.open_session(timeout=30)
            channel.exec_command("pwd; cat")
            return channel

        with ThreadPoolExecutor(4) as pool:
            channels = list(pool.map(begin, hosts.addresses))
        for channel in channels:
            channel.sendall(b"all are here")
            channel.shutdown_write()
        answers = [channel.makefile("rb").read().decode() for channel in channels]
    assert answers == [f"{home}\nall are here" for home in hosts.homes]
    eventually(lambda: [event.event for event in hosts.events()].count("closed") == MANY)
    assert {event.host for event in hosts.events()} == set(range(1, MANY + 1))


WITH_FEW_FILES = """
import resource, sys
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
from p2ppool.demo.host_process import main
sys.exit(main(sys.argv[1:]))
"""


def test_they_take_as_many_files_as_they_need(tmp_path, ssh_key):
    (tmp_path / "key").write_text(ssh_key.public_line)
    arguments = [
        *("--folder", tmp_path / "hosts", "--authorized-key", tmp_path / "key"),
        *("--count", str(MANY), "--port", "0", "--first-address", own_address()),
    ]
    with subprocess.Popen(
        [sys.executable, "-c", WITH_FEW_FILES, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().startswith(f"ready {MANY} hosts on port ")
        process.terminate()
        assert process.wait(60) == 0
