import hashlib

import pytest
from sqlalchemy import select

from p2ppool.errors import UserError
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.archive.limits import PackageError, PackageLimits
from p2ppool.software.package.library import add_package, find_package, list_packages
from p2ppool.store.models import Package
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.unit.software.zips import PROGRAM, zip_of

ONE, TWO = zip_of(PROGRAM), zip_of({**PROGRAM, "new.dll": b"MZ"})


@pytest.fixture
def artifacts(tmp_path):
    return PackageStore(tmp_path)


@pytest.fixture
def add(engine, artifacts):
    def add(name, version, source, **options):
        with UnitOfWork(engine) as work:
            row = add_package(work, artifacts, name, version, source, **options)
            work.commit()
            return row

    return add


def find(engine, wanted):
    with reading(engine) as work:
        return find_package(work, wanted)


def test_a_package_is_added_with_what_its_zip_says(add, engine, artifacts):
    add("basicnode", "1.0", ONE)
    row = find(engine, "basicnode")
    assert (row.name, row.version, row.digest) == ("basicnode", "1.0", hashlib.sha256(ONE).hexdigest())
    assert (row.size, row.runtime, row.program) == (len(ONE), "mono", "P2PNode.exe")
    assert artifacts.get(row.digest).read_bytes() == ONE


def test_a_package_is_added_from_a_file(add, engine, tmp_path):
    path = tmp_path / "basicnode.zip"
    path.write_bytes(ONE)
    assert add("basicnode", "1.0", path).digest == hashlib.sha256(ONE).hexdigest()


def test_the_same_again_is_harmless(add, engine):
    assert add("basicnode", "1.0", ONE).id == add("basicnode", "1.0", ONE).id


def test_a_version_never_changes_its_contents(add, engine):
    add("basicnode", "1.0", ONE)
    with pytest.raises(UserError, match=r"basicnode@1\.0 exists already with other contents"):
        add("basicnode", "1.0", TWO)
    assert find(engine, "basicnode@1.0").digest == hashlib.sha256(ONE).hexdigest()


def test_the_same_zip_may_have_several_names(add, engine):
    assert add("one", "1", ONE).digest == add("other", "1", ONE).digest


def test_a_name_alone_means_the_version_added_last(add, engine):
    add("basicnode", "2.0", ONE)
    add("basicnode", "1.9", TWO)
    assert find(engine, "basicnode").version == "1.9"
    assert find(engine, "basicnode@2.0").version == "2.0"


def test_all_are_listed_by_name_with_the_latest_first(add, engine):
    for name, version, data in [("b", "1", ONE), ("a", "1", ONE), ("b", "2", TWO)]:
        add(name, version, data)
    with reading(engine) as work:
        assert [(row.name, row.version) for row in list_packages(work)] == [
            ("a", "1"),
            ("b", "2"),
            ("b", "1"),
        ]


@pytest.mark.parametrize(
    "wanted", ["none", "basicnode@2.0", "basicnode@", "@1.0", "", "a\0b", "x" * 1000, "a@b@c"]
)
def test_what_is_not_there_is_stated(add, engine, wanted):
    add("basicnode", "1.0", ONE)
    with pytest.raises(UserError, match=r"no .* was added; see `p2ppool package list`") as raised:
        find(engine, wanted)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "word", ["", ".hidden", "-option", "a b", "../x", "a;rm -rf /", "a" * 65, "a@b", "a\n"]
)
@pytest.mark.parametrize("what", ["name", "version"])
def test_odd_names_and_versions_are_refused(add, artifacts, word, what):
    words = {"name": "basicnode", "version": "1.0", what: word}
    with pytest.raises(UserError, match=f"package: the {what} '.*' is not 1 to 64 letters"):
        add(words["name"], words["version"], ONE)
    assert not artifacts.folder.exists()


def test_a_bad_zip_leaves_nothing_behind(add, engine, artifacts):
    with pytest.raises(PackageError, match="is not a zip file"):
        add("basicnode", "1.0", b"hello")
    assert not artifacts.folder.exists()
    with reading(engine) as work:
        assert work.session.scalars(select(Package)).all() == []


def test_the_limits_may_be_set(add):
    with pytest.raises(PackageError, match="holds more than 1 files"):
        add("basicnode", "1.0", TWO, limits=PackageLimits(members=1))


def test_a_row_is_there_only_after_the_commit(engine, artifacts):
    with UnitOfWork(engine) as work:
        add_package(work, artifacts, "basicnode", "1.0", ONE)
    with pytest.raises(UserError):
        find(engine, "basicnode")
