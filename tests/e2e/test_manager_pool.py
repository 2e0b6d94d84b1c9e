"""A pool of the manager's machine alone: its host's node and the local node form a ring of two."""

import threading
from contextlib import closing

import pytest

from p2ppool.cancel import CancelToken
from p2ppool.cli.terminal.database import store
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.transport.login import Login
from p2ppool.keys.keyring import add_key, load_key
from p2ppool.overlay.crawler import crawl
from p2ppool.overlay.gateway import Gateway
from p2ppool.pools.definition.limits import crawl_limits, fleet_limits
from p2ppool.pools.definition.ports import RPC_ADDRESS
from p2ppool.pools.definition.registry import hosts_of, prepare, register
from p2ppool.pools.definition.spec import read_spec
from p2ppool.pools.recording import results
from p2ppool.pools.rollout import local_node
from p2ppool.pools.rollout.bundles import bundle_for_hosts
from p2ppool.settings import settings
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.package.library import add_package
from p2ppool.software.package.reference import reference_package
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault
from tests.lab.waiting import eventually
from tests.unit.fleet.short_limits import make_quick


@pytest.fixture(params=["0.0.0.0", "127.0.0.1"])
def pool(request, data_folder, tmp_path, ssh_key, monkeypatch):
    """Registered, with all that its steps read; where the local node listens makes no difference."""
    make_quick(monkeypatch)
    monkeypatch.setenv("P2PPOOL_LOCAL_NODE_ADDRESS", request.param)
    engine, folder = store(), settings().data_folder
    spec = read_spec(
        name="alone",
        hosts="manager",
        package="node",
        ssh_key="key",
        ssh_user="p2p",
        install_path=str(tmp_path / "p2p"),
    )
    with UnitOfWork(engine) as work:
        add_package(work, PackageStore(folder), "node", "1", reference_package())
        add_key(work, Vault.open(folder, None), "key", ssh_key.private_pem, None)
        found = register(work, prepare(work, spec, hosts_of(spec)), settings().local_node_address)
        work.commit()
    with UnitOfWork(engine) as work:
        found = work.session.merge(found)
        login = Login("p2p", load_key(work, Vault.open(folder, None), "key"))
        assert (found.hosts, found.package, found.runtime) is not None
        yield found, login
    engine.dispose()


def test_it_forms_a_ring_of_two(pool):
    pool, login = pool
    config, cancel = settings(), CancelToken()
    bundle = bundle_for_hosts(pool, config)
    request = verbs.InstallRequest(
        base=pool.install_path,
        pool=pool.token,
        fence=1,
        digest=bundle.digest,
        bundle=bundle.data,
        runtime=bundle.runtime,
    )

    def on_host(job):
        [outcome] = fan_out(results.targets_of(pool), job, login, fleet_limits(config), cancel)
        assert outcome.ok, outcome.message

    try:
        local_node.ensure_running(pool, config, 1, cancel)
        on_host(lambda connection: verbs.install(connection, request))
        with closing(Gateway(RPC_ADDRESS, pool.rpc_port, timeout=3)) as gateway:

            def whole():
                found = crawl(gateway, crawl_limits(config), threading.Event(), lambda _: None, [])
                return (found.answered, found.consistency) == (2, 1.0)

            eventually(whole, 60)
    finally:
        on_host(lambda connection: verbs.forget(connection, request))
        pool.fence = request.fence
        local_node.forget(pool, config, pool.fence)
