"""The pages of groups: made, joined, decided about, left."""

import re
from dataclasses import replace

import pytest

from p2ppool.groups import registry
from p2ppool.groups.rules import Step
from p2ppool.groupvpn.certificate import Digest
from p2ppool.store.models import GroupKind, MemberState, Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.groups import OPEN
from tests.lab.history import a_bare_pool

EVIL = '"><img src=x onerror=alert(1)>{{7*7}}'
FORM = {
    "name": "my lab@home.org",
    "description": "first line\r\nsecond",
    "terms": "be kind\r\nto all",
    "carrier": "own",
    "namespace": "lab",
    "meeting": "brunet.udp://192.0.2.1:15000\r\nbrunet.tcp://192.0.2.2:15001",
    "ip_namespace": "lab_ipop",
    "ip_base": "10.128.0.0",
    "netmask": "255.255.0.0",
}
PATH = "/groups/my%20lab%40home.org"


def alert(answer):
    """What the page says went wrong."""
    found = re.search(r'class="form-problem" role="alert">([^<]*)<', answer.text)
    return found[1] if found else ""


def done(answer):
    """What the page says was done."""
    found = re.search(r'class="form-done" role="status">([^<]*)<', answer.text)
    return found[1] if found else ""


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
        ({"netmask": "255.0.255.0"}, "netmask: 255.0.255.0 is none"),
        ({"ip_base": "10.128.7.0"}, "it begins at 10.128.0.0"),
        ({"ip_base": "ten"}, "is no IPv4 address"),
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
    answer = groups.as_("oda").post("/groups/new", data=FORM | {"name": "lab"})
    assert "there is a group named &#39;lab&#39; already" in alert(answer)


def test_addresses_of_another_group_have_to_be_agreed_to(groups):
    groups.vpn("lab")
    ann, form = groups.as_("ann"), FORM | {"ip_base": "5.0.0.0", "netmask": "255.0.0.0"}
    answer = ann.post("/groups/new", data=form)
    assert (answer.status_code, "those of <b>lab</b>" in answer.text) == (409, True)
    groups.vpn("other", network=replace(OPEN))
    assert ann.post("/groups/new", data=form | {"overlaps": "lab"}).status_code == 409  # it was another one
    assert ann.post("/groups/new", data=form | {"overlaps": "lab,other"}).status_code == 302


def test_the_list_begins_with_ones_own_and_finds(groups):
    for name in ("a", "b", "c"):
        groups.vpn(name, admin="zoe", description=f"100% of {name}")
    groups.member("oda", name="c", admin="zoe")
    oda = groups.as_("oda")

    def names(path):
        return re.findall(r'<h2><a href="[^"]+">([^<]+)</a>', oda.get(path).text)

    assert names("/groups") == ["c", "a", "b"]
    assert names("/groups?search=OF+B") == ["b"]
    assert names("/groups?search=0%25+of+b") == ["b"]
    assert names("/groups?search=%25%25") == names("/groups?search=0_") == []
    assert names("/groups?page=2") == names("/groups?search=nothing") == []
    assert names("/groups?page=x") == ["c", "a", "b"]


def test_terms_are_accepted_in_the_version_that_was_read(groups):
    groups.vpn(terms="old")
    oda = groups.as_("oda")
    assert "version 1" in oda.get("/groups/lab/join").text
    assert "have to be accepted" in alert(oda.post("/groups/lab/join", data={"terms": "1"}))
    edited = groups.as_("ann").post("/groups/lab/edit", data={"description": "d", "terms": "new"})
    assert edited.status_code == 302
    answer = oda.post("/groups/lab/join", data={"terms": "1", "accepted": "yes"})
    assert (answer.status_code, "have changed" in alert(answer)) == (400, True)
    assert oda.post("/groups/lab/join", data={"terms": "2", "accepted": "yes"}).status_code == 302
    assert groups.state("oda") is MemberState.REQUESTED
    assert "accepted terms version 2" in groups.as_("ann").get("/groups/lab").text


def test_saving_without_a_change_keeps_the_version_of_the_terms(groups):
    groups.vpn(terms="one\ntwo")
    groups.as_("ann").post("/groups/lab/edit", data={"terms": "one\r\ntwo", "detailed": "yes"})
    assert (groups.group().terms_version, groups.group().detailed) == (1, True)


def test_a_detailed_group_is_told_and_shows_it_to_its_admins_alone(groups):
    groups.vpn(detailed=True)
    groups.member_details = {"organization": "ACME", "unit": EVIL, "country": "FR", "phone": "+33 1"}
    oda = groups.as_("oda")
    missing = groups.member_details | {"phone": ""}
    answer = oda.post("/groups/lab/join", data={"terms": "1"} | missing)
    assert "Phone is needed" in alert(answer)
    assert 'value="ACME"' in answer.text
    oda.post("/groups/lab/join", data={"terms": "1"} | groups.member_details)
    ann = groups.as_("ann")
    for path in ("/groups/lab", "/requests"):
        assert "Organization: ACME" in ann.get(path).text
    groups_ids = request_ids(ann, "/groups/lab")
    ann.post("/groups/lab/requests", data={"request": groups_ids, "step": "accept"})
    assert "Organization: ACME" in ann.get("/groups/lab").text
    assert "ACME" not in oda.get("/groups/lab").text


def request_ids(browser, path):
    return re.findall(r'name="request" value="(\d+)"', browser.get(path).text)


