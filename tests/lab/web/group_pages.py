"""Groups behind the pages: the vault is that of the pages, and users sign in by their names."""

import re
from html import unescape

from p2ppool.accounts import users
from p2ppool.groups.definition import registry
from p2ppool.groups.definition.registry import About
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.memberships import Actor, Joining
from p2ppool.groups.membership.rules import Step
from p2ppool.store.models import GroupKind, Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import Vault
from tests.lab.past.groups import OPEN
from tests.lab.web.people import a_user, sign_in

FORM = {
    "name": "my lab@home.org",
    "description": "first line\r\nsecond",
    "terms": "be kind\r\nto all",
    "carrier": "own",
    "namespace": "lab",
    "meeting": "brunet.udp://192.0.2.1:15000\r\nbrunet.tcp://192.0.2.2:15001",
    "ip_namespace": "lab_ipop",
    "ip_base": "10.128.0.0",
    "netmask": "255.255.0.0",
}
"""What is typed to make a GroupVPN."""


class GroupPages:
    """An application with groups: each user asks by a browser of their own."""

    def __init__(self, app, engine, data_folder):
        self.engine = engine
        self._app = app
        self.vault = Vault.open(data_folder, None)
        self._browsers = {}

    def as_(self, name, role=Role.VIEWER):
        """The browser of that user, who has signed in."""
        if name not in self._browsers:
            self._browsers[name] = self._app.test_client()
            sign_in(self.engine, self._browsers[name], name, role)
        return self._browsers[name]

    def vpn(self, name="lab", admin="ann", network=OPEN, **about):
        """A GroupVPN whose admin that user is."""
        a_user(self.engine, admin, Role.VIEWER)
        with UnitOfWork(self.engine) as work:
            user = self._user(work.session, admin)
            registry.make_vpn(work.session, self.vault, name, user, about=About(**about), network=network)
            work.commit()
        return name

    def appliance(self, name="grid", admin="ann", vpn="lab"):
        """A GroupAppliance on top of the GroupVPN."""
        with UnitOfWork(self.engine) as work:
            user, below = self._user(work.session, admin), registry.get(work.session, GroupKind.VPN, vpn)
            registry.make_appliance(work.session, self.vault, name, user, about=About(), vpn=below)
            work.commit()
        return name

    def join(self, user, *steps, name="lab", kind=GroupKind.VPN, admin="ann"):
        """That user asks to join; then the admin takes those steps. The number of the membership."""
        a_user(self.engine, user, Role.VIEWER)
        with UnitOfWork(self.engine) as work:
            session = work.session
            group = registry.get(session, kind, name)
            joining = Joining(group.terms_version)
            found = memberships.request(session, self.vault, group, self._user(session, user), joining)
            for step in steps:
                memberships.decide(session, step, found, Actor(self._user(session, admin)))
            work.commit()
            return found.id

    def member(self, user, **where):
        """That user becomes a member."""
        return self.join(user, Step.ACCEPT, **where)

    def state(self, user, name="lab", kind=GroupKind.VPN):
        """What that user is to the group; None: they never asked, or there is no such group."""
        with reading(self.engine) as work:
            group = registry.find(work.session, kind, name)
            found = memberships.of(work.session, group, self._user(work.session, user)) if group else None
            return found.state if found else None

    def group(self, name="lab", kind=GroupKind.VPN):
        """The group as it is in the database, with its network."""
        with reading(self.engine) as work:
            group = registry.find(work.session, kind, name)
            _ = group and group.network and group.network.pool
            return group

    def _user(self, session, name):
        return users.get(session, name)


def alert(answer):
    """What the page says went wrong."""
    found = re.search(r'class="form-problem" role="alert">([^<]*)<', answer.text)
    return unescape(found[1]) if found else ""


def done(answer):
    """What the page says was done."""
    found = re.search(r'class="form-done" role="status">([^<]*)<', answer.text)
    return found[1] if found else ""


def request_ids(browser, path):
    """Numbers of the requests that can be ticked on the page."""
    return re.findall(r'name="request" value="(\d+)"', browser.get(path).text)


def hidden_fields(answer, form):
    """The hidden fields of the form of that class, as a browser would send them."""
    (found,) = re.findall(rf'<form [^>]*class="[^"]*\b{form}\b[^"]*".*?</form>', answer.text, re.DOTALL)
    return {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', found)}
