"""Lists of groups and memberships, on each kind of database."""

import pytest

from p2ppool.errors import UserError
from p2ppool.groups import listings
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.store.models import GroupKind, MemberState
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.groups import a_member, a_user, a_vpn, an_appliance, asked


def names(found):
    return [each.group.name for each in found]


def test_ones_own_come_first_with_what_one_is_and_how_many_are_in(session, ann, bob):
    for name in ("Beta", "alpha", "gamma"):
        a_vpn(session, ann, name)
    a_member(session, registry.get(session, GroupKind.VPN, "gamma"), bob, ann)
    asked(session, registry.get(session, GroupKind.VPN, "Beta"), bob)
    found = listings.listed(session, GroupKind.VPN, bob)
    assert [(each.group.name, each.state, each.members, each.waiting) for each in found] == [
        ("Beta", MemberState.REQUESTED, 1, 1),
        ("gamma", MemberState.MEMBER, 2, 0),
        ("alpha", None, 1, 0),
    ]


def test_whom_a_group_denied_has_it_among_the_others(session, ann, bob):
    a_vpn(session, ann, "alpha")
    last = a_vpn(session, ann, "omega")
    memberships.decide(session, Step.DENY, asked(session, last, bob), Actor(ann))
    assert names(listings.listed(session, GroupKind.VPN, bob)) == ["alpha", "omega"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [("LAB", ["lab"]), ("50% off", ["shop"]), ("%", ["shop"]), ("_", ["a_b"]), ("\\", []), ("'", [])],
)
def test_a_search_is_in_letters_of_any_case_and_knows_no_wildcards(session, ann, search, expected):
    a_vpn(session, ann, "lab")
    a_vpn(session, ann, "shop", description="50% OFF")
    a_vpn(session, ann, "a_b")
    assert names(listings.listed(session, GroupKind.VPN, ann, search=search)) == expected


def test_pages_of_a_list_follow_each_other(session, ann, monkeypatch):
    monkeypatch.setattr(listings, "PAGE", 2)
    group = a_vpn(session, ann, "a")
    for name in ("b", "c"):
        a_vpn(session, ann, name)
        a_member(session, group, a_user(session, name), ann)
    assert names(listings.listed(session, GroupKind.VPN, ann)) == ["a", "b", "c"]  # one more: a page follows
    assert names(listings.listed(session, GroupKind.VPN, ann, page=2)) == ["c"]
    assert [each.user.name for each in listings.people(session, group, page=2)] == ["c"]


def test_admins_stand_before_members(session, ann, bob):
    group = a_vpn(session, ann)
    a_member(session, group, bob, ann)
    a_member(session, group, a_user(session, "zoe"), ann, Step.PROMOTE)
    assert [each.user.name for each in listings.people(session, group)] == ["ann", "zoe", "bob"]


def test_requests_are_of_groups_in_which_one_decides(session, ann, bob):
    mine, other = a_vpn(session, ann, "mine"), a_vpn(session, a_user(session, "zoe"), "other")
    first, second = asked(session, mine, bob), asked(session, other, bob)
    assert listings.all_requests(session, ann) == [first]
    assert listings.all_requests(session, bob) == []
    assert listings.all_requests(session, None) == [first, second]
    assert listings.requests(session, other) == [second]


def test_what_rests_on_what(session, ann, bob):
    vpn = a_vpn(session, ann)
    grid = an_appliance(session, ann, vpn)
    asked(session, vpn, bob)
    assert listings.on_top_of(session, vpn) == [grid]
    assert listings.vpns_of(session, ann) == [vpn]
    assert listings.vpns_of(session, bob) == []


def test_a_group_or_an_account_that_went_meanwhile_is_one_line(engine):
    with UnitOfWork(engine) as work:
        group = a_vpn(work.session, a_user(work.session, "ann"))
        asked(work.session, group, a_user(work.session, "bob"))
        work.commit()
    for gone in ("bob", "group"):
        with UnitOfWork(engine) as late:
            group = registry.get(late.session, GroupKind.VPN, "lab")
            ann, *others = group.memberships
            row = group if gone == "group" else others[0].user
            actor, asking = Actor(ann.user), others[0] if others else ann
            late.session.connection().execute(row.__table__.delete().where(row.__table__.c.id == row.id))
            with pytest.raises(UserError, match="deleted meanwhile"):
                memberships.decide(late.session, Step.ACCEPT, asking, actor)
