"""The Brunet of 2010, as far as both of its obstacles go, on this machine with its own mono and ifconfig."""

import urllib.error
import urllib.request

import pytest

from p2ppool.cancel import CancelToken
from p2ppool.confinement import landlock
from p2ppool.errors import UserError
from p2ppool.pools.rollout import local_node
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.package.library import add_package
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.waiting import eventually
from tests.unit.pools.rollout.test_bundle_runtime import LOCAL, make_running

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@pytest.fixture(params=["off", "required"])
def config(request, tmp_path):
    if request.param == "required" and not landlock.version():
        pytest.skip("the kernel has no Landlock")
    return Settings(data_folder=tmp_path, local_node_address=LOCAL, local_node_confinement=request.param)


@pytest.fixture
def added(stocked, config, old_brunet_package):
    with UnitOfWork(stocked) as work:
        add_package(work, PackageStore(config.data_folder), "brunet", "1", old_brunet_package)
        work.commit()
    return stocked


def answers(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def test_it_runs_as_the_local_node_and_finds_the_host_s_addresses(added, config, old_brunet_package):
    make_running(added, bundle_runtime=False)
    with reading(added) as work:
        pool = get_pool(work.session, "demo")
        folder = local_node.folder(pool, config)
        try:
            local_node.ensure_running(pool, config, 1, CancelToken())
            [log] = (folder / "node").glob("node.log.*")
            assert eventually(lambda: log.read_text().endswith("runs\n"), 60)
            assert "addresses lo=127.0.0.1" in log.read_text()
            assert answers(pool.rpc_port)
            assert (folder / "node/.p2pifconfig").stat().st_mode & 0o777 == 0o700
        finally:
            local_node.remove(pool, config, 2)
        assert PackageStore(config.data_folder).get(pool.package.digest).read_bytes() == old_brunet_package


def test_as_it_is_it_is_refused_where_it_could_not_run(added, config):
    make_running(added, bundle_runtime=False, adapt_package=False)
    with reading(added) as work:
        pool = get_pool(work.session, "demo")
        try:
            with pytest.raises(UserError, match=r"ifconfig.*let the pool adapt the package"):
                local_node.ensure_running(pool, config, 1, CancelToken())
        finally:
            local_node.remove(pool, config, 2)
