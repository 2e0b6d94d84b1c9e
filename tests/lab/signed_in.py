"""Signing in to pages that another process serves."""

import re

import httpx

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Role
from tests.lab.people import MANAGER, PASSWORD, a_user


def session_cookies(base, store_url, name=MANAGER, role=Role.MANAGER):
    """The cookies of a user, made if there is none, who has just signed in at `base`."""
    engine = open_engine(store_url)
    a_user(engine, name, role)
    engine.dispose()
    with httpx.Client(base_url=base, trust_env=False) as client:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)[1]
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf_token": token})
        assert answer.status_code == 302, answer.text
        return dict(client.cookies)


def for_browser(base, cookies):
    """The same cookies in the form that playwright takes."""
    return [{"name": name, "value": value, "url": base} for name, value in cookies.items()]
