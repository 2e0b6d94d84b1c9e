"""Pools that bring their runtime along."""

import hashlib
import io
import platform
import tarfile

import pytest
from sqlalchemy import select

from p2ppool.errors import UserError
from p2ppool.pools.definition import versions
from p2ppool.pools.definition.registry import hosts_of, prepare, register
from p2ppool.pools.definition.spec import read_spec
from p2ppool.pools.definition.upgrade_spec import read_upgrade
from p2ppool.pools.rollout.bundles import bundle_for_hosts, bundle_for_local_node, carried_runtime
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore, RuntimeStore
from p2ppool.software.package.library import add_package
from p2ppool.software.runtime.library import add_runtime
from p2ppool.software.runtime.mono_archive import CollectedRuntime
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.fixtures import own_address
from tests.lab.manager.manager import free_ports
from tests.unit.software.zips import PROGRAM, zip_of

LOCAL = own_address()
DATA = b"an archive"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path)


@pytest.fixture
def with_brunet(stocked, config):
    """A database and artifact store in which a package for mono was added too."""
    with UnitOfWork(stocked) as work:
        add_package(work, PackageStore(config.data_folder), "brunet", "1", zip_of(PROGRAM))
        work.commit()
    return stocked


def add_mono(engine, config, data=DATA, machine=None):
    with UnitOfWork(engine) as work:
        collected = CollectedRuntime("6.8", machine or platform.machine(), data)
        add_runtime(work, RuntimeStore(config.data_folder), "mono", collected)
        work.commit()


def make(engine, **fields):
    given = {"name": "demo", "hosts": "127.0.0.1", "package": "brunet", "ssh_key": "key", "ssh_user": "p2p"}
    spec = read_spec(**given | {"bundle_runtime": True} | fields)
    with UnitOfWork(engine) as work:
        register(work, prepare(work, spec, hosts_of(spec)), LOCAL)
        work.commit()


def make_running(engine, **fields):
    """A pool whose local node can run beside whatever else runs on this machine."""
    udp_port, rpc_port = free_ports(2)
    make(engine, udp_port=udp_port, rpc_port=rpc_port, **fields)


def start_of(bundle):
    with tarfile.open(fileobj=io.BytesIO(bundle.data)) as archive:
        return archive.extractfile("start").read().decode()


def test_a_pool_brings_along_what_was_added_last_for_this_machine(with_brunet, config):
    add_mono(with_brunet, config, b"older")
    add_mono(with_brunet, config)
    add_mono(with_brunet, config, b"of another kind", "vax")
    make(with_brunet)
    with reading(with_brunet) as work:
        pool = get_pool(work.session, "demo")
        carried = carried_runtime(pool, config)
        assert (carried.digest, carried.data, carried.machine) == (DIGEST, DATA, platform.machine())
        for bundle in (bundle_for_hosts(pool, config), bundle_for_local_node(pool, config)):
            assert f"/runtimes/{DIGEST}/bin/mono " in start_of(bundle)
            assert bundle.runtime == "mono"


def test_another_runtime_is_another_bundle_and_none_is_the_host_s_own(with_brunet, config):
    add_mono(with_brunet, config)
    make(with_brunet, bundle_runtime=False)
    with reading(with_brunet) as work:
        pool = get_pool(work.session, "demo")
        assert carried_runtime(pool, config) is None
        own = bundle_for_hosts(pool, config)
    assert "runtimes" not in start_of(own)
    make(with_brunet, name="other", namespace="demo", udp_port=pool.udp_port + 1)
    with reading(with_brunet) as work:
        assert bundle_for_hosts(get_pool(work.session, "other"), config).digest != own.digest


@pytest.mark.parametrize(
    ("package", "says"),
    [
        ("brunet", f"no mono for {platform.machine()} was added: p2ppool runtime add mono"),
        ("node", "the package runs on python3; only mono can be brought along"),
    ],
)
def test_without_a_fitting_runtime_there_is_no_pool(with_brunet, config, package, says):
    add_mono(with_brunet, config, machine="vax")
    with pytest.raises(UserError, match=says):
        make(with_brunet, package=package)
    with reading(with_brunet) as work:
        assert work.session.scalars(select(Pool)).all() == []


def test_creating_it_again_keeps_its_runtime_though_a_newer_one_was_added(with_brunet, config):
    add_mono(with_brunet, config)
    make(with_brunet)
    add_mono(with_brunet, config, b"newer")
    make(with_brunet)
    with reading(with_brunet) as work:
        assert get_pool(work.session, "demo").runtime.digest == DIGEST
    with pytest.raises(UserError, match="exists with another runtime"):
        make(with_brunet, bundle_runtime=False)


def test_an_archive_that_was_changed_is_not_sent(with_brunet, config):
    add_mono(with_brunet, config)
    make(with_brunet)
    (RuntimeStore(config.data_folder).folder / f"{DIGEST}.tar.gz").write_bytes(b"changed")
    with reading(with_brunet) as work, pytest.raises(UserError, match="add the runtime again"):
        carried_runtime(get_pool(work.session, "demo"), config)


def version(work, **fields):
    pool = get_pool(work.session, "demo")
    return pool, versions.read_version(work, pool, read_upgrade(name="demo", **fields), None, LOCAL)


def test_an_upgrade_brings_the_latest_runtime_along_or_none_and_else_keeps_it(with_brunet, config):
    add_mono(with_brunet, config)
    make(with_brunet)
    add_mono(with_brunet, config, b"newer")
    newer = hashlib.sha256(b"newer").hexdigest()
    for fields, digest in (
        ({}, DIGEST),
        ({"bundle_runtime": True}, newer),
        ({"bundle_runtime": False}, None),
    ):
        with reading(with_brunet) as work:
            pool, found = version(work, **fields)
            before = bundle_for_hosts(pool, config).digest
            new = versions.with_version(work.session, pool, found)
            assert (new.runtime and new.runtime.digest) == digest
            assert (bundle_for_hosts(new, config).digest == before) is (digest == DIGEST)
            assert (found.runtime is None) is (digest is None)


def test_an_upgrade_that_is_kept_changes_the_pools_runtime(with_brunet, config):
    make(with_brunet, bundle_runtime=False)
    add_mono(with_brunet, config)
    with UnitOfWork(with_brunet) as work:
        versions.adopt(work.session, *version(work, bundle_runtime=True))
        work.commit()
    with reading(with_brunet) as work:
        assert get_pool(work.session, "demo").runtime.digest == DIGEST


def test_a_package_for_something_else_does_not_get_the_runtime_that_there_is(with_brunet, config):
    add_mono(with_brunet, config)
    make(with_brunet)
    with reading(with_brunet) as work:
        with pytest.raises(UserError, match="node@2 runs on python3, and the pool brings mono along"):
            version(work, package="node")
        assert version(work, package="node", bundle_runtime=False)[1].runtime is None


def test_whether_files_are_adapted_is_part_of_a_pool_s_version(with_brunet, config):
    make(with_brunet, bundle_runtime=False)
    with reading(with_brunet) as work:
        assert version(work)[1].settings()["adapt_package"] is True
    with UnitOfWork(with_brunet) as work:
        versions.adopt(work.session, *version(work, adapt_package=False))
        work.commit()
    with reading(with_brunet) as work:
        assert get_pool(work.session, "demo").adapt_package is False
        assert version(work)[1].adapt_package is False
    with pytest.raises(UserError, match="exists with another adapt package"):
        make(with_brunet, bundle_runtime=False)
