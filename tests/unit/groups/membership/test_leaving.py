"""Whose account goes, leaves the groups first; certificates that they leave behind count no more."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from p2ppool.errors import UserError
from p2ppool.groups.authority import revocations
from p2ppool.groups.certificates import requests
from p2ppool.groups.certificates.requests import Credentials
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.ending import GroupsGoError
from p2ppool.groups.membership.leaving import groups_that_go_with, remove_user
from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from p2ppool.store.models import User
from tests.lab.past.groups import SECURE, VAULT, a_member, a_user, a_vpn, asked
from tests.lab.web.group_client import ADDRESS


def enrol(session, membership):
    """A machine of the member gets its certificate."""
    key = csp_blob.write_public(rsa.generate_private_key(65537, 1024).public_key())
    secret = memberships.secret_of(VAULT, membership)
    who = Credentials(membership.user.name, membership.group.name, secret)
    requests.submit(session, VAULT, who, write_request(CertificateRequest(key=key, node_address=ADDRESS)))


@pytest.mark.parametrize("has_left", [False, True], ids=["still in", "has left before"])
def test_the_name_is_revoked_where_it_has_certificates(session, ann, bob, has_left):
    group, other = (a_vpn(session, ann, name, SECURE) for name in ("lab", "other"))
    membership = a_member(session, group, bob, ann)
    a_member(session, other, bob, ann)
    enrol(session, membership)
    if has_left:
        memberships.leave(session, membership)
    remove_user(session, bob, "page ann")
    session.flush()
    assert revocations.names(session, group) == ["bob"]
    assert revocations.names(session, other) == []
    line = group_log.lines_of(session, group, 1)[0]
    assert (line.who, line.what, line.details["user"]) == ("page ann", "revoke", "bob")
    with pytest.raises(UserError, match="bob was revoked in lab, which is final"):
        asked(session, group, a_user(session, "bob"))


def test_groups_go_only_where_that_was_agreed_to(session, ann, bob):
    group = a_vpn(session, ann, network=SECURE)
    a_member(session, group, bob, ann)
    assert groups_that_go_with(session, ann) == ["GroupVPN lab"]
    with pytest.raises(GroupsGoError, match="this deletes GroupVPN lab"):
        remove_user(session, ann, "page mia", ["GroupVPN other"])
    assert session.get(User, ann.id) is ann
    remove_user(session, ann, "page mia", ["GroupVPN lab"])
    assert session.query(User).count() == 1
