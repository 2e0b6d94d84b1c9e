from collections import defaultdict

import pytest

from tests.lab.manager import Manager, free_ports


@pytest.fixture(scope="session")
def manager(fleet, request, tmp_path_factory, ssh_key):
    """A running manager that the hosts of `fleet` can reach, with a package and the hosts' key added."""
    address = request.getfixturevalue("sshd_fleet").manager_address if fleet.kind == "sshd" else "127.0.0.1"
    folder = tmp_path_factory.mktemp(f"manager-{fleet.kind}")
    (folder / "key").write_bytes(ssh_key.private_pem)
    with Manager(folder / "data", P2PPOOL_LOCAL_NODE_ADDRESS=address) as manager:
        assert manager.run("package", "add", "reference-node", "--reference-node").returncode == 0
        assert manager.run("key", "add", "lab", folder / "key").returncode == 0
        yield manager


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
