"""How much somebody may send, before anybody looks at it."""

import pytest

from dashboards.routes.request_sizes import size_of
from dashboards.serving.senders import ranks
from dashboards.web.access import Need
from p2ppool.settings import Settings
from p2ppool.store.models import Role
from tests.lab.web.people import MANAGER, sign_in
from tests.lab.web.served import answer_on, connected, served

UPLOAD = b"POST /uploads/packages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n"


def cookies_of(client):
    return {"COOKIE": "; ".join(f"{each.key}={each.value}" for each in client._cookies.values())}


@pytest.mark.parametrize(("who", "rank"), [("viewer", Need.USER), ("manager", Need.MANAGER)])
def test_a_session_says_who_sends(app, engine, who, rank):
    sign_in(engine, app.test_client(), MANAGER)
    client = app.test_client()
    sign_in(engine, client, who, Role(who))
    headers = cookies_of(client)
    assert ranks(app)(headers) is rank
    client.post("/sign-out")
    assert ranks(app)(headers) is Need.NOTHING


@pytest.mark.parametrize("cookie", ["", "p2ppool_8050=x", "p2ppool_8050=" + "x" * 5000, "\x00"])
def test_what_is_no_session_is_nobody(app, cookie):
    assert ranks(app)({"COOKIE": cookie}) is Need.NOTHING


def test_nobody_uploads_before_they_have_signed_in(app):
    with served(app, ranks(app)) as port, connected(port, UPLOAD % 10**8 + b"\r\n") as line:
        assert answer_on(line).startswith(b"HTTP/1.1 413")


def test_the_database_is_asked_only_about_what_is_large():
    def rank_of(_headers):
        raise AssertionError

    settings = Settings()
    small = {"CONTENT_LENGTH": str(settings.web_form_max_bytes)}
    assert size_of(settings, rank_of)("/sign-in", small) == settings.web_form_max_bytes
