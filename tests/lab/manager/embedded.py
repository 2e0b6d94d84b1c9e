"""A manager as it is embedded by default, on demo hosts, and its processes."""

from contextlib import contextmanager
from pathlib import Path

from deployments.demo.orphans import processes_of
from p2ppool.prefect_client.credential import credential_of
from p2ppool.settings import Settings
from tests.lab.manager.manager import Manager, free_ports


@contextmanager
def embedded_manager(folder, ssh_key):
    """One that has a package and the hosts' key."""
    (folder / "key").write_bytes(ssh_key.private_pem)
    with Manager(folder / "data", P2PPOOL_LOCAL_NODE_ADDRESS="127.0.0.1") as manager:
        assert manager.run("package", "add", "reference-node", "--reference-node").returncode == 0
        assert manager.run("key", "add", "lab", folder / "key").returncode == 0
        yield manager


def pool_spec(name, address):
    """What a pool's creation is given in Prefect, on one host."""
    udp_port, rpc_port = free_ports(2)
    return {
        "name": name,
        "hosts": address,
        "package": "reference-node",
        "ssh_key": "lab",
        "ssh_user": "p2p",
        "install_path": f"p2p-{name}",
        "udp_port": udp_port,
        "rpc_port": rpc_port,
    }


def credential(manager):
    return credential_of(Settings(data_folder=manager.folder, vault_key=None))


def only(manager, word):
    """The pid of the one process of the manager with this word in its command line."""
    found = [pid for pid in processes_of(manager.folder) if word in command(pid)]
    assert len(found) == 1, [command(pid) for pid in found]
    return found[0]


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""
