"""Certificates that wait for an admin: where they are listed, and who hears of them; on each database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from p2ppool.accounts import users
from p2ppool.groups import enrolment, listings, notices
from p2ppool.groups.certificates import approvals, requests
from p2ppool.groups.certificates.requests import Credentials
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.groups import SECURE, VAULT, a_member, a_user, a_vpn
from tests.lab.web.group_client import ADDRESS

APPROVED = replace(SECURE, approval=True)


@pytest.fixture(scope="module")
def blob():
    return csp_blob.write_public(rsa.generate_private_key(65537, 1024).public_key())


@pytest.fixture
def lab(engine):
    """A group in which ann allows each certificate; bob and cyd are members, zoe has a group like it."""
    with UnitOfWork(engine) as work:
        ann, bob, cyd, zoe = (
            a_user(work.session, name, email=f"{name}@example.org") for name in ("ann", "bob", "cyd", "zoe")
        )
        for name, admin in (("lab", ann), ("zoo", zoe)):
            group = a_vpn(work.session, admin, name, network=APPROVED)
            for user in (bob, cyd):
                a_member(work.session, group, user, admin)
        work.commit()
    return engine


@pytest.fixture
def submit(lab, blob):
    """Each `machine` is another; gives the number and who is told by mail."""

    def submit(user, machine, group="lab"):
        with reading(lab) as work:
            known = registry.get(work.session, GroupKind.VPN, group)
            own = memberships.of(work.session, known, users.get(work.session, user))
            who = Credentials(user.upper(), group, memberships.secret_of(VAULT, own))
        data = write_request(CertificateRequest(key=blob, node_address=ADDRESS, name=machine))
        number, letters = enrolment.submit(lab, VAULT, who, data)
        return number, [letter.to for letter in letters]

    return submit


def decide(engine, decision, number):
    """An admin's decision; whom it is told."""
    with UnitOfWork(engine) as work:
        group = registry.get(work.session, GroupKind.VPN, "lab")
        ann = Actor(users.get(work.session, "ann"))
        how = (group, number, ann)
        sign = decision == "approve"
        done = approvals.approve(work.session, VAULT, *how) if sign else approvals.refuse(work.session, *how)
        letters = notices.of_certificates([done])
        work.commit()
    return letters


def test_admins_hear_of_the_first_that_waits_and_of_no_other_until_all_are_decided(lab, submit):
    first, told = submit("bob", "1")
    assert told == ["ann@example.org"]
    assert submit("bob", "1")[1] == []
    second, told = submit("cyd", "2")
    assert told == []
    decide(lab, "approve", first)
    assert submit("bob", "3")[1] == []
    third, _ = submit("bob", "3")
    for number in (second, third):
        decide(lab, "deny", number)
    assert submit("bob", "3")[1] == []  # denied for good
    assert submit("bob", "4")[1] == ["ann@example.org"]
    assert submit("cyd", "1", "zoo")[1] == ["zoe@example.org"]


def test_of_what_is_signed_at_once_nobody_hears(lab, submit):
    with UnitOfWork(lab) as work:
        registry.get(work.session, GroupKind.VPN, "lab").network.approval = False
        work.commit()
    assert submit("bob", "1")[1] == []


def test_of_many_at_once_one_is_reported(lab, submit):
    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(lambda machine: submit("bob", str(machine))[1], range(6)))
    assert sorted(told) == [[]] * 5 + [["ann@example.org"]]


def test_members_hear_what_was_decided_in_one_mail(lab, submit):
    (signed,) = decide(lab, "approve", submit("bob", "1")[0])
    assert (signed.to, signed.page) == ("bob@example.org", "/groups/lab")
    assert "An admin signed" in signed.text
    (denied,) = decide(lab, "deny", submit("bob", "2")[0])
    assert "permanently" in denied.text
    assert f"- {ADDRESS}" in denied.text
    for user, machine in (("bob", "3"), ("cyd", "4"), ("bob", "5")):
        submit(user, machine)
    with reading(lab) as work:
        waiting = requests.waiting(work.session, registry.get(work.session, GroupKind.VPN, "lab"))
        for each in waiting:
            requests.deny(each)
        waiting[1].membership.user.email = None
        (letter,) = notices.of_certificates(waiting)
    assert letter.text.count(ADDRESS) == 2


def test_they_are_listed_for_who_decides(lab, submit):
    for user, machine, group in (("bob", "1", "lab"), ("cyd", "2", "zoo"), ("cyd", "3", "lab")):
        submit(user, machine, group)
    with UnitOfWork(lab) as work:
        session = work.session

        def seen(by):
            admin = users.get(session, by) if by else None
            found = listings.all_certificates(session, admin)
            return [(each.membership.user.name, each.membership.group.name) for each in found]

        assert seen("ann") == [("bob", "lab"), ("cyd", "lab")]
        assert (seen("bob"), seen("zoe")) == ([], [("cyd", "zoo")])
        assert seen(None) == [("bob", "lab"), ("cyd", "zoo"), ("cyd", "lab")]
        listed = listings.listed(session, GroupKind.VPN, users.get(session, "ann"))
        assert [(each.group.name, each.certificates) for each in listed] == [("lab", 2), ("zoo", 1)]
        assert {requests.node_address(each) for each in listings.all_certificates(session, None)} == {ADDRESS}
        users.get(session, "cyd").active = False
        session.flush()
        assert seen(None) == [("bob", "lab")]
