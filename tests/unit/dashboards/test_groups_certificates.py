"""Certificates that an admin has to allow."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from p2ppool.groups import certificates, memberships, registry
from p2ppool.groups.certificates import DENIED, Claim, ServiceFault
from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.group_pages import FORM, alert, done
from tests.lab.groups import SECURE

ADDRESS = "brunet:node:PXYSWDL5SZDHDDXJKZCLFENOP2KZDMBU"


@pytest.fixture
def lab(groups):
    groups.vpn("lab", network=SECURE)
    groups.member("bob")
    groups.as_("ann").post(
        "/groups/lab/network", data=FORM | {"secure": "yes", "approval": "yes", "digest": "sha1"}
    )
    return groups


def submit(groups, name):
    """A machine of that member asks; the number of its request."""
    key = csp_blob.write_public(rsa.generate_private_key(65537, 1024).public_key())
    data = write_request(CertificateRequest(key=key, node_address=ADDRESS))
    with UnitOfWork(groups.engine) as work:
        group = registry.get(work.session, GroupKind.VPN, "lab")
        (own,) = [each for each in group.memberships if each.user.name == name]
        secret = memberships.secret_of(groups.vault, own)
        number = certificates.submit(work.session, groups.vault, Claim(name, "lab", secret), data)
        work.commit()
    return number


def fetched(groups, number):
    with reading(groups.engine) as work:
        return certificates.check(work.session, "lab", number)


def waiting(browser):
    return re.findall(r'name="certificate" value="(\d+)"', browser.get("/groups/lab").text)


def test_an_admin_signs_one_and_denies_another(lab):
    ann, first = lab.as_("ann"), submit(lab, "bob")
    second = submit(lab, "bob")
    one, two = waiting(ann)
    assert waiting(lab.as_("bob")) == []
    path = "/groups/lab/certificates"
    assert done(ann.post(path, data={"certificate": one, "step": "accept"})) == "1 signed."
    assert done(ann.post(path, data={"certificate": [one, two], "step": "deny"})) == (
        "1 denied. 1 waited no more: somebody else has decided."
    )
    assert fetched(lab, first)
    with pytest.raises(ServiceFault, match=DENIED):
        fetched(lab, second)
    assert "tick at least one" in alert(ann.post(path, data={"step": "accept"}))
    log = ann.get("/groups/lab/log").text
    assert "approve certificate <b>bob</b>" in log
    assert "deny certificate <b>bob</b>" in log


def test_what_a_revoked_members_machine_asked_waits_no_more(lab):
    submit(lab, "bob")
    ann = lab.as_("ann")
    assert len(waiting(ann)) == 1
    ann.post("/groups/lab/members", data={"user": "bob", "step": "revoke", "sure": "yes"})
    assert waiting(ann) == []
