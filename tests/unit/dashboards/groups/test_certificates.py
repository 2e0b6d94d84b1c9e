"""Certificates that an admin has to allow."""

import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from dashboards.app import create_app
from p2ppool.groups.certificates import requests
from p2ppool.groups.certificates.requests import DENIED, Credentials, ServiceFault
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from p2ppool.settings import Settings
from p2ppool.store.models import GroupKind, Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.groups import SECURE
from tests.lab.web.group_pages import FORM, GroupPages, alert, done
from tests.lab.web.people import PageClient

ADDRESS = "brunet:node:PXYSWDL5SZDHDDXJKZCLFENOP2KZDMBU"


@pytest.fixture
def lab(groups):
    groups.vpn("lab", network=SECURE)
    groups.member("bob")
    groups.as_("ann").post(
        "/groups/lab/network", data=FORM | {"secure": "yes", "approval": "yes", "digest": "sha1"}
    )
    return groups


def submit(groups, name, group="lab"):
    """A machine of that member asks; the number of its request."""
    key = csp_blob.write_public(rsa.generate_private_key(65537, 1024).public_key())
    data = write_request(CertificateRequest(key=key, node_address=ADDRESS))
    with UnitOfWork(groups.engine) as work:
        members = registry.get(work.session, GroupKind.VPN, group).memberships
        (own,) = [each for each in members if each.user.name == name]
        secret = memberships.secret_of(groups.vault, own)
        number = requests.submit(work.session, groups.vault, Credentials(name, group, secret), data).number
        work.commit()
    return number


def fetched(groups, number, group="lab"):
    with reading(groups.engine) as work:
        return requests.check(work.session, group, number)


def waiting(browser, path="/groups/lab"):
    return re.findall(r'name="certificate" value="(\d+)"', browser.get(path).text)


def test_an_admin_signs_one_and_denies_another(lab):
    ann, first = lab.as_("ann"), submit(lab, "bob")
    second = submit(lab, "bob")
    one, two = waiting(ann)
    assert waiting(lab.as_("bob")) == []
    path = "/groups/lab/certificates"
    assert done(ann.post(path, data={"certificate": one, "step": "accept"})) == "1 signed."
    assert done(ann.post(path, data={"certificate": [one, two], "step": "deny"})) == (
        "1 denied. 1 no longer waiting: somebody else has decided."
    )
    assert fetched(lab, first)
    with pytest.raises(ServiceFault, match=DENIED):
        fetched(lab, second)
    assert "select at least one" in alert(ann.post(path, data={"step": "accept"}))
    log = ann.get("/groups/lab/log").text
    assert "approve certificate <b>bob</b>" in log
    assert "deny certificate <b>bob</b>" in log


def test_what_a_revoked_members_machine_asked_waits_no_more(lab):
    submit(lab, "bob")
    ann = lab.as_("ann")
    assert len(waiting(ann)) == 1
    ann.post("/groups/lab/members", data={"user": "bob", "step": "revoke", "sure": "yes"})
    assert waiting(ann) == []


def test_those_of_all_ones_groups_are_on_the_page_of_requests(lab):
    lab.vpn("hers", admin="zoe", network=replace(SECURE, approval=True))
    lab.member("bob", name="hers", admin="zoe")
    number, other = submit(lab, "bob"), submit(lab, "bob", "hers")
    ann, boss, path = lab.as_("ann"), lab.as_("mia", Role.MANAGER), "/requests/certificates"
    page = ann.get("/requests").text
    assert ADDRESS in page
    assert 'in <a href="/groups/lab">lab</a>' in page
    assert "generate a new key" in page
    assert waiting(lab.as_("bob"), "/requests") == []
    (mine,), (_, hers) = waiting(ann, "/requests"), waiting(boss, "/requests")
    answer = ann.post(path, data={"certificate": [mine, hers], "step": "accept"})
    assert done(answer) == "1 signed. 1 no longer waiting: somebody else has decided."
    assert fetched(lab, number)
    assert done(boss.post(path, data={"certificate": hers, "step": "deny"})) == "1 denied."
    with pytest.raises(ServiceFault, match=DENIED):
        fetched(lab, other, "hers")
    assert "select at least one" in alert(boss.post(path, data={"step": "accept"}))
    assert "No open requests" in boss.get("/requests").text


def test_the_list_of_groups_says_how_many_wait(lab):
    ann = lab.as_("ann")
    submit(lab, "bob")
    assert "1 certificate</a> waits for your decision" in ann.get("/groups").text
    submit(lab, "bob")
    lab.join("cyd")
    text = ann.get("/appliances").text
    assert "1 request to join and 2 certificates</a> wait for your decision" in text
    assert (
        '<a class="badge watch" href="/groups/lab#certificates">2 certificates</a>' in ann.get("/groups").text
    )
    assert "certificates</a>" not in lab.as_("bob").get("/groups").text


@pytest.mark.parametrize("public", ["", "http://localhost", "http://[::1]:8050", "https://pools.example.org"])
def test_an_address_at_which_nobody_finds_the_server_is_told(engine, tmp_path, cheap_passwords, public):
    folder = tmp_path / "data"
    app = create_app(engine, Settings(data_folder=folder, public_url=public))
    app.test_client_class = PageClient
    pages = GroupPages(app, engine, folder)
    pages.vpn("lab", network=SECURE)
    pages.vpn("open")
    pages.appliance("grid")
    pages.member("bob")
    is_told = "example" not in public

    def tells(name, path, words="P2PPOOL_PUBLIC_URL"):
        return words in pages.as_(name).get(path).text

    assert tells("ann", "/groups/lab") is tells("ann", "/appliances/grid") is is_told
    assert tells("ann", "/groups/lab", public or "http://127.0.0.1:8050") is is_told
    assert not tells("ann", "/groups/open")
    assert not tells("bob", "/groups/lab")
    assert tells("bob", "/groups/lab", "address is not set") is is_told
