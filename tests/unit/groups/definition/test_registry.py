"""Groups are made, edited and deleted; what can't be used is one clear line."""

from dataclasses import replace

import pytest

from p2ppool.errors import UserError
from p2ppool.groups.definition import networks, registry
from p2ppool.groups.definition.registry import About
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.ending import GroupsGoError, groups_that_go
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.groupvpn.certificate import Digest
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.store.models import GroupKind, Role
from tests.lab.past.groups import OPEN, SECURE, VAULT, a_member, a_vpn, an_appliance, asked


def test_who_makes_a_group_is_its_admin(session, ann, bob):
    group = a_vpn(session, ann)
    assert memberships.is_admin(session, group, ann)
    assert not memberships.is_admin(session, group, bob)
    assert [line.what for line in group_log.lines_of(session, group, 10)] == ["create"]


def test_one_user_is_the_only_admin_of_so_many_groups(session, ann, bob, monkeypatch):
    monkeypatch.setattr(registry, "_MOST_OF_ONE", 2)
    first = a_vpn(session, ann, "one")
    an_appliance(session, ann, first)
    for more in (lambda: a_vpn(session, ann, "two"), lambda: an_appliance(session, ann, first, "two")):
        with (
            pytest.raises(UserError, match="ann is the only admin of 2 groups already: delete one"),
            session.begin_nested(),
        ):
            more()
    a_vpn(session, bob, "of bob")
    a_member(session, first, bob, ann, Step.PROMOTE)
    a_vpn(session, ann, "two")
    ann.role = Role.MANAGER
    a_vpn(session, ann, "three")


def test_a_name_is_there_once_of_each_kind(session, ann):
    vpn = a_vpn(session, ann, "one")
    an_appliance(session, ann, vpn, "one")
    for again in (lambda: a_vpn(session, ann, "one"), lambda: an_appliance(session, ann, vpn, "ONE")):
        with pytest.raises(UserError, match="named 'one' exists already"):
            again()


def test_whoever_is_a_moment_later_with_the_same_name_is_reported(session, ann, monkeypatch):
    a_vpn(session, ann, "one")
    monkeypatch.setattr(registry, "_alike", lambda *_: None)
    with pytest.raises(UserError, match="named 'one' exists already"):
        a_vpn(session, ann, "one")


@pytest.mark.parametrize("name", ["new", ".", ".."])
def test_a_name_that_is_another_pages_address_is_refused(session, ann, name):
    with pytest.raises(UserError, match=r"^group: the name .* another page"):
        a_vpn(session, ann, name)


@pytest.mark.parametrize("name", ["", "a,b", "a=b", "<b>", "x" * 65, "a\nb"])
def test_a_name_that_certificates_can_t_hold_is_refused(session, ann, name):
    with pytest.raises(UserError, match=r"^group: "):
        a_vpn(session, ann, name)


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (replace(OPEN, meeting=()), "transport addresses are needed"),
        (replace(OPEN, meeting=("brunet.udp://host:1",)), "not a transport address"),
        (replace(OPEN, namespace="a b"), "namespace: 'a b'"),
    ],
)
def test_a_network_that_nobody_could_join_is_refused(session, ann, network, why):
    with pytest.raises(UserError, match=why):
        a_vpn(session, ann, network=network)


def test_new_terms_have_to_be_accepted(session, ann, bob):
    group = a_vpn(session, ann, terms="be kind")
    registry.edit(session, group, About(terms="be kinder"), Actor(ann))
    with pytest.raises(UserError, match="have changed"):
        memberships.request(session, VAULT, group, bob, memberships.Joining(terms=1))
    assert asked(session, group, bob).terms_version == 2
    registry.edit(session, group, About("about", "be kinder"), Actor(ann))
    assert group.terms_version == 2


def test_a_detailed_group_asks_for_all_of_it(session, ann, bob):
    group = a_vpn(session, ann, detailed=True)
    with pytest.raises(UserError, match="Organizational unit is needed"):
        asked(session, group, bob, organization="UF")
    told = {"organization": " UF ", "unit": "ACIS", "country": "US", "phone": "+1"}
    assert asked(session, group, bob, **told).details == told | {"organization": "UF"}


def test_only_members_of_the_network_make_a_grid_in_it(session, ann, bob):
    vpn = a_vpn(session, ann)
    with pytest.raises(UserError, match="only members of the group lab"):
        an_appliance(session, bob, vpn)
    a_member(session, vpn, bob, ann)
    assert an_appliance(session, bob, vpn).parent is vpn


