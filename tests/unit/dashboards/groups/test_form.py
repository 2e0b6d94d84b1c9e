"""The forms of groups: what is typed is checked, kept, shown again, and stays text."""

import re
from dataclasses import replace

import pytest

from p2ppool.groupvpn.certificate import Digest
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.store.models import GroupKind, MemberState
from tests.lab.past.groups import OPEN
from tests.lab.past.history import a_bare_pool
from tests.lab.web.group_pages import FORM, alert

EVIL = '"><img src=x onerror=alert(1)>{{7*7}}'
PATH = "/groups/my%20lab%40home.org"


def test_a_group_is_made_and_its_name_finds_it(groups):
    ann = groups.as_("ann")
    answer = ann.post("/groups/new", data=FORM)
    assert (answer.status_code, answer.headers["Location"]) == (302, PATH)
    assert "<h1>my lab@home.org" in ann.get(PATH).text
    group = groups.group("my lab@home.org")
    assert (group.description, group.terms) == ("first line\nsecond", "be kind\nto all")
    assert group.network.addresses == FORM["meeting"].split()
    assert (group.network.secure, group.network.approval, group.network.digest) == (False, False, "sha256")
    assert groups.state("ann", "my lab@home.org") is MemberState.ADMIN


def test_a_pool_carries_a_group(groups, engine):
    a_bare_pool(engine)
    ann = groups.as_("ann")
    assert "<option>demo</option>" in ann.get("/groups/new").text
    more = {"carrier": "pool", "pool": "demo", "secure": "yes", "approval": "yes", "digest": "sha1"}
    assert ann.post("/groups/new", data=FORM | more).status_code == 302
    network = groups.group("my lab@home.org").network
    assert (network.pool.name, network.addresses) == ("demo", [])
    assert (network.secure, network.approval, network.digest) == (True, True, "sha1")
    assert network.authority
    assert "SHA-1" in ann.get(PATH).text


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "a name is needed"),
        ({"name": "new"}, "would lead to another page"),
        ({"name": ".."}, "would lead to another page"),
        ({"name": "a/b"}, "has characters"),
        ({"netmask": "255.0.255.0"}, "netmask: 255.0.255.0 is not a netmask"),
        ({"ip_base": "10.128.7.0"}, "it begins at 10.128.0.0"),
        ({"ip_base": "ten"}, "is not an IPv4 address"),
        ({"meeting": ""}, "transport addresses are needed"),
        ({"meeting": "brunet.udp://host"}, "not a transport address"),
        ({"carrier": "pool", "pool": "none"}, "none"),
        ({"digest": "md5"}, "the digest is sha1 or sha256"),
        ({"description": "x" * 20_001}, "description: up to"),
    ],
)
def test_what_can_t_be_used_is_said_and_what_was_typed_stays(groups, wrong, why):
    answer = groups.as_("ann").post("/groups/new", data=FORM | {"namespace": "kept.here"} | wrong)
    assert answer.status_code == 400
    assert why in alert(answer)
    assert 'value="kept.here"' in answer.text


def test_a_name_that_is_taken_is_told(groups):
    groups.vpn("lab")
    answer = groups.as_("oda").post("/groups/new", data=FORM | {"name": "lab", "ip_namespace": "my"})
    assert "a group named 'lab' exists already" in alert(answer)


def test_addresses_of_another_group_have_to_be_agreed_to(groups):
    groups.vpn("lab")
    ann, form = groups.as_("ann"), FORM | {"ip_base": "5.0.0.0", "netmask": "255.0.0.0"}
    answer = ann.post("/groups/new", data=form)
    assert (answer.status_code, "overlap with <b>lab</b>" in answer.text) == (409, True)
    groups.vpn("other", network=replace(OPEN))
    assert ann.post("/groups/new", data=form | {"overlaps": "lab"}).status_code == 409  # it was another one
    assert ann.post("/groups/new", data=form | {"overlaps": "lab,other"}).status_code == 302


def test_saving_without_a_change_keeps_the_version_of_the_terms(groups):
    groups.vpn(terms="one\ntwo")
    groups.as_("ann").post("/groups/lab/edit", data={"terms": "one\r\ntwo", "detailed": "yes"})
    assert (groups.group().terms_version, groups.group().detailed) == (1, True)


