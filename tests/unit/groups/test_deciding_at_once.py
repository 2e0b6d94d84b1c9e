"""Two people act in a group at the same moment, each in a transaction: one after the other, by the rules."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from p2ppool.accounts import users
from p2ppool.errors import UserError
from p2ppool.groups import memberships, registry
from p2ppool.groups.leaving import remove_user
from p2ppool.groups.memberships import Actor
from p2ppool.groups.rules import INSIDE, Step
from p2ppool.store.models import Group, GroupKind, Membership, MemberState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.groups import a_member, a_user, a_vpn, an_appliance, asked


@pytest.fixture
def lab(engine):
    """A GroupVPN and an appliance on top with two admins, ann and bob, and cyd, who is in the VPN alone."""
    with UnitOfWork(engine) as work:
        ann, bob, cyd = (a_user(work.session, name) for name in ("ann", "bob", "cyd"))
        vpn = a_vpn(work.session, ann)
        a_member(work.session, vpn, bob, ann, Step.PROMOTE)
        a_member(work.session, vpn, cyd, ann)
        grid = an_appliance(work.session, ann, vpn)
        a_member(work.session, grid, bob, ann, Step.PROMOTE)
        asked(work.session, grid, cyd)
        work.commit()
    return engine


def at_once(engine, *steps):
    """Take the steps in a thread each, when all have looked at the group; what each was told, "" if kept."""
    barrier = Barrier(len(steps))

    def act(step):
        try:
            with reading(engine) as work:
                work.session.scalars(select(Membership)).all()
            barrier.wait()
            with UnitOfWork(engine) as work:
                step(work.session)
                work.commit()
        except UserError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(act, steps))


def decides(by, step, whom, kind=GroupKind.VPN, name="lab"):
    def act(session):
        group = registry.get(session, kind, name)
        found = memberships.of(session, group, users.get(session, whom))
        memberships.decide(session, step, found, Actor(users.get(session, by)))

    return act


def leaves(who):
    def act(session):
        group = registry.get(session, GroupKind.VPN, "lab")
        memberships.leave(session, memberships.of(session, group, users.get(session, who)))

    return act


def goes(who):
    return lambda session: remove_user(session, users.get(session, who), "a test")


def states(engine, kind=GroupKind.VPN):
    """What each is in the group; None: it is gone."""
    with reading(engine) as work:
        group = work.session.scalar(select(Group).where(Group.kind == kind))
        return {each.user.name: each.state for each in group.memberships} if group else None


def admins(engine):
    return [name for name, state in states(engine).items() if state is MemberState.ADMIN]


def test_two_admins_who_demote_each_other_leave_one(lab):
    told = at_once(lab, decides("ann", Step.DEMOTE, "bob"), decides("bob", Step.DEMOTE, "ann"))
    assert sorted(map(bool, told)) == [False, True]
    assert "only admins of lab" in max(told)
    assert len(admins(lab)) == 1


def test_a_request_is_decided_once(lab):
    grid = (GroupKind.APPLIANCE, "grid")
    told = at_once(lab, decides("ann", Step.ACCEPT, "cyd", *grid), decides("bob", Step.DENY, "cyd", *grid))
    assert max(told).endswith("cyd has not asked to join")
    assert states(lab, GroupKind.APPLIANCE)["cyd"] is (MemberState.DENIED if told[0] else MemberState.MEMBER)


def test_when_both_admins_leave_the_group_goes(lab):
    assert at_once(lab, leaves("ann"), leaves("bob")) == ["", ""]
    assert states(lab) is None


def test_who_leaves_while_the_other_is_demoted_does_not_leave_a_group_without_admin(lab):
    demoted, left = at_once(lab, decides("bob", Step.DEMOTE, "ann"), leaves("bob"))
    assert left == ""
    assert states(lab) is None if demoted == "" else admins(lab) == ["ann"]


def test_who_is_revoked_below_is_not_let_in_on_top(lab):
    steps = (
        decides("ann", Step.REVOKE, "cyd"),
        decides("bob", Step.ACCEPT, "cyd", GroupKind.APPLIANCE, "grid"),
    )
    assert at_once(lab, *steps)[0] == ""
    assert states(lab)["cyd"] is MemberState.REVOKED
    assert states(lab, GroupKind.APPLIANCE)["cyd"] not in INSIDE


def test_accounts_that_go_together_wait_for_each_other(lab):
    assert at_once(lab, goes("ann"), goes("bob"), decides("ann", Step.REVOKE, "cyd"))[:2] == ["", ""]
    assert states(lab) is None
