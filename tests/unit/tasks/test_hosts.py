"""What the steps on the hosts take there."""

import pytest

from p2ppool.actions.turns import Turn
from p2ppool.pools.rollout.bundles import install_request
from p2ppool.records.pools import get_pool
from p2ppool.settings import settings
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.package.library import add_package
from p2ppool.store.engine import get_engine
from p2ppool.store.models import SshKey
from p2ppool.store.schema import upgrade
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tasks.support.pool import pool_of
from tests.unit.pools.rollout.test_bundle_runtime import DATA, add_mono, make
from tests.unit.software.zips import PROGRAM, zip_of


@pytest.fixture
def engine(data_folder):
    data_folder.mkdir(mode=0o700)
    engine = get_engine()
    upgrade(engine)
    key = {"name": "key", "key_type": "ssh-ed25519", "bits": 256, "fingerprint": "f", "public_line": "x"}
    with UnitOfWork(engine) as work:
        add_package(work, PackageStore(data_folder), "brunet", "1", zip_of(PROGRAM))
        work.session.add(SshKey(**key, sealed=b""))
        work.commit()
    return engine


def test_a_pool_that_brings_its_runtime_along_takes_it_to_every_host(engine):
    add_mono(engine, settings())
    make(engine)
    with reading(engine) as work:
        turn = Turn(ticket_id=1, pool_id=get_pool(work.session, "demo").id, fence=1)
    request = install_request(pool_of(turn), 1, settings())
    assert request.carried.data == DATA
    assert (request.runtime, request.needs_ifconfig) == ("mono", True)
