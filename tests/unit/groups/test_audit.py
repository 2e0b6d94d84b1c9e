"""What was done in groups is recorded, each group's lines are its own, and they outlive it."""

from dataclasses import replace

from p2ppool.groups.definition import registry
from p2ppool.groups.definition.registry import About
from p2ppool.groups.membership import group_log, memberships, secret_renewal
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groupvpn.certificate import Digest
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.store.models import GroupKind
from tests.lab.past.groups import OPEN, SECURE, VAULT, a_member, a_vpn, an_appliance


def told(lines):
    """Each line's words, the latest first."""
    return [(line.what, group_log.changes(line)) for line in lines]


def last(session, group):
    return told(group_log.lines_of(session, group, 1))[0]


def test_an_edit_reports_what_was_and_what_is(session, ann):
    group = a_vpn(session, ann, terms="be kind")
    registry.edit(session, group, About("for\nphysics", "be kinder", detailed=True), Actor(ann))
    assert last(session, group) == (
        "edit",
        [
            "description: nothing → for physics",
            "terms version: 1 → 2",
            "asks for details: no → yes",
        ],
    )
    before = group_log.lines_of(session, group, 10)
    registry.edit(session, group, About("for\nphysics", "be kinder", detailed=True), Actor(ann))
    assert group_log.lines_of(session, group, 10) == before


def test_of_a_long_text_the_part_is_reported_that_changed(session, ann):
    group = a_vpn(session, ann, description="x" * 5000 + "old")
    registry.edit(session, group, About("x" * 5000 + "new"), Actor(ann))
    _, (change,) = last(session, group)
    assert len(change) < 400
    before, _, after = change.partition(" → ")
    assert (before.endswith("old"), after.endswith("new")) == (True, True)


def test_an_edit_of_the_network_reports_what_was_and_what_is(session, ann):
    group = a_vpn(session, ann, network=SECURE)
    authority = group.network.certificate
    other = replace(
        SECURE,
        addresses=VirtualNetwork("lab2", "10.8.0.0", "255.255.0.0"),
        meeting=("brunet.udp://10.0.0.1:15000", "brunet.udp://10.0.0.2:15000"),
        approval=True,
    )
    registry.edit_network(session, VAULT, group, other, Actor(ann))
    what, changes = last(session, group)
    assert (what, changes) == (
        "edit network",
        [
            "transport addresses: nothing → brunet.udp://10.0.0.2:15000",
            "IP namespace: lab_ipop → lab2",
            "base IP: 5.0.0.0 → 10.8.0.0",
            "netmask: 255.0.0.0 → 255.255.0.0",
            "approval: no → yes",
        ],
    )
    registry.edit_network(session, VAULT, group, replace(other, digest=Digest.SHA256), Actor(ann))
    _, (digest, new) = last(session, group)
    assert digest == "digest: sha1 → sha256"
    assert new.startswith("authority: SHA-256 ")
    assert group.network.certificate != authority


def test_a_group_that_becomes_secured_logs_that(session, ann):
    group = a_vpn(session, ann, network=replace(OPEN, digest=Digest.SHA256))
    registry.edit_network(session, VAULT, group, replace(OPEN, secure=True), Actor(ann))
    _, changes = last(session, group)
    assert changes[0] == "secured: no → yes"
    assert changes[1].startswith("authority: nothing → SHA-256 ")


def test_a_new_secret_is_recorded_but_not_said(session, ann, bob):
    group = a_vpn(session, ann, network=SECURE)
    membership = a_member(session, group, bob, ann)
    old = memberships.secret_of(VAULT, membership)
    secret_renewal.renew_secret(session, VAULT, membership, "bob")
    new = memberships.secret_of(VAULT, membership)
    (line,) = group_log.lines_of(session, group, 1)
    assert (line.who, line.what, new == old) == ("bob", "renew secret", False)
    assert new not in str(line.details)


def test_what_goes_with_a_group_has_a_line_of_its_own(session, ann):
    vpn = a_vpn(session, ann)
    for name in ("grid", "other"):
        an_appliance(session, ann, vpn, name)
    registry.delete(session, vpn, Actor(ann))
    for name in ("grid", "other"):
        line, *_ = group_log.lines_of_deleted(session, GroupKind.APPLIANCE, name, 10)
        assert (line.who, line.what, line.details) == (
            "ann",
            "delete",
            {"why": "with lab, which it was on top of"},
        )
    assert [name for name, _ in group_log.deleted(session, GroupKind.APPLIANCE, 10)] == ["other", "grid"]


def test_what_goes_with_the_last_admin_has_a_line_of_its_own(session, ann, bob):
    vpn = a_vpn(session, ann)
    a_member(session, vpn, bob, ann)
    an_appliance(session, bob, vpn)
    memberships.leave(session, memberships.of(session, vpn, ann), ["GroupVPN lab", "GroupAppliance grid"])
    line, *_ = group_log.lines_of_deleted(session, GroupKind.APPLIANCE, "grid", 10)
    assert (line.who, line.what) == ("ann", "delete")


def test_lines_of_groups_with_one_name_do_not_mix_whatever_the_clock_says(session, ann, bob):
    first = a_vpn(session, ann)
    an_appliance(session, ann, first, "lab")
    registry.delete(session, first, Actor(ann))
    second = a_vpn(session, bob)
    second.created_at = second.created_at.replace(year=2000)
    session.flush()
    assert told(group_log.lines_of(session, second, 10)) == [("create", [])]
    assert group_log.lines_of(session, second, 10)[0].who == "bob"
    gone = group_log.lines_of_deleted(session, GroupKind.VPN, "lab", 10)
    assert [(line.who, line.what) for line in gone] == [("ann", "delete"), ("ann", "create")]
    session.expire_all()
    under = group_log.lines_under(session, GroupKind.VPN, "lab", 10)
    assert [(line.who, group_log.is_of_deleted(line)) for line in under] == [
        ("bob", False),
        ("ann", True),
        ("ann", True),
    ]
    assert [name for name, _ in group_log.deleted(session, GroupKind.VPN, 10)] == ["lab"]


def test_the_latest_that_fit_are_reported(session, ann, bob):
    group = a_vpn(session, ann)
    a_member(session, group, bob, ann)
    assert [line for line, _ in told(group_log.lines_of(session, group, 2))] == ["accept", "request"]
    registry.delete(session, group, Actor(ann))
    gone = group_log.lines_of_deleted(session, GroupKind.VPN, "lab", 2)
    assert [line for line, _ in told(gone)] == ["delete", "accept"]
