"""The local node of a pool that brings its runtime along, on this machine with real mono."""

from pathlib import Path

import pytest

from p2ppool.cancel import CancelToken
from p2ppool.pools.rollout import local_node
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore, RuntimeStore
from p2ppool.software.package.library import add_package
from p2ppool.software.runtime.library import add_runtime
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.unit.pools.rollout.test_bundle_runtime import LOCAL, make_running

pytestmark = pytest.mark.slow


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path, local_node_address=LOCAL)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_it_runs_by_the_carried_mono_which_is_sent_once(
    stocked, config, mono_package, carried_mono, monkeypatch
):
    monkeypatch.setattr(local_node, "needs_ifconfig", lambda pool: False)  # this machine's may be a new one
    with UnitOfWork(stocked) as work:
        add_package(work, PackageStore(config.data_folder), "brunet", "1", mono_package)
        added = add_runtime(work, RuntimeStore(config.data_folder), "mono", carried_mono)
        work.commit()
    make_running(stocked)
    with reading(stocked) as work:
        pool = get_pool(work.session, "demo")
        try:
            first = local_node.ensure_running(pool, config, 1, CancelToken())
            program = Path(f"/proc/{first['pid']}/exe").readlink()
            again = local_node.ensure_running(pool, config, 2, CancelToken())
        finally:
            local_node.remove(pool, config, 3)
        folder = local_node.folder(pool, config)
    assert (first["runtime_upload"], again["runtime_upload"], again["changed"]) == ("yes", "no", "no")
    assert program == folder / "runtimes" / added.digest / "bin/ld.so"
    assert not (folder / "runtimes").exists()
