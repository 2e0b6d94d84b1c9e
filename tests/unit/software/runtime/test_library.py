import hashlib

import pytest

from p2ppool.errors import UserError
from p2ppool.software.archive.artifact_store import RuntimeStore
from p2ppool.software.runtime.library import add_runtime, collect_runtime, find_runtime, list_runtimes
from p2ppool.software.runtime.mono_archive import CollectedRuntime
from p2ppool.store.unit_of_work import UnitOfWork, reading

ONE = CollectedRuntime("6.8.0.105", "x86_64", b"one")
TWO = CollectedRuntime("6.8.0.105", "x86_64", b"two: with another libc")


@pytest.fixture
def artifacts(tmp_path):
    return RuntimeStore(tmp_path)


@pytest.fixture
def add(engine, artifacts):
    def add(collected):
        with UnitOfWork(engine) as work:
            row = add_runtime(work, artifacts, "mono", collected)
            work.commit()
            return row

    return add


def test_a_runtime_is_kept_under_its_digest_and_named_after_it(add, artifacts):
    row = add(ONE)
    digest = hashlib.sha256(b"one").hexdigest()
    assert (row.name, row.version, row.machine) == ("mono", f"6.8.0.105-{digest[:12]}", "x86_64")
    assert (row.digest, row.size) == (digest, 3)
    assert artifacts.get(digest).read_bytes() == b"one"
    assert artifacts.get(digest).parent.name == "runtimes"


def test_the_same_again_is_harmless_and_repairs_the_file(add, artifacts, engine):
    (artifacts.folder / f"{add(ONE).digest}.tar.gz").write_bytes(b"changed")
    with pytest.raises(UserError, match="add the runtime again"):
        artifacts.get(hashlib.sha256(b"one").hexdigest())
    row = add(ONE)
    assert artifacts.get(row.digest).read_bytes() == b"one"
    with reading(engine) as work:
        assert [runtime.digest for runtime in list_runtimes(work)].count(row.digest) == 1


def test_the_latest_for_the_machine_is_found(add, engine):
    add(ONE)
    latest = add(TWO)
    add(CollectedRuntime("6.8.0.105", "aarch64", b"three"))
    with reading(engine) as work:
        assert find_runtime(work, "mono", "x86_64").digest == latest.digest
        assert [runtime.machine for runtime in list_runtimes(work)] == ["aarch64", "x86_64", "x86_64"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("mono", "no mono for riscv64 was added: p2ppool runtime add mono"),
        ("python3", "the package runs on python3; only mono"),
    ],
)
def test_where_there_is_none_it_says_what_to_do(engine, name, says):
    with reading(engine) as work, pytest.raises(UserError, match=says):
        find_runtime(work, name, "riscv64")


@pytest.mark.parametrize("name", ["python3", "", "../mono", "mono\n"])
def test_nothing_but_mono_can_be_taken_along(name):
    with pytest.raises(UserError, match="only mono can be collected"):
        collect_runtime(name)
