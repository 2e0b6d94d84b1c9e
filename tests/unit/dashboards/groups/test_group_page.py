"""What users do in groups by their pages: join, decide, leave."""

import re

from p2ppool.groups.definition import registry
from p2ppool.groups.membership.rules import Step
from p2ppool.store.models import GroupKind, MemberState, Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.web.group_pages import alert, done, hidden_fields, request_ids

EVIL = '"><img src=x onerror=alert(1)>{{7*7}}'


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
    assert "accept the terms of service of lab first" in alert(
        oda.post("/groups/lab/join", data={"terms": "1"})
    )
    edited = groups.as_("ann").post("/groups/lab/edit", data={"description": "d", "terms": "new"})
    assert edited.status_code == 302
    answer = oda.post("/groups/lab/join", data={"terms": "1", "accepted": "yes"})
    assert (answer.status_code, "have changed" in alert(answer)) == (400, True)
    assert oda.post("/groups/lab/join", data={"terms": "2", "accepted": "yes"}).status_code == 302
    assert groups.state("oda") is MemberState.REQUESTED
    assert accepted(groups.as_("ann").get("/groups/lab")) == ["2", "1", "1"]  # the request, her own


def test_a_detailed_group_is_told_and_shows_it_to_its_admins_alone(groups):
    groups.vpn(detailed=True)
    told = {"organization": "ACME", "unit": EVIL, "country": "FR", "phone": "+33 1"}
    oda = groups.as_("oda")
    missing = told | {"phone": ""}
    answer = oda.post("/groups/lab/join", data={"terms": "1"} | missing)
    assert "Phone is needed" in alert(answer)
    assert 'value="ACME"' in answer.text
    oda.post("/groups/lab/join", data={"terms": "1"} | told)
    ann = groups.as_("ann")
    for path in ("/groups/lab", "/requests"):
        assert "Organization: ACME" in ann.get(path).text
    asked = request_ids(ann, "/groups/lab")
    ann.post("/groups/lab/requests", data={"request": asked, "step": "accept"})
    assert "Organization: ACME" in ann.get("/groups/lab").text
    assert "ACME" not in oda.get("/groups/lab").text


def test_many_are_decided_at_once_and_what_others_decided_is_told(groups):
    groups.vpn()
    numbers = [groups.join(name) for name in ("bob", "cyd", "dan", "eve")]
    ann = groups.as_("ann")
    assert sorted(request_ids(ann, "/groups/lab")) == sorted(map(str, numbers))
    groups.as_("dan").post("/groups/lab/leave")
    answer = ann.post("/groups/lab/requests", data={"request": numbers[:3], "step": "accept"})
    assert answer.status_code == 200
    assert done(answer) == (
        "bob is now a member. cyd is now a member. "
        "1 no longer open: somebody else has decided, or the request was withdrawn."
    )
    again = ann.post("/groups/lab/requests", data={"request": numbers[:2], "step": "deny"})
    assert done(again).startswith("2 no longer open")
    assert groups.state("bob") is MemberState.MEMBER
    assert "select at least one" in alert(ann.post("/groups/lab/requests", data={"step": "accept"}))
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
    assert done(answer).startswith("bob is now a member. 1 no longer open")
    assert groups.state("bob", "hers") is MemberState.REQUESTED
    boss = groups.as_("mia", Role.MANAGER)
    assert request_ids(boss, "/requests") == [str(other)]
    assert done(boss.post("/requests", data={"request": other, "step": "deny"})) == "bob was denied."
    assert groups.state("bob", "hers") is MemberState.DENIED
    assert "No open requests" in boss.get("/requests").text


def test_members_become_admins_and_back_and_are_revoked_for_good(groups):
    groups.vpn()
    groups.member("bob")
    ann = groups.as_("ann")

    def step(name, user="bob"):
        return ann.post("/groups/lab/members", data={"user": user, "step": name, "sure": "yes"})

    assert done(step("promote")) == "bob is now an admin."
    assert done(step("demote")) == "bob is no longer an admin."
    assert "bob is no admin" in alert(step("demote"))
    assert "ann is the only admin" in alert(step("demote", "ann"))
    groups.as_("eve")
    for name in ("eve", "noone"):  # who is a user, and who is not, an admin does not hear
        assert alert(step("revoke", name)) == f"nobody named '{name}' ever asked to join lab"
    assert "confirm that bob" in alert(
        ann.post("/groups/lab/members", data={"user": "bob", "step": "revoke"})
    )
    assert done(step("revoke")) == "bob was revoked."
    bob = groups.as_("bob")
    assert "permanently" in bob.get("/groups/lab").text
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
    assert done(boss.post("/groups/lab/delete", data={"sure": "yes"})) == "lab was deleted."
    assert groups.group() is None


