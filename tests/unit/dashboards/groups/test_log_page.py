"""Logs of groups as pages: what an edit changed, and for managers what was done in groups that are gone."""

import re
from html import unescape

from p2ppool.store.models import Role
from tests.lab.past.groups import SECURE
from tests.lab.web.group_pages import FORM

EVIL = '"><img src=x onerror=alert(1)>{{7*7}}'


def lines(answer):
    """Who did what, the latest first."""
    return re.findall(r"<span><b>([^<]*)</b> ([a-z ]+?)(?= ?<|\n)", answer.text)


def changes(answer):
    found = re.search(r'class="group-changes quiet">(.*?)</ul>', answer.text, re.DOTALL)
    return [unescape(each) for each in re.findall(r"<li>([^<]*)</li>", found[1])] if found else []


def test_an_edit_says_what_it_changed_and_stays_text(groups):
    groups.vpn(terms="one")
    ann = groups.as_("ann")
    ann.post("/groups/lab/edit", data={"description": EVIL, "terms": "two"})
    log = ann.get("/groups/lab/log")
    assert changes(log) == [f"description: nothing → {EVIL}", "terms version: 1 → 2"]
    assert "<img src=x" not in log.text
    sent = {key: value for key, value in FORM.items() if key not in {"name", "description", "terms"}}
    assert ann.post("/groups/lab/network", data=sent | {"netmask": "255.255.255.0"}).status_code == 302
    assert "netmask: 255.0.0.0 → 255.255.255.0" in changes(ann.get("/groups/lab/log"))


def test_a_new_secret_is_in_the_log(groups):
    groups.vpn(network=SECURE)
    groups.member("bob")
    assert groups.as_("bob").post("/groups/lab/secret").status_code == 200
    assert lines(groups.as_("ann").get("/groups/lab/log"))[0] == ("bob", "renew secret")


def test_a_manager_reads_the_log_of_a_group_that_is_gone(groups):
    groups.vpn()
    groups.appliance()
    ann, boss = groups.as_("ann"), groups.as_("mia", Role.MANAGER)
    assert "Deleted groups" not in boss.get("/groups").text
    ann.post("/groups/lab/delete", data={"sure": "yes"})
    log = boss.get("/groups/lab/log")
    assert (log.status_code, lines(log)) == (200, [("ann", "delete"), ("ann", "create")])
    assert "deleted" in log.text
    assert 'href="/groups/lab"' not in log.text
    grid = boss.get("/appliances/grid/log")
    assert (lines(grid)[0], "with lab" in grid.text) == (("ann", "delete"), True)
    assert 'href="/groups/lab/log?gone=yes">Log of lab<' in boss.get("/groups").text
    assert 'href="/appliances/grid/log?gone=yes"' in boss.get("/appliances").text
    assert ann.get("/groups/lab/log").status_code == boss.get("/groups/never/log").status_code == 404
    assert "Deleted groups" not in ann.get("/groups").text


def test_admins_of_a_new_group_do_not_read_the_log_of_the_one_that_had_its_name(groups):
    groups.vpn(admin="ann")
    groups.as_("ann").post("/groups/lab/delete", data={"sure": "yes"})
    groups.vpn(admin="oda")
    for path in ("/groups/lab/log", "/groups/lab/log?gone=yes"):
        log = groups.as_("oda").get(path)
        assert (lines(log), "ann" in log.text, "before" in log.text) == ([("oda", "create")], False, False)
    boss = groups.as_("mia", Role.MANAGER)
    assert lines(boss.get("/groups/lab/log")) == [("oda", "create")]
    assert 'href="/groups/lab/log?gone=yes"' in boss.get("/groups/lab/log").text
    assert lines(boss.get("/groups/lab/log?gone=yes")) == [("ann", "delete"), ("ann", "create")]


def test_a_name_with_signs_leads_to_its_log(groups):
    groups.vpn("my lab@home")
    groups.as_("ann").post("/groups/my%20lab%40home/delete", data={"sure": "yes"})
    boss = groups.as_("mia", Role.MANAGER)
    (path,) = re.findall(r'href="(/groups/[^"]+/log\?gone=yes)"', boss.get("/groups").text)
    assert lines(boss.get(path))[0] == ("ann", "delete")
