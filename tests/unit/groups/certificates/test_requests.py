"""Machines of members get certificates, nobody else's do, and the faults are the original's."""

from dataclasses import replace

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from p2ppool.groups.authority import revocations
from p2ppool.groups.authority.authority import authority_of
from p2ppool.groups.certificates import requests
from p2ppool.groups.certificates.requests import DENIED, NOT_YET, UNKNOWN, Credentials, ServiceFault
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.groupvpn.certificates import read_certificate
from tests.lab.groupvpn.revocations import read_revocations
from tests.lab.past.groups import OPEN, SECURE, VAULT, a_member, a_user, a_vpn, asked

ADDRESS = "brunet:node:PXYSWDL5SZDHDDXJKZCLFENOP2KZDMBU"


@pytest.fixture(scope="module")
def blob():
    """The public key of a member's machine."""
    return csp_blob.write_public(rsa.generate_private_key(65537, 1024).public_key())


@pytest.fixture
def session(engine):
    with UnitOfWork(engine) as work:
        yield work.session


@pytest.fixture
def ann(session):
    return a_user(session, "ann", email="ann@example.org")


@pytest.fixture
def group(session, ann):
    return a_vpn(session, ann, network=SECURE)


@pytest.fixture
def membership(session, group, ann):
    return a_member(session, group, a_user(session, "bob"), ann)


@pytest.fixture
def request_of(blob):
    return lambda **fields: write_request(
        CertificateRequest(**{"key": blob, "node_address": ADDRESS} | fields)
    )


def claim(membership, **changes):
    fields = {
        "user": membership.user.name,
        "group": membership.group.name,
        "secret": memberships.secret_of(VAULT, membership) or "",
    }
    return Credentials(**fields | changes)


def test_a_member_s_request_is_signed_at_once_and_the_chain_is_right(session, membership, request_of):
    number = requests.submit(session, VAULT, claim(membership), request_of()).number
    authority = authority_of(VAULT, membership.group.network).public_key()
    above = read_certificate(membership.group.network.certificate, authority)
    found = read_certificate(requests.check(session, "lab", number), authority)
    assert (found.name, found.unit, found.node_address) == ("bob", "lab", ADDRESS)
    assert found.serial == above.serial


def test_names_come_from_the_group_and_not_from_the_request(session, membership, request_of):
    data = request_of(name="ann", unit="other", organization="root", email="x@y")
    number = requests.submit(session, VAULT, claim(membership), data).number
    authority = authority_of(VAULT, membership.group.network).public_key()
    found = read_certificate(requests.check(session, "lab", number), authority)
    assert (found.name, found.unit, found.organization) == ("bob", "lab", "")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (("Acme_Lab-1 @home.org", "NZ", "bob_b-1@example.org"), None),
        (("Acme, Inc. = good", "Korea, Republic of", "a=b@example.org"), ("", "", "")),
        (("Acme+Co", "Österreich", "bob+lab@example.org"), ("", "", "")),
        ((' "x"', "NZ\n", None), ("", "", "")),
        ((" ", "", "bob,CN=ann@example.org"), ("", "", "")),
    ],
)
def test_what_readers_of_2009_stumble_over_is_left_out(session, membership, request_of, known, expected):
    organization, country, membership.user.email = known
    membership.details = {"organization": organization, "unit": "O, U = x", "country": country}
    number = requests.submit(session, VAULT, claim(membership), request_of()).number
    subject = x509.Certificate.load(requests.check(session, "lab", number)).subject.native
    fields = ("organization_name", "country_name", "email_address")
    assert tuple(subject[field] for field in fields) == (expected or known)
    assert (subject["organizational_unit_name"], subject["common_name"]) == ("lab", "bob")


def test_the_same_request_again_is_harmless(session, membership, request_of):
    once, again = (requests.submit(session, VAULT, claim(membership), request_of()) for _ in range(2))
    assert once == again


@pytest.mark.parametrize(
    "changes",
    [
        {"user": "ann"},
        {"user": "nobody"},
        {"group": "other"},
        {"secret": ""},
        {"secret": "x" * 20},
        {"secret": "é" * 20},
        {"secret": "-" * 20, "user": "nobody"},
    ],
)
def test_who_is_not_a_member_is_denied(session, membership, request_of, changes):
    with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
        requests.submit(session, VAULT, claim(membership, **changes), request_of())


