"""Users and groups for tests."""

from p2ppool.groups.definition import registry
from p2ppool.groups.definition.networks import NetworkSpec
from p2ppool.groups.definition.registry import About
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor, Joining
from p2ppool.groups.membership.rules import Step
from p2ppool.groupvpn.certificate import Digest
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.store.models import Role, User
from p2ppool.store.vault import Vault

VAULT = Vault(bytes(32))
OPEN = NetworkSpec(
    VirtualNetwork("lab_ipop"),
    namespace="lab",
    meeting=("brunet.udp://10.0.0.1:15000",),
    secure=False,
)
SECURE = NetworkSpec(
    VirtualNetwork("lab_ipop"),
    namespace="lab",
    meeting=("brunet.udp://10.0.0.1:15000",),
    digest=Digest.SHA1,
)


def a_user(session, name, **fields):
    user = User(name=name, role=Role.VIEWER, **fields)
    session.add(user)
    session.flush()
    return user


def a_vpn(session, creator, name="lab", network=OPEN, **about):
    return registry.make_vpn(session, VAULT, name, creator, about=About(**about), network=network)


def an_appliance(session, creator, vpn, name="grid"):
    return registry.make_appliance(session, VAULT, name, creator, about=About(), vpn=vpn)


def asked(session, group, user, **details):
    return memberships.request(session, VAULT, group, user, Joining(group.terms_version, details))


def a_member(session, group, user, admin, *steps):
    membership = asked(session, group, user)
    for step in (Step.ACCEPT, *steps):
        memberships.decide(session, step, membership, Actor(admin))
    return membership
