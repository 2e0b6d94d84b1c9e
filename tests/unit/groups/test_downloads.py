"""What members download names the pool's nodes and holds their secret; others get nothing."""

import io
import subprocess
import zipfile
from dataclasses import replace

import pytest

from p2ppool.appliance.config import MachineType
from p2ppool.errors import UserError
from p2ppool.groups import downloads
from p2ppool.groups.downloads import Server
from p2ppool.groups.membership import memberships
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.overlay.node_config import parse_node_config
from tests.lab.past.groups import SECURE, VAULT, a_user, a_vpn, an_appliance, asked
from tests.lab.past.history import a_bare_pool

SERVER = Server("https://p2p.example/components/com_groupvpn/mono/GroupVPN.rem", b"certificate")


@pytest.fixture
def carrier(engine):
    """A pool that is there before the test's transaction begins."""
    a_bare_pool(engine, "carrier", hosts=3)


@pytest.fixture
def session(engine, carrier):
    with UnitOfWork(engine) as work:
        yield work.session


@pytest.fixture
def ann(session):
    return a_user(session, "ann")


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_config_names_where_the_pool_s_nodes_are(session, ann):
    pool = session.query(Pool).one()
    group = a_vpn(session, ann, network=replace(SECURE, pool=pool))
    files = unzipped(downloads.config_zip(session, VAULT, memberships.of(session, group, ann), SERVER))
    node = parse_node_config(files["node.config"])
    assert node.namespace == pool.namespace
    assert len(node.remote_tas) >= 3
    assert (files["webcert"], files["cacert"]) == (b"certificate", group.network.certificate)


def test_on_a_pool_secure_edges_would_leave_members_alone(session, ann):
    with pytest.raises(UserError, match="the nodes of a pool have no certificates"):
        a_vpn(session, ann, network=replace(SECURE, pool=session.query(Pool).one(), secure_edges=True))


def test_it_holds_the_member_s_own_secret(session, ann):
    membership = memberships.of(session, a_vpn(session, ann, network=SECURE), ann)
    files = unzipped(downloads.config_zip(session, VAULT, membership, SERVER))
    assert f"<Secret>{memberships.secret_of(VAULT, membership)}</Secret>" in files["ipop.config"].decode()
    assert SERVER.service in files["ipop.config"].decode()


def test_who_is_no_member_gets_none(session, ann):
    group = a_vpn(session, ann)
    with pytest.raises(UserError, match="only members of lab"):
        downloads.config_zip(session, VAULT, asked(session, group, a_user(session, "bob")), SERVER)


def test_a_pool_that_is_gone_is_reported(session, ann):
    group = a_vpn(session, ann, network=replace(SECURE, pool=session.query(Pool).one()))
    group.network.pool = None
    with pytest.raises(UserError, match="the pool that carried lab is gone"):
        downloads.config_zip(session, VAULT, memberships.of(session, group, ann), SERVER)


@pytest.mark.parametrize("kind", list(MachineType))
def test_a_floppy_holds_both_files(session, ann, tmp_path, kind):
    grid = an_appliance(session, ann, a_vpn(session, ann, network=SECURE))
    membership = memberships.of(session, grid, ann)
    image = tmp_path / "floppy.img"
    image.write_bytes(
        downloads.floppy(session, VAULT, membership, SERVER, kind=kind, password="it's a secret")
    )
    read = {
        name: subprocess.run(["mtype", "-i", image, f"::{name}"], capture_output=True, check=True).stdout
        for name in ("groupvpn.zip", "group_appliance.config")
    }
    assert "ipop.config" in unzipped(read["groupvpn.zip"])
    lines = read["group_appliance.config"].decode().splitlines()
    assert lines == [
        f"MACHINE_TYPE={kind}",
        'CONDOR_GROUP="grid"',
        'CONDOR_USER="ann"',
        "GA_PASSWORD='it'\\''s a secret'",
    ]