def test_others_than_admins_change_nothing(session, ann, bob):
    group = a_vpn(session, ann)
    a_member(session, group, bob, ann)
    for change in (
        lambda: registry.edit(session, group, About(), Actor(bob)),
        lambda: registry.edit_network(session, VAULT, group, OPEN, Actor(bob)),
        lambda: registry.delete(session, group, Actor(bob)),
    ):
        with pytest.raises(UserError, match="only admins"):
            change()
    registry.edit(session, group, About("by a manager"), Actor(bob, is_manager=True))
    assert group.description == "by a manager"


def test_security_is_not_taken_away_and_another_digest_makes_another_authority(session, ann):
    group = a_vpn(session, ann, network=SECURE)
    before = group.network.certificate
    with pytest.raises(UserError, match="is secured"):
        registry.edit_network(session, VAULT, group, OPEN, Actor(ann))
    registry.edit_network(session, VAULT, group, SECURE, Actor(ann))
    assert group.network.certificate == before
    registry.edit_network(session, VAULT, group, replace(SECURE, digest=Digest.SHA256), Actor(ann))
    assert group.network.certificate != before


@pytest.mark.parametrize(
    ("addresses", "overlay", "found"),
    [
        (VirtualNetwork("other", "10.0.0.0"), "elsewhere", ["one"]),
        (VirtualNetwork("other"), "lab", []),
        (VirtualNetwork("a"), "lab", ["one"]),
        (VirtualNetwork("a"), "elsewhere", []),
    ],
    ids=["addresses in common", "nothing in common", "one network by its name", "another overlay"],
)
def test_what_is_not_distinguished_is_named(session, ann, addresses, overlay, found):
    there = replace(OPEN, addresses=VirtualNetwork("a", "10.8.0.0", "255.255.0.0"))
    group = a_vpn(session, ann, "one", network=there)
    spec = replace(OPEN, addresses=addresses, namespace=overlay)
    assert networks.overlapping(session, spec) == found
    assert networks.overlapping(session, spec, but=group) == []


def test_what_is_stored_of_a_network_is_what_was_given(session, ann):
    spec = replace(SECURE, approval=True, addresses=VirtualNetwork("a", "10.8.0.0", "255.255.0.0"))
    assert networks.spec_of(a_vpn(session, ann, network=spec).network) == spec


def test_what_is_on_top_of_a_group_goes_with_it(session, ann):
    vpn = a_vpn(session, ann)
    an_appliance(session, ann, vpn)
    registry.delete(session, vpn, Actor(ann))
    session.expire_all()
    assert [
        registry.find(session, kind, name) for kind, name in zip(GroupKind, ("lab", "grid"), strict=True)
    ] == [
        None,
        None,
    ]


def test_a_user_that_goes_leaves_every_group_in_order(session, ann, bob):
    vpn = a_vpn(session, ann)
    a_member(session, vpn, bob, ann)
    an_appliance(session, bob, vpn)
    with pytest.raises(GroupsGoError, match="this deletes GroupAppliance grid"):
        memberships.leave_all(session, bob)
    memberships.leave_all(session, bob, ["GroupAppliance grid"])
    assert registry.find(session, GroupKind.APPLIANCE, "grid") is None
    memberships.leave_all(session, ann, ["GroupVPN lab"])
    assert registry.find(session, GroupKind.VPN, "lab") is None


def test_what_goes_with_somebody_is_reported_with_all_that_falls_along(session, ann, bob):
    vpn = a_vpn(session, ann)
    a_member(session, vpn, bob, ann)
    grid = an_appliance(session, bob, vpn)
    mine = an_appliance(session, ann, vpn, "mine")
    a_member(session, mine, bob, ann, Step.PROMOTE)
    own = {user.name: [memberships.of(session, vpn, user)] for user in (ann, bob)}
    # That of bob falls with the network, though he is not the one who leaves.
    assert groups_that_go(session, own["ann"]) == [
        "GroupAppliance grid",
        "GroupVPN lab",
        "GroupAppliance mine",
    ]
    assert groups_that_go(session, own["bob"]) == ["GroupAppliance grid"]
    a_member(session, grid, ann, bob, Step.PROMOTE)
    assert groups_that_go(session, own["bob"]) == []
