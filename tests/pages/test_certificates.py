"""A member's machine gets its certificate from the pages as they are served, and hears of who is revoked."""

import base64
import urllib.error
import urllib.request
import xmlrpc.client

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from p2ppool.groups import downloads
from p2ppool.groups.definition import registry
from p2ppool.groups.definition.networks import NetworkSpec
from p2ppool.groups.downloads import Server
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.groups.server import SERVICE
from p2ppool.groupvpn.certificate import Digest
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.groups import SECURE, VAULT, a_member, a_user, a_vpn
from tests.lab.web.browser import serving
from tests.lab.web.group_client import Machine, fault_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:Attribute's length"),  # and its names empty
]

KEY = base64.urlsafe_b64encode(bytes(32)).decode()
NAME = "My lab"


@pytest.fixture(scope="module")
def base(engine, data_folder):
    """Where the pages are served, with a group of three members."""
    with UnitOfWork(engine) as work:
        ann = a_user(work.session, "ann")
        group = a_vpn(work.session, ann, NAME, SECURE)
        for name in ("bob", "cyd"):
            a_member(work.session, group, a_user(work.session, name), ann)
        work.commit()
    with serving(data_folder, who=None, P2PPOOL_VAULT_KEY=KEY) as address:
        yield str(address)


@pytest.fixture(params=list(Digest))
def machine(base, engine, request):
    """Gives the machine of a user, with the config that they have downloaded."""
    with UnitOfWork(engine) as work:
        group = the_group(work)
        about = NetworkSpec(**vars(SECURE) | {"digest": request.param})
        registry.edit_network(work.session, VAULT, group, about, admin(group))
        work.commit()

    def machine(name, **changes):
        with UnitOfWork(engine) as work:
            (membership,) = [each for each in the_group(work).memberships if each.user.name == name]
            data = downloads.config_zip(work.session, VAULT, membership, Server(base + SERVICE))
        return Machine(data, **changes)

    return machine


def the_group(work):
    return registry.get(work.session, GroupKind.VPN, NAME)


def admin(group):
    return Actor(group.memberships[0].user)


def test_a_machine_gets_a_certificate_that_its_authority_signed(machine):
    mine = machine("bob")
    number = mine.submit()
    assert len(number) == 40
    assert set(number) <= set("0123456789ABCDEF")
    assert mine.submit(as_text=True) == number
    found = x509.Certificate.load(mine.certificate(number), strict=True)
    authority = x509.Certificate.load(mine.authority_der, strict=True)
    digest = getattr(hashes, found.hash_algo.upper())()
    mine.authority.verify(found.signature, found["tbs_certificate"].dump(), padding.PKCS1v15(), digest)
    assert found.issuer == authority.subject
    assert found.subject.native["common_name"] == "bob"


def test_who_it_is_not_gets_one_word_whatever_is_wrong(machine):
    told = {
        fault_of(machine("bob", **changes).submit)
        for changes in (
            {"Secret": "x" * 20},
            {"UserName": "cyd"},
            {"UserName": "nobody"},
            {"Group": "elsewhere"},
        )
    }
    assert told == {"Request denied."}
    assert fault_of(machine("bob").certificate, "0" * 40) == "No such request."


def test_what_a_proxy_hands_on_is_not_of_this_machine(base):
    direct = xmlrpc.client.ServerProxy(base + SERVICE)
    assert direct.UpdateRevocationList(NAME) is True
    assert direct.GenerateCACert(NAME) is True
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        handed = xmlrpc.client.ServerProxy(base + SERVICE, headers=[(header, "127.0.0.1")])
        for method in (handed.UpdateRevocationList, handed.GenerateCACert):
            assert fault_of(method, NAME).startswith("Only programs of the server's own machine")


def test_who_is_revoked_is_on_the_list_at_once_and_gets_nothing(engine, machine):
    mine, other = machine("ann"), machine("ann")
    with UnitOfWork(engine) as work:
        name = f"eve{len(the_group(work).memberships)}"
        found = a_member(
            work.session, the_group(work), a_user(work.session, name), admin(the_group(work)).user
        )
        work.commit()
    theirs = machine(name)
    number = theirs.submit()
    assert theirs.certificate(number)
    assert name not in mine.revoked()
    with UnitOfWork(engine) as work:
        found = memberships.of(work.session, the_group(work), found.user)
        memberships.decide(work.session, Step.REVOKE, found, admin(the_group(work)))
        work.commit()
    assert name in other.revoked()
    assert {fault_of(theirs.submit), fault_of(theirs.certificate, number)} == {"Request denied."}


def test_a_list_that_did_not_change_is_not_sent_again(machine):
    address = machine("bob").list_address()
    with urllib.request.urlopen(address, timeout=60) as answer:
        tag, day = answer.headers["ETag"], answer.headers["Last-Modified"]
        assert answer.headers.get("Set-Cookie") is None
    for header, value in (("If-None-Match", tag), ("If-Modified-Since", day)):
        with pytest.raises(urllib.error.HTTPError, match="304"):
            urllib.request.urlopen(urllib.request.Request(address, headers={header: value}), timeout=60)