def test_many_are_decided_at_once_and_what_others_decided_is_told(groups):
    groups.vpn()
    numbers = [groups.join(name) for name in ("bob", "cyd", "dan", "eve")]
    ann = groups.as_("ann")
    assert sorted(request_ids(ann, "/groups/lab")) == sorted(map(str, numbers))
    groups.as_("dan").post("/groups/lab/leave")
    answer = ann.post("/groups/lab/requests", data={"request": numbers[:3], "step": "accept"})
    assert answer.status_code == 200
    assert done(answer) == (
        "bob is a member now. cyd is a member now. "
        "1 asked no more: somebody else has decided, or the request was taken back."
    )
    again = ann.post("/groups/lab/requests", data={"request": numbers[:2], "step": "deny"})
    assert done(again).startswith("2 asked no more")
    assert groups.state("bob") is MemberState.MEMBER
    assert "tick at least one" in alert(ann.post("/groups/lab/requests", data={"step": "accept"}))
    assert "choose one of" in alert(
        ann.post("/groups/lab/requests", data={"step": "promote", "request": numbers[3]})
    )


def test_requests_of_all_ones_groups_are_on_one_page(groups):
    groups.vpn("lab")
    groups.vpn("hers", admin="zoe")
    number, other = groups.join("bob"), groups.join("bob", name="hers")
    ann = groups.as_("ann")
    assert request_ids(ann, "/requests") == [str(number)]
    answer = ann.post("/requests", data={"request": [number, other], "step": "accept"})
    assert done(answer).startswith("bob is a member now. 1 asked no more")
    assert groups.state("bob", "hers") is MemberState.REQUESTED
    boss = groups.as_("mia", Role.MANAGER)
    assert request_ids(boss, "/requests") == [str(other)]
    assert done(boss.post("/requests", data={"request": other, "step": "deny"})) == "bob was denied."
    assert groups.state("bob", "hers") is MemberState.DENIED
    assert "Nobody waits" in boss.get("/requests").text


def test_members_become_admins_and_back_and_are_revoked_for_good(groups):
    groups.vpn()
    groups.member("bob")
    ann = groups.as_("ann")

    def step(name, user="bob"):
        return ann.post("/groups/lab/members", data={"user": user, "step": name})

    assert done(step("promote")) == "bob is an admin now."
    assert done(step("demote")) == "bob is no admin any more."
    assert "bob is no admin" in alert(step("demote"))
    assert "ann is the only admin" in alert(step("demote", "ann"))
    assert "there is no user" in alert(step("revoke", "nobody"))
    assert done(step("revoke")) == "bob is revoked."
    bob = groups.as_("bob")
    assert "which is final" in bob.get("/groups/lab").text
    assert "which is final" in alert(bob.post("/groups/lab/join", data={"terms": "1"}))
    assert "Revoked: bob" in ann.get("/groups/lab").text
    log = ann.get("/groups/lab/log").text
    assert [what for what in ("create", "request", "promote", "demote", "revoke") if what not in log] == []


def test_a_manager_does_what_admins_may(groups):
    groups.vpn()
    groups.member("bob")
    boss = groups.as_("mia", Role.MANAGER)
    assert done(boss.post("/groups/lab/members", data={"user": "bob", "step": "promote"}))
    assert boss.post("/groups/lab/edit", data={"description": "by mia"}).status_code == 302
    assert "There is no such group" not in boss.get("/groups/lab").text
    assert done(boss.post("/groups/lab/delete", data={"sure": "yes"})) == "lab is deleted."
    assert groups.group() is None


def test_the_last_admin_is_warned_before_the_group_goes_with_them(groups):
    groups.vpn()
    groups.appliance()
    groups.member("bob")
    ann = groups.as_("ann")
    assert "You are the last admin" in ann.get("/groups/lab").text
    assert "leaving deletes it" in alert(ann.post("/groups/lab/leave"))
    assert groups.group() is not None
    assert done(groups.as_("bob").post("/groups/lab/leave")) == "You have left lab."
    assert "deleted" in done(ann.post("/groups/lab/leave", data={"sure": "yes"}))
    assert (groups.group(), groups.group("grid", GroupKind.APPLIANCE)) == (None, None)
    assert ann.get("/groups/lab").status_code == 404


def test_deleting_is_confirmed_and_a_new_group_of_that_name_has_no_past(groups):
    groups.vpn(description="gone soon")
    ann = groups.as_("ann")
    assert "tick that lab" in alert(ann.post("/groups/lab/delete"))
    ann.post("/groups/lab/delete", data={"sure": "yes"})
    groups.vpn(admin="oda")
    log = groups.as_("oda").get("/groups/lab/log").text
    assert "<b>oda</b> create" in log
    assert "ann" not in log


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
    groups.vpn("other")
    overlap = {"ip_base": "5.0.0.0", "netmask": "255.0.0.0"}
    assert ann.post("/groups/lab/network", data=form | overlap).status_code == 409
    assert ann.post("/groups/lab/network", data=form | overlap | {"overlaps": "other"}).status_code == 302


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


def test_revoking_two_at_once_is_no_crash(groups):
    groups.vpn()
    groups.member("bob")
    groups.join("zoe", Step.ACCEPT, Step.PROMOTE)
    ann, zoe, form = groups.as_("ann"), groups.as_("zoe"), {"user": "bob", "step": "revoke"}
    assert done(ann.post("/groups/lab/members", data=form)) == "bob is revoked."
    assert alert(zoe.post("/groups/lab/members", data=form)) == "revoke: bob is not in the group"
    with UnitOfWork(groups.engine) as work:
        work.session.delete(registry.find(work.session, GroupKind.VPN, "lab"))
        work.commit()
    assert zoe.post("/groups/lab/members", data=form).status_code == 404
