"""Whatever users and admins do, in whatever order: the rows are as a plain model of the rules has them."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from p2ppool.errors import UserError
from p2ppool.groups.authority import revocations
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.ending import is_open
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import Step
from p2ppool.store.models import Group, GroupKind, Membership, MemberState, Revocation, User
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.groups import a_user, a_vpn, an_appliance, asked

pytestmark = pytest.mark.slow

NAMES = ["ann", "bob", "cyd", "dan"]
PEOPLE = st.sampled_from(NAMES)
KINDS = st.sampled_from(list(GroupKind))
DECISIONS = st.sampled_from([Step.ACCEPT, Step.DENY, Step.PROMOTE, Step.DEMOTE, Step.REVOKE])
INSIDE = {"member", "admin"}
BOTH = ["GroupVPN lab", "GroupAppliance grid"]


class Model:
    """The rules once more, written down as one would tell them to a person."""

    def __init__(self):
        self.groups = {kind: {"ann": "admin"} for kind in GroupKind}
        self.revoked = {kind: set() for kind in GroupKind}

    def admins(self, kind):
        return [name for name, state in self.groups[kind].items() if state == "admin"]

    def ask(self, kind, name):
        if kind not in self.groups or name in self.revoked[kind]:
            return False
        if kind is GroupKind.APPLIANCE and self.groups[GroupKind.VPN].get(name) not in INSIDE:
            return False
        if self.groups[kind].get(name) not in {None, "denied", "left"}:
            return False
        self.groups[kind][name] = "requested"
        return True

    def decide(self, kind, step, name, by, *, agrees):
        if kind not in self.groups or by not in self.admins(kind):
            return False
        state = self.groups[kind].get(name)
        allowed = {
            Step.ACCEPT: ({"requested"}, "member"),
            Step.DENY: ({"requested"}, "denied"),
            Step.PROMOTE: ({"member"}, "admin"),
            Step.DEMOTE: ({"admin"}, "member"),
            Step.REVOKE: ({*INSIDE, "requested", "denied", "left"}, "revoked"),
        }
        before, after = allowed[step]
        if state not in before or self.admins(kind) == [name]:
            return False
        if step is Step.REVOKE and self.takes_the_grid_along(kind, name) and not agrees:
            return False
        self.groups[kind][name] = after
        if step is Step.REVOKE:
            self.revoked[kind].add(name)
            self.fall(kind, name)
        return True

    def leave(self, kind, name, *, agrees=True):
        if kind not in self.groups or self.groups[kind].get(name) not in {*INSIDE, "requested"}:
            return False
        if not agrees and (self.admins(kind) == [name] or self.takes_the_grid_along(kind, name)):
            return False
        if self.admins(kind) == [name]:
            self.end(kind)
            return True
        self.groups[kind][name] = "left"
        self.fall(kind, name)
        return True

    def takes_the_grid_along(self, kind, name):
        return (
            kind is GroupKind.VPN
            and GroupKind.APPLIANCE in self.groups
            and self.admins(GroupKind.APPLIANCE) == [name]
        )

    def fall(self, kind, name):
        """Who is out of the network is out of the grid on top of it."""
        if kind is GroupKind.VPN:
            self.leave(GroupKind.APPLIANCE, name)

    def end(self, kind):
        self.groups.pop(kind, None)
        if kind is GroupKind.VPN:
            self.groups.pop(GroupKind.APPLIANCE, None)


class Memberships(RuleBasedStateMachine):
    engine = None

    @initialize()
    def begin(self):
        self.model = Model()
        with UnitOfWork(self.engine) as work:
            for table in (Group, User, Revocation):
                work.session.execute(delete(table))
            users = [a_user(work.session, name) for name in NAMES]
            an_appliance(work.session, users[0], a_vpn(work.session, users[0]))
            work.commit()

    @rule(kind=KINDS, name=PEOPLE)
    def somebody_asks(self, kind, name):
        self.same(
            self.model.ask(kind, name),
            lambda session: asked(session, self.group(session, kind), self.user(session, name)),
        )

    @rule(kind=KINDS, step=DECISIONS, name=PEOPLE, by=PEOPLE, agrees=st.booleans())
    def somebody_decides(self, kind, step, name, by, agrees):
        def decide(session):
            membership = self.membership(session, kind, name)
            memberships.decide(
                session, step, membership, Actor(self.user(session, by)), BOTH if agrees else ()
            )

        self.same(self.model.decide(kind, step, name, by, agrees=agrees), decide)

    @rule(kind=KINDS, name=PEOPLE, agrees=st.booleans())
    def somebody_leaves(self, kind, name, agrees):
        def leave(session):
            memberships.leave(session, self.membership(session, kind, name), BOTH if agrees else ())

        self.same(self.model.leave(kind, name, agrees=agrees), leave)

    def same(self, expected, step):
        with UnitOfWork(self.engine) as work:
            done = False
            with suppress(UserError):
                step(work.session)
                work.commit()
                done = True
        assert done is expected

    @invariant()
    def rows_are_as_the_model_says(self):
        if not hasattr(self, "model"):
            return
        with reading(self.engine) as work:
            found = {
                group.kind: self.states(work.session, group) for group in work.session.scalars(select(Group))
            }
            assert found == self.model.groups
            for group in work.session.scalars(select(Group)):
                assert set(revocations.names(work.session, group)) == self.model.revoked[group.kind]

    @invariant()
    def every_group_has_an_admin_and_nobody_outside_a_secret(self):
        if not hasattr(self, "model"):
            return
        with reading(self.engine) as work:
            for group in work.session.scalars(select(Group)):
                assert memberships.admins(work.session, group) > 0
            for one in work.session.scalars(select(Membership)):
                assert (one.secret is not None) == is_open(one)

    def states(self, session, group):
        rows = session.scalars(select(Membership).where(Membership.group_id == group.id))
        return {row.user.name: row.state.value for row in rows}

    def group(self, session, kind):
        found = session.scalar(select(Group).where(Group.kind == kind))
        if found is None:
            raise UserError("it is gone")
        return found

    def user(self, session, name):
        return session.scalar(select(User).where(User.name == name))

    def membership(self, session, kind, name):
        found = memberships.of(session, self.group(session, kind), self.user(session, name))
        if found is None:
            raise UserError("never asked")
        return found


@pytest.mark.parametrize(
    ("database_kind", "examples"), [("sqlite", 60), ("postgresql", 12)], indirect=["database_kind"]
)
def test_whatever_happens_the_rows_are_right(engine, examples):
    Memberships.engine = engine
    run_state_machine_as_test(
        Memberships,
        settings=settings(
            max_examples=examples, stateful_step_count=25, suppress_health_check=list(HealthCheck)
        ),
    )


def test_states_are_named_as_in_the_rows():
    assert {state.value for state in MemberState} == {
        "requested", "member", "admin", "denied", "revoked", "left"
    }  # fmt: skip
