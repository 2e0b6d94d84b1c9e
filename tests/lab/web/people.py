"""Users for tests, and a client that does what the pages' scripts do."""

import re

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from p2ppool.accounts import passwords, users
from p2ppool.store.models import Role
from p2ppool.store.unit_of_work import UnitOfWork

MANAGER = "ada"
PASSWORD = "correct horse battery"
HEADER = "X-XSRF-Token"


@pytest.fixture
def cheap_passwords(monkeypatch):
    """Hashes that cost nearly nothing; the product takes the library's own choice."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class PageClient(FlaskClient):
    """Sends, as pages do, the token against forged requests with whatever does not only read."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._tokens = {}  # by the session's cookie

    def open(self, *args, forged=False, **kwargs):
        """As FlaskClient does; `forged`: as another site's page would, without the token.

        An answer is read to its end, as browsers do: what is streamed takes a place at the server till then.
        """
        kwargs.setdefault("buffered", True)
        method = kwargs.get("method", "GET")
        if method not in {"GET", "HEAD", "OPTIONS"} and not forged:
            headers = dict(kwargs.get("headers") or {})
            kwargs["headers"] = headers if HEADER in headers else headers | {HEADER: self._known_token()}
        return super().open(*args, **kwargs)

    def token(self):
        """What a form or a callback of this browser's pages sends along."""
        answer = super().open("/account", method="GET")
        if answer.status_code != 200:  # nobody has signed in
            answer = super().open("/sign-in", method="GET")
        return re.search(r'name="csrf_token" value="([^"]+)"', answer.text)[1]

    def _known_token(self):
        """As a page that is open knows it: asked for once for each session."""
        session = self.get_cookie(self.application.config["SESSION_COOKIE_NAME"])
        if session is None:
            return self.token()
        if session.value not in self._tokens:
            self._tokens[session.value] = self.token()
        return self._tokens[session.value]


def a_user(engine, name, role=Role.MANAGER, password=PASSWORD):
    """A user with that name, made if there is none."""
    with UnitOfWork(engine) as work:
        found = users.find(work.session, name)
        if found is None:
            found = users.create(work.session, name, role, "test", password=password)
            work.commit()
    return found


def sign_in(engine, client, name, role=Role.MANAGER):
    """Sign the client in as that user."""
    a_user(engine, name, role)
    answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
