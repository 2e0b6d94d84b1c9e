"""Signing in to pages that another process serves."""

import re

import httpx

from p2ppool.accounts import links, users
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.web.people import MANAGER


def session_cookies(base, store_url, name=MANAGER, role=Role.MANAGER):
    """The cookies of a user who has just come in at `base`.

    The user is made if there is none, without a password: nobody can sign in as them later.
    """
    engine = open_engine(store_url)
    with UnitOfWork(engine) as work:
        user = users.find(work.session, name) or users.create(work.session, name, role, "test")
        link = links.for_entry(work.session, base, user, "test", "/")
        work.commit()
    engine.dispose()
    address, _, code = link.partition("#")
    with httpx.Client(trust_env=False) as client:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)[1]
        answer = client.post(address, data={"code": code, "csrf_token": token})
        assert answer.status_code == 302, answer.text
        return dict(client.cookies)


def for_browser(base, cookies):
    """The same cookies in the form that playwright takes."""
    return [{"name": name, "value": value, "url": base} for name, value in cookies.items()]
