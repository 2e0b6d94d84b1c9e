"""Every version of a group's terms of service is kept, as someone has accepted it."""

from p2ppool.groups.definition import registry, terms
from p2ppool.groups.definition.registry import About
from p2ppool.groups.membership.memberships import Actor
from tests.lab.past.groups import a_vpn, an_appliance, asked


def test_what_a_member_accepted_can_be_read_when_the_terms_have_changed(session, ann, bob):
    group = a_vpn(session, ann, terms="be kind")
    accepted = asked(session, group, bob).terms_version
    registry.edit(session, group, About(terms="be kinder"), Actor(ann))
    registry.edit(session, group, About("a description alone", "be kinder"), Actor(ann))
    registry.edit(session, group, About(), Actor(ann))
    kept = [terms.of(session, group, version) for version in terms.versions(session, group)]
    assert [(each.version, each.text) for each in kept] == [(1, "be kind"), (2, "be kinder"), (3, "")]
    assert terms.of(session, group, accepted).text == "be kind"
    assert group.created_at <= kept[0].since <= kept[1].since <= kept[2].since


def test_a_version_that_never_was_is_none(session, ann):
    group = a_vpn(session, ann)
    assert [terms.of(session, group, version) for version in (0, -1, 2, 10**30)] == [None] * 4


def test_they_are_each_groups_own_and_go_with_it(session, ann):
    vpn = a_vpn(session, ann, terms="of lab")
    grid = an_appliance(session, ann, vpn)
    assert terms.of(session, grid, 1).text == ""
    registry.delete(session, vpn, Actor(ann))
    assert terms.versions(session, vpn) == terms.versions(session, grid) == []
