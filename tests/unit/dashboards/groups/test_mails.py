"""Who hears of what by mail."""

import re
import xmlrpc.client
from dataclasses import replace

import pytest

from dashboards.app import create_app
from p2ppool.groups.server import SERVICE
from p2ppool.settings import Settings
from p2ppool.store.models import Role, User
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.groups import SECURE
from tests.lab.services.mailbox import mailbox
from tests.lab.web.group_client import Machine
from tests.lab.web.group_pages import GroupPages, request_ids
from tests.lab.web.people import PageClient

__all__ = ["mailbox"]


@pytest.fixture
def groups(engine, tmp_path, mailbox, cheap_passwords):
    folder = tmp_path / "data"
    app = create_app(engine, Settings(data_folder=folder, **mailbox.settings))
    app.test_client_class = PageClient
    return GroupPages(app, engine, folder)


def give_addresses(engine, *names):
    with UnitOfWork(engine) as work:
        for user in work.session.query(User):
            user.email = f"{user.name}@example.org" if user.name in names else None
        work.commit()


def test_admins_hear_of_a_request_and_the_user_of_what_is_decided(groups, engine, mailbox):
    groups.vpn("my lab")
    groups.member("zoe", name="my lab")
    ann, bob = groups.as_("ann"), groups.as_("bob")
    give_addresses(engine, "ann", "bob", "zoe")
    bob.post("/groups/my%20lab/join", data={"terms": "1"})
    told = mailbox.last_to("ann@example.org")
    assert "bob asks to join the GroupVPN group my lab" in told
    assert "http://127.0.0.1:8050/groups/my%20lab" in told
    ann.post("/requests", data={"request": request_ids(ann, "/requests"), "step": "accept"})
    assert "You are a member now" in mailbox.last_to("bob@example.org")
    for step, words in (("promote", "You are an admin now"), ("revoke", "which is final")):
        ann.post("/groups/my%20lab/members", data={"user": "bob", "step": step, "sure": "yes"})
        assert words in mailbox.last_to("bob@example.org")
    assert sorted(set(mailbox.recipients)) == ["ann@example.org", "bob@example.org"]


def test_nobody_floods_a_mailbox_by_deciding(groups, engine, mailbox):
    groups.vpn()
    groups.member("bob")
    ann = groups.as_("ann")
    give_addresses(engine, "bob")
    headers = {"X-XSRF-Token": ann.token()}
    codes = [
        ann.post("/groups/lab/members", data={"user": "bob", "step": step}, headers=headers).status_code
        for step in ("promote", "demote") * 31
    ]
    assert codes == [200] * 60 + [429] * 2
    assert mailbox.number() == 20


def test_what_was_not_kept_is_not_told(groups, engine, mailbox):
    groups.vpn("lab", terms="be kind")
    ann, bob = groups.as_("ann"), groups.as_("bob")
    groups.as_("mia", Role.MANAGER)
    give_addresses(engine, "ann", "bob", "mia")
    bob.post("/groups/lab/join", data={"terms": "1"})
    ann.post("/groups/lab/members", data={"user": "bob", "step": "promote"})
    assert mailbox.number() == 0


def test_admins_hear_of_a_machine_that_waits_and_the_member_of_what_is_decided(groups, engine, mailbox):
    groups.vpn("lab", network=replace(SECURE, approval=True))
    groups.member("bob")
    ann, bob = groups.as_("ann"), groups.as_("bob")
    give_addresses(engine, "ann", "bob")
    machines = [Machine(bob.get("/groups/lab/config.zip").data) for _ in range(3)]
    for machine in machines:
        texts = (machine.texts[name] for name in ("UserName", "Group", "Secret"))
        body = xmlrpc.client.dumps((*texts, machine.request), "SubmitRequest")
        bob.post(SERVICE, data=body, content_type="text/xml", forged=True)
    told = mailbox.last_to("ann@example.org")
    assert "A machine of bob requests a certificate" in told
    assert told.split()[-1] == "http://127.0.0.1:8050/groups/lab"
    assert mailbox.number() == 1
    one, *others = re.findall(r'name="certificate" value="(\d+)"', ann.get("/requests").text)
    ann.post("/requests/certificates", data={"certificate": others, "step": "accept"})
    assert "signed the certificates" in mailbox.last_to("bob@example.org")
    ann.post("/groups/lab/certificates", data={"certificate": one, "step": "deny"})
    assert "denied certificates" in mailbox.last_to("bob@example.org")
    assert mailbox.number() == 3