def test_the_network_is_edited_and_a_secured_one_stays_so(groups):
    groups.vpn("lab")
    ann = groups.as_("ann")
    form = FORM | {"secure": "yes", "digest": "sha256"}
    assert "brunet.udp://10.0.0.1:15000" in ann.get("/groups/lab/edit").text
    assert ann.post("/groups/lab/network", data=form).status_code == 302
    network = groups.group().network
    assert (network.ip_base, network.secure, network.digest) == ("10.128.0.0", True, Digest.SHA256)
    answer = ann.post("/groups/lab/network", data=FORM | {"ip_base": "10.0.0.0"})
    assert "lab is secured" in alert(answer)
    assert 'value="10.0.0.0"' in answer.text
    groups.vpn("other", network=replace(OPEN, addresses=VirtualNetwork("other_ipop")))
    overlap = form | {"ip_base": "5.0.0.0", "netmask": "255.0.0.0"}
    assert ann.post("/groups/lab/network", data=overlap).status_code == 409
    assert ann.post("/groups/lab/network", data=overlap | {"overlaps": "other"}).status_code == 302
    # What was agreed to once is not asked again with each change of something else.
    assert ann.post("/groups/lab/network", data=overlap | {"approval": "yes"}).status_code == 302


def test_an_appliance_is_for_members_of_its_vpn(groups):
    groups.vpn("lab", terms="be kind")
    oda = groups.as_("oda")
    assert "Join a GroupVPN first" in oda.get("/appliances/new").text
    refused = oda.post("/appliances/new", data={"name": "grid", "vpn": "lab"})
    assert "only members of the group lab" in alert(refused)
    ann = groups.as_("ann")
    assert "<option selected>lab</option>" in ann.get("/appliances/new?vpn=lab").text
    answer = ann.post("/appliances/new", data={"name": "grid", "vpn": "lab"})
    assert answer.headers["Location"] == "/appliances/grid"
    page = oda.get("/appliances/grid").text
    assert "join that one first" in page
    assert 'href="/appliances/grid/join"' not in page
    assert "only members" in alert(oda.post("/appliances/grid/join", data={"terms": "1"}))
    groups.member("oda")
    assert oda.post("/appliances/grid/join", data={"terms": "1"}).status_code == 302
    assert "on top of" in ann.get("/appliances").text
    assert ann.get("/appliances/grid/config.zip").status_code == 404


@pytest.mark.parametrize("kind", GroupKind)
def test_what_users_write_stays_text(groups, kind):
    groups.vpn("lab", description=EVIL, terms=EVIL, detailed=True)
    root, name = ("/groups", "lab") if kind is GroupKind.VPN else ("/appliances", "grid")
    ann = groups.as_("ann")
    if kind is GroupKind.APPLIANCE:
        ann.post("/appliances/new", data={"name": "grid", "vpn": "lab", "description": EVIL, "terms": EVIL})
    told = dict.fromkeys(("organization", "unit", "country", "phone"), EVIL)
    groups.as_("oda").post("/groups/lab/join", data={"terms": "1", "accepted": "yes"} | told)
    pages = [
        ann.get(path)
        for path in (
            *(root, f"{root}/new?vpn={EVIL}", f"{root}/{name}", f"{root}/{name}/edit", f"{root}/{name}/join"),
            *(f"{root}/{name}/log", "/requests", f"{root}?search={EVIL}", f"{root}/{EVIL}"),
        )
    ]
    evil = dict.fromkeys([*FORM, "vpn", "pool", "digest", "overlaps"], EVIL)
    leaves = ("new", f"{name}/edit", f"{name}/network", f"{name}/join", f"{name}/members")
    pages += [ann.post(f"{root}/{leaf}", data=evil | {"step": EVIL, "user": EVIL}) for leaf in leaves]
    for page in pages:
        assert page.status_code < 500
        assert "<img src=x" not in page.text
        assert ">49" not in page.text


def test_keys_are_not_made_without_end(groups):
    groups.vpn()
    ann = groups.as_("ann")
    headers = {"X-XSRF-Token": ann.token()}
    codes = [ann.post("/groups/lab/network", data={}, headers=headers).status_code for _ in range(11)]
    assert codes == [400] * 10 + [429]


def test_a_list_shows_the_beginning_of_a_long_description(groups):
    groups.vpn(description="many words " * 1500 + "the end")
    ann = groups.as_("ann")
    found = re.search(r'<p class="group-description">([^<]*)</p>', ann.get("/groups").text)[1]
    assert 290 < len(found) <= 300
    assert found.endswith(("many…", "words…"))
    assert "the end" in ann.get("/groups/lab").text
    assert "lab" in ann.get("/groups?search=the+end").text
