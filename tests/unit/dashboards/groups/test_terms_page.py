"""Versions of terms of service as pages: what somebody has accepted can be read."""

import re

from p2ppool.store.models import GroupTerms, Role
from p2ppool.store.unit_of_work import UnitOfWork

EVIL = '"><img src=x onerror=alert(1)>{{7*7}}'


def text_of(answer):
    found = re.search(r'class="group-terms group-terms-whole">(.*?)</div>', answer.text, re.DOTALL)
    return found[1] if found else None


def edited(groups, terms, path="/groups/lab"):
    assert groups.as_("ann").post(f"{path}/edit", data={"terms": terms}).status_code == 302


def test_a_member_reads_what_they_accepted_and_what_counts_now(groups):
    groups.vpn(terms="be kind")
    groups.member("bob")
    edited(groups, "be kinder")
    bob = groups.as_("bob")
    assert "You have accepted terms <a" in bob.get("/groups/lab").text
    old, new = bob.get("/groups/lab/terms/1"), bob.get("/groups/lab/terms/2")
    assert (old.status_code, text_of(old), text_of(new)) == (200, "be kind", "be kinder")
    assert ("You have accepted this version" in old.text, "in force" in old.text) == (True, False)
    assert ("You have accepted this version" in new.text, "in force" in new.text) == (False, True)
    assert 'href="/groups/lab/terms/1"' in new.text


def test_members_do_not_see_what_others_accepted(groups):
    groups.vpn(terms="be kind")
    for name in ("bob", "cyd"):
        groups.member(name)
    found = re.findall(r"accepted terms", groups.as_("bob").get("/groups/lab").text)
    assert len(found) == 1


def test_earlier_versions_stand_by_the_form(groups):
    groups.vpn(terms="one")
    assert "Earlier versions" not in groups.as_("ann").get("/groups/lab/edit").text
    edited(groups, "two")
    edited(groups, "three")
    page = groups.as_("ann").get("/groups/lab/edit").text
    assert re.findall(r'href="/groups/lab/terms/(\d)"', page) == ["1", "2"]


def test_who_has_asked_reads_them_who_was_denied_does_not(groups):
    groups.vpn(terms="be kind")
    number = groups.join("bob")
    bob = groups.as_("bob")
    assert text_of(bob.get("/groups/lab/terms/1")) == "be kind"
    groups.as_("ann").post("/groups/lab/requests", data={"request": number, "step": "deny"})
    assert bob.get("/groups/lab/terms/1").status_code == 403


def test_an_appliances_terms_are_its_own(groups):
    groups.vpn(terms="of lab")
    groups.appliance("lab")
    edited(groups, "of the grid", "/appliances/lab")
    ann = groups.as_("ann")
    assert text_of(ann.get("/appliances/lab/terms/2")) == "of the grid"
    assert "No terms of service" in text_of(ann.get("/appliances/lab/terms/1"))
    assert ann.get("/groups/lab/terms/2").status_code == 404


def test_what_is_not_there_is_a_page_that_says_so(groups):
    groups.vpn(terms="one")
    edited(groups, "two")
    with UnitOfWork(groups.engine) as work:  # as a group has it that was edited before texts were kept
        group = groups.group()
        work.session.delete(work.session.get(GroupTerms, (group.id, 1)))
        work.commit()
    boss = groups.as_("mia", Role.MANAGER)
    for version, words in ((1, "its text is not available"), (3, "no version 3"), (0, "no version 0")):
        answer = boss.get(f"/groups/lab/terms/{version}")
        assert (answer.status_code, words in answer.text, text_of(answer)) == (404, True, None)
    for none in ("-1", "9" * 30):
        assert boss.get(f"/groups/lab/terms/{none}").status_code == 404


def test_terms_stay_text(groups):
    groups.vpn(terms=EVIL)
    assert "<img src=x" not in groups.as_("ann").get("/groups/lab/terms/1").text
    assert "{{7*7}}" in groups.as_("ann").get("/groups/lab/terms/1").text
