"""Revocation lists as clients fetch them, on each kind of database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from p2ppool.errors import UserError
from p2ppool.groups import enrolment
from p2ppool.groups.authority.authority import authority_of
from p2ppool.groups.certificates import revocation_lists
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.groupvpn.certificate import Digest
from p2ppool.store.models import GroupKind
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault, VaultError
from tests.lab.groupvpn.revocations import read_revocations
from tests.lab.past.groups import OPEN, SECURE, VAULT, a_member, a_user, a_vpn


@pytest.fixture(autouse=True)
def lab(engine):
    with UnitOfWork(engine) as work:
        ann = a_user(work.session, "ann")
        a_member(work.session, a_vpn(work.session, ann, network=SECURE), a_user(work.session, "bob"), ann)
        a_vpn(work.session, ann, "open", OPEN)
        work.commit()


@pytest.fixture
def change(engine):
    """Does something to the group `lab`, in a transaction."""

    def change(what):
        with UnitOfWork(engine) as work:
            group = registry.get(work.session, GroupKind.VPN, "lab")
            admin, member = group.memberships
            what(work.session, group, member, Actor(admin.user))
            work.commit()

    return change


def revoke(session, _group, member, admin):
    memberships.decide(session, Step.REVOKE, member, admin)


def names(engine, found):
    with UnitOfWork(engine) as work:
        network = registry.get(work.session, GroupKind.VPN, "lab").network
        return read_revocations(found.data, authority_of(VAULT, network).public_key()).names


def test_it_is_made_once_a_day_and_after_each_revocation(engine, change):
    at = now()
    first = revocation_lists.current(engine, VAULT, "lab", at)
    assert revocation_lists.current(engine, VAULT, "lab", at + timedelta(hours=23)) == first
    later = revocation_lists.current(engine, VAULT, "lab", at + timedelta(hours=24))
    assert (later.made_at, names(engine, later)) == (at + timedelta(hours=24), ())
    change(revoke)
    assert names(engine, revocation_lists.current(engine, VAULT, "lab", at)) == ("bob",)


def test_another_authority_signs_another_list(engine, change):
    revocation_lists.current(engine, VAULT, "lab", now())
    other = replace(SECURE, digest=Digest.SHA256)
    change(lambda session, group, _, admin: registry.edit_network(session, VAULT, group, other, admin))
    assert names(engine, revocation_lists.current(engine, VAULT, "lab", now())) == ()


@pytest.mark.parametrize("name", ["open", "nowhere"])
def test_there_is_none_without_certificates(engine, name):
    assert revocation_lists.current(engine, VAULT, name, now()) is None
    with pytest.raises(UserError, match=f"{name}' *|open has no certificates"):
        revocation_lists.demand(engine, VAULT, name, now())


def test_all_are_made_for_the_day(engine):
    assert list(revocation_lists.make_all(engine, VAULT, now())) == ["lab"]


def test_another_key_of_the_vault_is_reported(engine):
    with pytest.raises(VaultError):
        revocation_lists.current(engine, Vault(b"x" * 32), "lab", now())


def test_an_authority_that_is_there_stays(engine):
    with UnitOfWork(engine) as work:
        before = registry.get(work.session, GroupKind.VPN, "lab").network.certificate
    enrolment.ensure_authority(engine, VAULT, "lab")
    with UnitOfWork(engine) as work:
        assert registry.get(work.session, GroupKind.VPN, "lab").network.certificate == before
    with pytest.raises(UserError, match="open has no certificates"):
        enrolment.ensure_authority(engine, VAULT, "open")
