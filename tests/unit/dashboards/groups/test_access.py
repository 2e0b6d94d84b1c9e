"""Every page of groups, tried by whoever may be there."""

import pytest

from dashboards.groups.group_context import GroupRole
from p2ppool.accounts import users
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.store.models import GroupKind, MemberState, Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.unit.dashboards.groups.access_table import GROUP_ROUTES
from tests.unit.dashboards.web.test_access import everything_in, was_refused

WHO = {
    "anonymous": set(),
    "oda": {GroupRole.ANYBODY},
    "bea": {GroupRole.ANYBODY, GroupRole.APPLICANT},
    "max": {GroupRole.ANYBODY, GroupRole.APPLICANT, GroupRole.MEMBER},
    "ann": {GroupRole.ANYBODY, GroupRole.APPLICANT, GroupRole.MEMBER, GroupRole.ADMIN},
    "mia": {GroupRole.ANYBODY, GroupRole.APPLICANT, GroupRole.ADMIN},  # a manager, who is in no group
}


def test_every_route_has_its_row(app):
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.split("/")[1] in {"groups", "appliances", "requests"}
    }
    assert routes == set(GROUP_ROUTES)


@pytest.mark.parametrize("who", WHO)
def test_who_gets_an_answer(app, groups, who):
    groups.as_("mia", Role.MANAGER)
    groups.vpn("lab")
    groups.appliance("lab")
    groups.member("max")
    groups.member("max", kind=GroupKind.APPLIANCE)
    _bea_asks(groups)
    browser = app.test_client() if who == "anonymous" else groups.as_(who)
    wrong = []
    for route, part in GROUP_ROUTES.items():
        method, rule = route.split()
        answer = browser.open(_path(rule, "lab"), method=method)
        if was_refused(answer) is (part in WHO[who]) or answer.status_code in {404, 500}:
            wrong.append((route, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("route", [route for route in GROUP_ROUTES if "<name>" in route])
def test_a_group_that_is_gone_is_a_page_that_says_so(groups, route):
    method, rule = route.split()
    answer = groups.as_("oda").open(_path(rule, "gone"), method=method)
    assert (answer.status_code, "There is no such group" in answer.text) == (404, True)


def test_nothing_is_done_for_another_sites_page(groups):
    groups.vpn()
    browser = groups.as_("ann")
    for route in GROUP_ROUTES:
        method, rule = route.split()
        if method == "POST":
            data = {"sure": "yes", "name": "x"}
            answer = browser.post(_path(rule, "lab"), data=data, forged=True)
            assert (route, answer.status_code) == (route, 400)
            assert "not from this site" in answer.text
    assert groups.group() is not None


def test_to_ask_for_the_head_alone_reads_as_get_does(groups):
    groups.vpn("lab")
    groups.appliance("lab")
    browser = groups.as_("ann")
    paths = sorted({route.split()[1].replace("<name>", "lab") for route in GROUP_ROUTES})
    answers = {path: browser.get(path) for path in paths}  # first, as downloads are recorded
    before, wrong = everything_in(groups.engine), []
    for path, read in answers.items():
        head = browser.head(path)
        form = browser.head(path, data={"sure": "yes", "name": "x"})
        if (head.status_code, form.status_code) != (read.status_code, 400):
            wrong.append((path, read.status_code, head.status_code, form.status_code))
    assert wrong == []
    assert everything_in(groups.engine) == before


def test_whoever_signs_in_first_comes_to_the_group_with_a_space_in_its_name(app):
    answer = app.test_client().get("/groups/a%20b@c?page=2", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "/sign-in?next=%2Fgroups%2Fa%2520b%40c%3Fpage%3D2"


def _bea_asks(groups):
    """A member of the GroupVPN asks to join the appliance, and then the GroupVPN anew."""
    groups.member("bea")
    groups.join("bea", kind=GroupKind.APPLIANCE)
    with UnitOfWork(groups.engine) as work:
        group = registry.get(work.session, GroupKind.VPN, "lab")
        found = memberships.of(work.session, group, users.get(work.session, "bea"))
        found.state = MemberState.REQUESTED
        work.commit()


def _path(rule, name):
    return rule.replace("<name>", name).replace("<int:version>", "1")
