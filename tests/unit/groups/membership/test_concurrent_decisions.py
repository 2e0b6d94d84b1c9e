"""Two people act in a group at the same moment, each in a transaction: one after the other, by the rules."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from p2ppool.accounts import users
from p2ppool.errors import UserError
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.leaving import remove_user
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import INSIDE, Step
from p2ppool.store.models import Group, GroupKind, Membership, MemberState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.groups import a_member, a_user, a_vpn, an_appliance, asked


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
    """Take the steps in a thread each, when all have looked at everything; what each was told, "" if kept."""
    barrier = Barrier(len(steps))

    def act(step):
        with UnitOfWork(engine) as work:
            # Held on to, as a page does, or the session would forget what it has read. SQLite lets only one
            # of them look before they write.
            seen = everything(work.session) if engine.dialect.name == "postgresql" else []
            barrier.wait()
            try:
                step(work.session)
            except UserError as error:
                return str(error)
            work.commit()
        assert all(seen)
        return ""

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(act, steps))


def everything(session):
    return session.scalars(select(Membership).options(joinedload(Membership.group))).all()


def decides(by, step, whom, kind=GroupKind.VPN, name="lab"):
    def act(session):
        group = registry.get(session, kind, name)
        found = memberships.of(session, group, users.get(session, whom))
        memberships.decide(session, step, found, Actor(users.get(session, by)))

    return act


def the_grid(session):
    return registry.get(session, GroupKind.APPLIANCE, "grid")


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


def test_of_two_admins_who_leave_the_second_hears_that_the_group_would_go(lab):
    told = at_once(lab, leaves("ann"), leaves("bob"))
    assert min(told) == ""
    assert max(told).startswith("this deletes GroupAppliance grid, GroupVPN lab")
    assert len(admins(lab)) == 1


def test_who_leaves_while_the_other_is_demoted_does_not_leave_a_group_without_admin(lab):
    told = at_once(lab, decides("bob", Step.DEMOTE, "ann"), leaves("bob"))
    assert sorted(map(bool, told)) == [False, True]
    assert len(admins(lab)) == 1


def test_who_is_revoked_decides_no_more(lab):
    told = at_once(lab, decides("ann", Step.REVOKE, "bob"), decides("bob", Step.PROMOTE, "cyd"))
    assert told[0] == ""
    assert states(lab)["bob"] is MemberState.REVOKED
    # He may have been first; if not, he is told so.
    assert (states(lab)["cyd"] is MemberState.ADMIN) == (told[1] == "")
    assert told[1] in {"", "only admins of lab may do that"}


def test_who_is_revoked_below_is_not_let_in_on_top(lab):
    steps = (
        decides("ann", Step.REVOKE, "cyd"),
        decides("bob", Step.ACCEPT, "cyd", GroupKind.APPLIANCE, "grid"),
    )
    assert at_once(lab, *steps)[0] == ""
    assert states(lab)["cyd"] is MemberState.REVOKED
    assert states(lab, GroupKind.APPLIANCE)["cyd"] not in INSIDE


def test_who_leaves_below_does_not_ask_on_top(lab):
    with UnitOfWork(lab) as work:
        memberships.leave(work.session, memberships.of_name(work.session, the_grid(work.session), "cyd"))
        work.commit()
    at_once(lab, leaves("cyd"), lambda session: asked(session, the_grid(session), users.get(session, "cyd")))
    assert states(lab)["cyd"] is MemberState.LEFT
    assert states(lab, GroupKind.APPLIANCE)["cyd"] is MemberState.LEFT


def test_accounts_that_go_together_wait_for_each_other(lab):
    told = at_once(lab, goes("ann"), goes("bob"), decides("ann", Step.REVOKE, "cyd"))
    assert "" in told[:2]
    assert max(told[:2]).startswith("this deletes GroupAppliance grid, GroupVPN lab")
    assert len(admins(lab)) == 1
