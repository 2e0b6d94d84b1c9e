"""Signing in at a real OpenID Connect provider, and at one that lies."""

import time

import httpx
import pytest
from joserfc.jwk import RSAKey

from dashboards.app import create_app
from p2ppool.accounts import identities, users
from p2ppool.settings import Settings
from p2ppool.store.models import Identity, Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.services.openid import provider
from tests.lab.web.people import PageClient, a_user

__all__ = ["provider"]


@pytest.fixture
def app(engine, tmp_path, provider, cheap_passwords):
    app = create_app(engine, Settings(data_folder=tmp_path / "data", **provider.settings))
    app.test_client_class = PageClient
    return app


def begin(client, path="/sign-in/openid"):
    """Goes to the provider; gives where that sends the browser."""
    answer = client.get(path)
    assert answer.status_code == 302, answer.text
    there = httpx.get(answer.headers["Location"], trust_env=False)
    return there.headers["Location"].removeprefix("http://127.0.0.1:8050")


def names(engine):
    with reading(engine) as work:
        return [user.name for user in users.all_users(work.session)]


def test_a_first_and_a_second_sign_in(engine, app, provider):
    a_user(engine, "jane-doe", Role.MANAGER)
    client = app.test_client()
    assert "Sign in with Lab" in client.get("/sign-in").text
    provider.person |= {"email": "jane@example.org", "email_verified": True}
    answer = client.get(begin(client, "/sign-in/openid?next=/map"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/map")
    assert "jane-doe-2 · viewer · jane@example.org" in client.get("/account").text
    provider.person = {"sub": provider.person["sub"], "preferred_username": "other"}
    again = app.test_client()
    assert again.get(begin(again)).headers["Location"] == "/"
    assert names(engine) == ["jane-doe", "jane-doe-2"]
    with reading(engine) as work:
        (found,) = work.session.query(Identity).all()
        assert (found.issuer, found.subject) == (provider.issuer, "248289761001")


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": int(time.time()) - 1000},
        {"sub": ""},
        {"sub": "x" * 300},
        {"sub": 7},
    ],
)
def test_a_token_that_is_not_to_be_believed(engine, app, provider, lies):
    provider.lies = lies
    client = app.test_client()
    assert client.get(begin(client)).status_code == 401
    assert client.get("/account").status_code == 401
    assert names(engine) == []


def test_a_token_signed_by_somebody_else(engine, app, provider):
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "1"})
    client = app.test_client()
    assert client.get(begin(client)).status_code == 401
    assert names(engine) == []


def test_a_code_of_another_browser_and_one_used_twice(app, engine, provider):
    """Nobody is signed in as somebody else by a link (state), nor by a code that was seen (PKCE)."""
    eve, ada = app.test_client(), app.test_client()
    of_eve = begin(eve)
    assert ada.get(of_eve).status_code == 401
    own = begin(ada)
    stolen = own.partition("state=")[0] + "state=" + begin(eve).partition("state=")[2]
    assert eve.get(stolen).status_code == 401
    assert ada.get(own).status_code == 401  # the provider has taken the code back
    own = begin(ada)
    assert ada.get(own).status_code == 302
    assert app.test_client().get(own).status_code == 401


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x&state=<script>alert(1)</script>"])
def test_what_the_provider_never_sent(app, query):
    answer = app.test_client().get(f"/sign-in/openid/done{query}")
    assert (
        answer.status_code,
        "sign-in at the provider failed" in answer.text,
        "<script>alert" in answer.text,
    ) == (
        401,
        True,
        False,
    )


def test_the_same_mail_address_is_not_the_same_person(engine, app, provider):
    with UnitOfWork(engine) as work:
        users.create(work.session, "jane", Role.MANAGER, "test", email="jane@example.org")
        work.commit()
    provider.person |= {"email": "jane@example.org", "email_verified": True, "preferred_username": "jane"}
    client = app.test_client()
    client.get(begin(client))
    assert "jane-2 · viewer" in client.get("/account").text


def test_who_is_disabled_or_not_wanted_stays_out(engine, tmp_path, app, provider):
    client = app.test_client()
    client.get(begin(client))
    with UnitOfWork(engine) as work:
        jane = users.get(work.session, "jane-doe")
        assert identities.is_outside(work.session, jane)
        users.set_active(work.session, jane, "test", active=False)
        work.commit()
    answer = client.get(begin(client))
    assert (answer.status_code, "your account is disabled" in answer.text) == (401, True)
    closed = create_app(
        engine, Settings(data_folder=tmp_path / "data", new_outside_users=False, **provider.settings)
    )
    provider.person["sub"] = "new"
    client = closed.test_client()
    assert "you have no account here yet" in client.get(begin(client)).text


def test_a_provider_that_is_away_or_another(engine, tmp_path, provider, cheap_passwords):
    other = provider.settings | {"openid_issuer": provider.issuer.replace("127.0.0.1", "localhost")}
    client = create_app(engine, Settings(data_folder=tmp_path / "data", **other)).test_client()
    answer = client.get("/sign-in/openid")
    assert (answer.status_code, "sign-in at the provider failed" in answer.text) == (503, True)


def test_without_a_provider_there_is_no_such_page(engine, tmp_path, cheap_passwords):
    client = create_app(engine, Settings(data_folder=tmp_path / "data")).test_client()
    assert client.get("/sign-in/openid").status_code == client.get("/sign-in/openid/done").status_code == 404


def test_settings_of_a_provider_that_do_not_fit():
    for issuer in ("http://id.example.org", "http://127.0.0.1.example.org", "ftp://x", "id.example.org"):
        with pytest.raises(ValueError, match="https://"):
            Settings(openid_issuer=issuer, openid_client_id="x")
    with pytest.raises(ValueError, match="P2PPOOL_OPENID_CLIENT_ID"):
        Settings(openid_issuer="https://id.example.org")
