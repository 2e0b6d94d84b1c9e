"""Admins decide about certificates, once and in the open."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import update

from p2ppool.errors import UserError
from p2ppool.groups.certificates import approvals, requests
from p2ppool.groups.certificates.requests import Credentials
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from p2ppool.store.models import Certificate, CertificateState
from tests.lab.past.groups import SECURE, VAULT, a_member, a_vpn
from tests.lab.web.group_client import ADDRESS


@pytest.fixture
def group(session, ann, bob):
    group = a_vpn(session, ann, network=replace(SECURE, approval=True))
    a_member(session, group, bob, ann)
    return group


@pytest.fixture
def number(session, group, bob):
    """What a machine of bob's has asked for."""
    key = csp_blob.write_public(rsa.generate_private_key(65537, 1024).public_key())
    data = write_request(CertificateRequest(key=key, node_address=ADDRESS))
    secret = memberships.secret_of(VAULT, memberships.of(session, group, bob))
    return requests.submit(session, VAULT, Credentials("bob", "lab", secret), data).number


def test_what_is_approved_is_signed_and_recorded(session, group, ann, number):
    signed = approvals.approve(session, VAULT, group, number.lower(), Actor(ann))
    assert signed.certificate == requests.check(session, "lab", number)
    session.flush()
    line = group_log.lines_of(session, group, 1)[0]
    assert (line.who, line.details) == ("ann", {"user": "bob", "request": number})
    with pytest.raises(UserError, match="no certificate of lab waits under"):
        approvals.refuse(session, group, number, Actor(ann))


def test_what_is_refused_stays_so(session, group, ann, number):
    assert approvals.refuse(session, group, number, Actor(ann)).state is CertificateState.DENIED
    session.flush()
    with pytest.raises(UserError, match="no certificate of lab waits under"):
        approvals.approve(session, VAULT, group, number, Actor(ann))
    assert [each.request_id for each in approvals.requested_certificates(session, group, 10)] == [number]


def test_only_admins_decide(session, group, bob, number):
    for decide in (
        lambda who: approvals.approve(session, VAULT, group, number, who),
        lambda who: approvals.refuse(session, group, number, who),
    ):
        with pytest.raises(UserError, match="only admins of lab"):
            decide(Actor(bob))


def test_who_was_revoked_meanwhile_gets_none(session, group, ann, bob, number):
    memberships.decide(session, Step.REVOKE, memberships.of(session, group, bob), Actor(ann))
    with pytest.raises(UserError, match="bob is not in the group lab"):
        approvals.approve(session, VAULT, group, number, Actor(ann))


def test_who_was_disabled_meanwhile_gets_none_and_is_asked_about_no_more(session, group, ann, bob, number):
    bob.active = False
    with pytest.raises(UserError, match="bob is disabled"):
        approvals.approve(session, VAULT, group, number, Actor(ann))
    session.flush()
    assert requests.waiting(session, group) == []
    bob.active = True
    assert approvals.approve(session, VAULT, group, number, Actor(ann)).certificate


def test_what_somebody_else_has_decided_since_it_was_read_is_seen(session, group, ann, number):
    (read,) = requests.waiting(session, group)
    others = update(Certificate).values(state=CertificateState.SIGNED)
    session.execute(others, execution_options={"synchronize_session": False})
    assert read.state is CertificateState.WAITING
    with pytest.raises(UserError, match="no certificate of lab waits under"):
        approvals.refuse(session, group, number, Actor(ann))
    assert read.state is CertificateState.SIGNED