def test_who_only_asked_to_join_is_denied(session, group, request_of):
    membership = asked(session, group, a_user(session, "cyd"))
    with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
        requests.submit(session, VAULT, claim(membership), request_of())


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff" * 100, b"x" * 10_000])
def test_what_is_no_request_is_denied(session, membership, data):
    with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
        requests.submit(session, VAULT, claim(membership), data)


@pytest.mark.parametrize("address", ["", "x", ADDRESS.lower(), ADDRESS + "A", "brunet:node:" + "1" * 32])
def test_what_names_no_node_is_denied(session, membership, request_of, address):
    with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
        requests.submit(session, VAULT, claim(membership), request_of(node_address=address))


def test_an_old_secret_opens_nothing(session, membership, request_of):
    old = claim(membership)
    memberships.renew_secret(VAULT, membership)
    with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
        requests.submit(session, VAULT, old, request_of())
    assert requests.submit(session, VAULT, claim(membership), request_of())


def test_where_admins_allow_each_certificate_it_waits_for_one(session, group, membership, request_of):
    group.network.approval = True
    number = requests.submit(session, VAULT, claim(membership), request_of()).number
    with pytest.raises(ServiceFault, match=f"^{NOT_YET}$"):
        requests.check(session, "lab", number)
    (waiting,) = requests.waiting(session, group)
    requests.sign(VAULT, waiting)
    assert requests.check(session, "lab", number)
    assert requests.waiting(session, group) == []


def test_what_an_admin_denied_stays_denied(session, group, membership, request_of):
    group.network.approval = True
    number = requests.submit(session, VAULT, claim(membership), request_of()).number
    requests.deny(*requests.waiting(session, group))
    session.flush()
    with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
        requests.check(session, "lab", number)
    group.network.approval = False
    requests.submit(session, VAULT, claim(membership), request_of())
    with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
        requests.check(session, "lab", number)


@pytest.mark.parametrize(("group_name", "number"), [("lab", "0" * 40), ("other", "0" * 40), ("lab", "")])
def test_what_nobody_requested_is_unknown(session, group, group_name, number):
    with pytest.raises(ServiceFault, match=f"^{UNKNOWN}$"):
        requests.check(session, group_name, number)


def test_the_revoked_get_nothing_and_are_on_the_list(session, group, membership, ann, request_of):
    number = requests.submit(session, VAULT, claim(membership), request_of()).number
    before = claim(membership)
    memberships.decide(session, Step.REVOKE, membership, Actor(ann))
    for ask in (
        lambda: requests.check(session, "lab", number),
        lambda: requests.submit(session, VAULT, before, request_of()),
    ):
        with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
            ask()
    moment = now()
    data = revocations.refresh(session, VAULT, group.network, moment)
    found = read_revocations(data, authority_of(VAULT, group.network).public_key())
    assert (found.names, found.made_at) == (("bob",), moment)


def test_a_disabled_user_s_machines_are_denied(session, membership, request_of):
    number = requests.submit(session, VAULT, claim(membership), request_of()).number
    membership.user.active = False
    for ask in (
        lambda: requests.submit(session, VAULT, claim(membership), request_of()),
        lambda: requests.check(session, "lab", number),
    ):
        with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
            ask()
    membership.user.active = True
    assert requests.check(session, "lab", number)


def test_whoever_is_no_member_costs_as_much(session, membership, request_of, monkeypatch):
    """So that the time of an answer does not tell who is one."""
    work, cipher = [], VAULT._cipher

    class Counted:
        def encrypt(self, *sealed):
            work.append(1)
            return cipher.encrypt(*sealed)

        def decrypt(self, *sealed):
            work.append(1)
            return cipher.decrypt(*sealed)

    wrong = claim(membership, secret="x" * 20)
    monkeypatch.setattr(VAULT, "_cipher", Counted())
    for who in (wrong, replace(wrong, user="nobody"), replace(wrong, group="none")):
        with pytest.raises(ServiceFault, match=f"^{DENIED}$"):
            requests.submit(session, VAULT, who, request_of())
    assert work == [1, 1, 1]


def test_a_group_without_security_signs_nothing(session, ann, request_of):
    group = a_vpn(session, ann, "open", network=OPEN)
    number = requests.submit(session, VAULT, claim(memberships.of(session, group, ann)), request_of()).number
    with pytest.raises(ServiceFault, match=f"^{NOT_YET}$"):
        requests.check(session, "open", number)


def test_secrets_and_keys_lie_encrypted(session, membership):
    network = membership.group.network
    secret = memberships.secret_of(VAULT, membership).encode()
    assert secret not in membership.secret
    assert b"RSA2" not in network.authority
    assert secret.decode() not in repr(claim(membership))
