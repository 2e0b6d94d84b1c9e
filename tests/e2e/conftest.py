import os
import signal
from collections import defaultdict
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.lab.database.postgres import fresh_database
from tests.lab.hosts.faults import Proxy
from tests.lab.manager.manager import Manager, free_ports
from tests.lab.manager.requests import AskedPool


@pytest.fixture(scope="package")
def manager(fleet, request, tmp_path_factory, ssh_key):
    """A running manager that the hosts of `fleet` can reach, with a package and the hosts' key added.

    It ends with the last end-to-end test of its worker: an idle one still costs the others a part of a core.
    On demo hosts it is the embedded default, on real sshd it has both databases on PostgreSQL.
    """
    folder = tmp_path_factory.mktemp(f"manager-{fleet.kind}")
    (folder / "key").write_bytes(ssh_key.private_pem)
    with ExitStack() as stack:
        if fleet.kind == "sshd":
            settings = on_postgresql(stack, request.getfixturevalue("postgres_url"))
            settings["P2PPOOL_LOCAL_NODE_ADDRESS"] = request.getfixturevalue("sshd_fleet").manager_address
            settings["P2PPOOL_CRAWL_TIMEOUT"] = "10"  # a crawl of hung nodes outlasts what is asked meanwhile
        else:
            settings = {"P2PPOOL_LOCAL_NODE_ADDRESS": "127.0.0.1"}
        manager = stack.enter_context(Manager(folder / "data", **settings))
        assert manager.run("package", "add", "reference-node", "--reference-node").returncode == 0
        assert manager.run("key", "add", "lab", folder / "key").returncode == 0
        yield manager


def on_postgresql(stack, postgres_url):
    """Settings for two fresh databases, which live as long as `stack`."""
    ours, prefects = (make_url(stack.enter_context(fresh_database(postgres_url))) for _ in range(2))
    return {
        "P2PPOOL_DATABASE_URL": ours.render_as_string(),
        "P2PPOOL_PREFECT_DATABASE_URL": prefects.set(drivername="postgresql+asyncpg").render_as_string(),
    }


@pytest.fixture(scope="session")
def ports():
    """Ports of each pool's local node, so that managers that work side by side don't meet on them."""
    return defaultdict(lambda: free_ports(2))


@pytest.fixture
def create(manager, fleet, ports, tmp_path):
    """Creates a pool on hosts of the fleet; gives what `pool create --json` says."""

    def create(name, addresses=None, *options):
        udp_port, rpc_port = ports[fleet.kind, name]
        hosts = tmp_path / f"{name}.hosts"
        hosts.write_text("".join(f"{address}:{port}\n" for address, port in addresses or fleet.addresses))
        return manager.json(
            *("pool", "create", name, "--hosts", hosts, "--package", "reference-node", "--ssh-key", "lab"),
            *("--ssh-user", fleet.user, "--install-path", f"{fleet.install_path}-{name}"),
            *("--udp-port", udp_port, "--rpc-port", rpc_port, *options),
        )

    return create


@pytest.fixture(scope="module")
def pool(request, manager, sshd_fleet):
    """A pool of two hosts that is asked as in the Prefect UI; its name is the module's NAME."""
    with (
        Proxy(sshd_fleet.addresses[0]) as line,
        closing(AskedPool(manager, request.module.NAME, line)) as pool,
    ):
        yield pool


@pytest.fixture
def create_pool(create, sshd_fleet):
    """Creates such a pool, or brings it back."""

    def create_pool(pool, **how):
        assert create(pool.name, [pool.line.address, sshd_fleet.addresses[1]])["outcome"] == "done"

    return create_pool


@dataclass
class HangingNode:
    """A pool's local node, which answers nobody until it is resumed: so crawls last."""

    pid_file: Path

    def hang(self):
        self._signal(signal.SIGSTOP)

    def resume(self):
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        if self.pid_file.exists():  # a stop removes it with all the rest
            with suppress(ProcessLookupError):
                os.kill(int(self.pid_file.read_text().split()[0]), number)


@pytest.fixture
def silent_node(pool, active):
    """The pool's local node hangs; its process is there, so nobody starts another."""
    node = HangingNode(pool.manager.folder / "local-nodes" / pool.name / "node/node.pid")
    node.hang()
    yield node
    node.resume()
