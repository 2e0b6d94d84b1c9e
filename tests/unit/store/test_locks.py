"""What is chosen and then written is chosen by one at a time."""

import pytest

from p2ppool.accounts import users
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.package.library import add_package
from p2ppool.store.models import Role, User
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.database.at_once import AT_ONCE, at_once
from tests.lab.past.groups import a_user, a_vpn
from tests.unit.software.zips import PROGRAM, zip_of

ONE = [False, *[True] * (AT_ONCE - 1)]


@pytest.fixture
def people(engine):
    with UnitOfWork(engine) as work:
        a_user(work.session, "ann")
        work.commit()
    return engine


def test_of_names_of_groups_that_differ_in_case_one_is_given(people):
    def create(work, number):
        a_vpn(work.session, users.get(work.session, "ann"), ["Lab", "lab", "LAB", "laB"][number])

    assert sorted(bool(text) for text in at_once(people, create)) == ONE


def test_of_users_with_the_same_name_one_is_created(engine):
    refused = at_once(engine, lambda work, _: users.create(work.session, "ann", Role.VIEWER, "test"))
    assert sorted(refused) == ["", *["there is a user named ann already"] * (AT_ONCE - 1)]
    with UnitOfWork(engine) as work:
        assert work.session.query(User).count() == 1


def test_of_packages_with_the_same_version_one_is_added(engine, tmp_path):
    def add(work, number):
        content = zip_of({**PROGRAM, "README": bytes([number])})
        add_package(work, PackageStore(tmp_path), "brunet", "1", content)

    assert sorted(bool(text) for text in at_once(engine, add)) == ONE
