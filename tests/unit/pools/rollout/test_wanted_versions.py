"""Which version hosts are to have: as the bundle says, and made once."""

import pytest

from p2ppool.pools.rollout.bundles import bundle_for_hosts
from p2ppool.pools.rollout.wanted_versions import ExpectedVersions
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.software.package.adding import add_package_file
from p2ppool.software.package.reference import reference_package
from p2ppool.store.models import HostState, PoolState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path / "data")


@pytest.fixture
def installed(engine, config):
    """Two pools of which the first has a package in the artifact store; gives its id."""
    a_bare_pool(engine, "demo", hosts=3)
    a_bare_pool(engine, "broken", hosts=1)
    with UnitOfWork(engine) as work:
        pool = get_pool(work.session, "demo")
        pool.package = add_package_file(work, config, "node", None, reference_package())
        work.commit()
        return pool.id


def digest(engine, config):
    with reading(engine) as work:
        return bundle_for_hosts(get_pool(work.session, "demo"), config).digest


def test_it_is_the_digest_of_the_bundle_and_a_pool_without_one_is_missing(engine, config, installed):
    assert ExpectedVersions(config).of_active_pools(engine, 60) == {installed: digest(engine, config)}


def test_it_is_made_once_until_the_pool_is_otherwise(engine, config, installed, monkeypatch):
    made = []
    monkeypatch.setattr(
        "p2ppool.pools.rollout.wanted_versions.bundle_for_hosts",
        lambda pool, config: made.append(pool.name) or bundle_for_hosts(pool, config),
    )
    versions = ExpectedVersions(config)
    first = versions.of_active_pools(engine, 60)
    assert versions.of_active_pools(engine, 60) == first
    assert sorted(made) == ["broken", "demo"]
    with UnitOfWork(engine) as work:
        get_pool(work.session, "demo").hosts[0].state = HostState.LEAVING
        work.commit()
    assert versions.of_active_pools(engine, 60) == {installed: digest(engine, config)} != first
    assert made.count("demo") == 2


def test_what_is_not_known_in_time_comes_later(engine, config, installed):
    versions = ExpectedVersions(config)
    assert versions.of_active_pools(engine, -1) == {}
    assert installed in versions.of_active_pools(engine, 60)


def test_a_pool_that_is_not_active_has_none(engine, config, installed):
    versions = ExpectedVersions(config)
    assert versions.of_active_pools(engine, 60)
    with UnitOfWork(engine) as work:
        get_pool(work.session, "demo").state = PoolState.SUSPENDED
        work.commit()
    assert versions.of_active_pools(engine, 60) == {}
