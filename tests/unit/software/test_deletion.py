"""Packages, runtimes and keys that nobody uses can be deleted; files go after the commit, never before."""

import threading

import pytest

from p2ppool.errors import UserError
from p2ppool.keys.keyring import delete_key, find_key
from p2ppool.settings import Settings
from p2ppool.software import deletion
from p2ppool.software.archive.artifact_store import PackageStore, RuntimeStore
from p2ppool.software.package.library import add_package, find_package
from p2ppool.software.runtime.library import add_runtime, list_runtimes
from p2ppool.software.runtime.mono_archive import CollectedRuntime
from p2ppool.store.models import Package, Pool, SshKey
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.unit.software.zips import PROGRAM, zip_of

ZIP = zip_of(PROGRAM)


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path)


@pytest.fixture
def packages(config):
    return PackageStore(config.data_folder)


@pytest.fixture
def add(engine, packages):
    def add(name, version="1", data=ZIP):
        with UnitOfWork(engine) as work:
            row = add_package(work, packages, name, version, data)
            work.commit()
            return row

    return add


@pytest.fixture
def add_mono(engine, config):
    def add_mono(data):
        with UnitOfWork(engine) as work:
            row = add_runtime(
                work, RuntimeStore(config.data_folder), "mono", CollectedRuntime("6.8", "x86_64", data)
            )
            work.commit()
            return row

    return add_mono


def use(engine, *names, **fields):
    """Pools of these names that use what is given."""
    with UnitOfWork(engine) as work:
        key = SshKey(name="key", key_type="t", bits=1, fingerprint="f", public_line="p", sealed=b"")
        common = {
            "namespace": "n",
            "rpc_port": 1,
            "ssh_user": "u",
            "install_path": "p",
            "ssh_key": key,
        } | fields
        for name in names:
            work.session.add(Pool(name=name, token=name, **common))
        work.commit()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_package_goes_with_its_zip(engine, config, packages, add):
    add("node")
    assert deletion.delete_package(engine, config, "node@1").name == "node"
    assert files(packages.folder) == []
    with reading(engine) as work, pytest.raises(UserError, match="no 'node' was added"):
        find_package(work, "node")


def test_a_zip_that_another_package_has_stays(engine, config, packages, add):
    add("node")
    other = add("copy")
    deletion.delete_package(engine, config, "node")
    assert packages.get(other.digest).read_bytes() == ZIP


def test_a_package_in_use_is_refused_with_the_pools(engine, config, packages, add):
    row = add("node")
    use(engine, "b-pool", "a-pool", package_id=row.id)
    with pytest.raises(UserError, match=r"package node@1 is in use by pool a-pool, b-pool: "):
        deletion.delete_package(engine, config, "node")
    assert packages.get(row.digest).read_bytes() == ZIP


def test_a_runtime_goes_with_its_archive(engine, config, add_mono):
    first, second = add_mono(b"one"), add_mono(b"two")
    with pytest.raises(UserError, match="runtime: several are named 'mono'"):
        deletion.delete_runtime(engine, config, "mono")
    deletion.delete_runtime(engine, config, f"mono@{first.version}")
    deletion.delete_runtime(engine, config, "mono")
    assert files(config.data_folder / "runtimes") == []
    with reading(engine) as work:
        assert list_runtimes(work) == []
    with pytest.raises(UserError, match=f"none is named 'mono@{second.version}'"):
        deletion.delete_runtime(engine, config, f"mono@{second.version}")


def test_a_runtime_in_use_is_refused_with_the_pools(engine, config, add, add_mono):
    row, package = add_mono(b"one"), add("node")
    use(engine, "demo", package_id=package.id, runtime_id=row.id)
    with pytest.raises(UserError, match=f"runtime mono@{row.version} is in use by pool demo: "):
        deletion.delete_runtime(engine, config, "mono")
    assert len(files(config.data_folder / "runtimes")) == 1


def test_a_key_in_use_is_refused_with_the_pools(engine, add):
    use(engine, "demo", package_id=add("node").id)
    with UnitOfWork(engine) as work, pytest.raises(UserError, match="SSH key key is in use by pool demo: "):
        delete_key(work, "key")
    with UnitOfWork(engine) as work:
        work.session.query(Pool).delete()
        delete_key(work, "key")
        work.commit()
    with reading(engine) as work, pytest.raises(UserError, match="no key is named"):
        find_key(work, "key")


def test_the_file_outlives_a_deletion_that_is_not_committed(engine, config, packages, add, monkeypatch):
    row = add("node")

    def fail(self):
        raise RuntimeError("the commit fails")

    monkeypatch.setattr(UnitOfWork, "commit", fail)
    with pytest.raises(RuntimeError):
        deletion.delete_package(engine, config, "node")
    assert packages.get(row.digest).read_bytes() == ZIP


def test_the_row_is_gone_before_the_file_goes(engine, config, packages, add, monkeypatch):
    add("node")
    rows = []

    def remove(self, digest):
        with reading(engine) as work:
            rows.append(work.session.query(Package).count())

    monkeypatch.setattr(PackageStore, "remove", remove)
    deletion.delete_package(engine, config, "node")
    assert rows == [0]


def test_an_equal_package_that_is_added_meanwhile_keeps_its_file(engine, config, packages, add, monkeypatch):
    """The adder waits while the file is removed, then brings it again; or is first, and the file stays."""
    add("node")
    adder = threading.Thread(target=add, args=("again",))
    remove = PackageStore.remove

    def removing(self, digest):
        adder.start()
        remove(self, digest)

    monkeypatch.setattr(PackageStore, "remove", removing)
    deletion.delete_package(engine, config, "node")
    adder.join(60)
    with reading(engine) as work:
        assert packages.get(find_package(work, "again").digest).read_bytes() == ZIP
    assert len(files(packages.folder)) == 1