def test_the_last_admin_is_warned_before_the_group_goes_with_them(groups):
    groups.vpn()
    groups.appliance()
    groups.member("bob")
    ann = groups.as_("ann")
    assert "If you leave, GroupAppliance grid, GroupVPN lab are deleted" in ann.get("/groups/lab").text
    assert "this deletes GroupAppliance grid, GroupVPN lab" in alert(ann.post("/groups/lab/leave"))
    assert "this deletes" in alert(ann.post("/groups/lab/leave", data={"agreed": "GroupVPN lab"}))
    assert groups.group() is not None
    assert done(groups.as_("bob").post("/groups/lab/leave")) == "You have left lab."
    confirmed = {"agreed": "GroupAppliance grid,GroupVPN lab"}
    assert "deleted" in done(ann.post("/groups/lab/leave", data=confirmed))
    assert (groups.group(), groups.group("grid", GroupKind.APPLIANCE)) == (None, None)
    assert ann.get("/groups/lab").status_code == 404


def test_what_falls_with_a_revocation_is_named_and_agreed_to(groups):
    groups.vpn()
    groups.member("bob")
    groups.appliance(admin="bob")
    ann = groups.as_("ann")
    asked = ann.post("/groups/lab/members", data={"user": "bob", "step": "revoke", "sure": "yes"})
    assert asked.status_code == 409
    assert "Revoke bob? That deletes GroupAppliance grid for all members" in asked.text
    assert groups.group("grid", GroupKind.APPLIANCE)
    confirmed = hidden_fields(asked, "asked-back")
    assert confirmed | {"csrf_token": ""} == {
        "user": "bob",
        "step": "revoke",
        "sure": "yes",
        "agreed": "GroupAppliance grid",
        "csrf_token": "",
    }
    assert done(ann.post("/groups/lab/members", data=confirmed)) == "bob was revoked."
    assert groups.group("grid", GroupKind.APPLIANCE) is None


def test_who_has_left_can_still_be_revoked(groups):
    groups.vpn()
    groups.member("bob")
    assert done(groups.as_("bob").post("/groups/lab/leave")) == "You have left lab."
    ann = groups.as_("ann")
    assert "1 who left or were denied" in ann.get("/groups/lab").text
    step = {"user": "bob", "step": "revoke", "sure": "yes"}
    assert done(ann.post("/groups/lab/members", data=step)) == "bob was revoked."
    assert "who left" not in ann.get("/groups/lab").text
    assert "which is final" in alert(groups.as_("bob").post("/groups/lab/join", data={"terms": "1"}))


def test_deleting_is_confirmed_and_a_new_group_of_that_name_has_no_past(groups):
    groups.vpn(description="gone soon")
    ann = groups.as_("ann")
    assert "confirm that lab" in alert(ann.post("/groups/lab/delete"))
    ann.post("/groups/lab/delete", data={"sure": "yes"})
    groups.vpn(admin="oda")
    log = groups.as_("oda").get("/groups/lab/log").text
    assert "<b>oda</b> create" in log
    assert "ann" not in log


def test_revoking_two_at_once_is_no_crash(groups):
    groups.vpn()
    groups.member("bob")
    groups.join("zoe", Step.ACCEPT, Step.PROMOTE)
    ann, zoe, form = groups.as_("ann"), groups.as_("zoe"), {"user": "bob", "step": "revoke", "sure": "yes"}
    assert done(ann.post("/groups/lab/members", data=form)) == "bob was revoked."
    assert (
        alert(zoe.post("/groups/lab/members", data=form)) == "revoke: bob was revoked already, or never asked"
    )
    with UnitOfWork(groups.engine) as work:
        work.session.delete(registry.find(work.session, GroupKind.VPN, "lab"))
        work.commit()
    assert zoe.post("/groups/lab/members", data=form).status_code == 404


def accepted(answer):
    """Versions of terms that the page of the group lab says were accepted, each as a link to its text."""
    return re.findall(r'accepted terms <a href="/groups/lab/terms/(\d+)">version \1</a>', answer.text)
