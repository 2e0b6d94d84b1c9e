"""Signing in with a second factor, and being asked again before grave acts."""

import re
from datetime import timedelta
from html import unescape

import pyotp
import pytest

from dashboards.app import create_app
from p2ppool.accounts import links, users
from p2ppool.accounts.second_factor import codes
from p2ppool.settings import Settings
from p2ppool.store.models import CodeApp, Role, SignIn
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.web.people import MANAGER, PASSWORD, PageClient, a_user, sign_in

FACTOR = "/account/second-factor"


def set_up_app(client):
    """The secret of the app, and the recovery codes."""
    shown = client.get(FACTOR).text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1]
    sealed = unescape(re.search(r'name="sealed" value="([^"]+)"', shown)[1])
    answer = client.post(f"{FACTOR}/app", data={"sealed": sealed, "code": pyotp.TOTP(secret).now()})
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b", answer.text)


def forget_last_code(engine):
    """As if the last code had been typed half a minute ago."""
    with UnitOfWork(engine) as work:
        for app in work.session.query(CodeApp):
            app.last_step = None
        work.commit()


def first_step(client, password=PASSWORD, to="/pools/demo"):
    return client.post("/sign-in", data={"name": MANAGER, "password": password, "next": to})


def is_in(client):
    return client.get("/account").status_code == 200


@pytest.fixture
def secret_and_codes(browser):
    return set_up_app(browser)


def test_the_password_alone_is_no_sign_in(engine, app, secret_and_codes):
    forget_last_code(engine)
    client = app.test_client()
    assert first_step(client).headers["Location"] == "/sign-in/second"
    assert not is_in(client)
    code = pyotp.TOTP(secret_and_codes[0]).now()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert client.post("/sign-in/second", data={"code": wrong}).status_code == 401
    assert not is_in(client)
    answer = client.post("/sign-in/second", data={"code": code})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/pools/demo")
    assert is_in(client)


def test_a_code_works_once(engine, app, secret_and_codes):
    forget_last_code(engine)
    code = {"code": pyotp.TOTP(secret_and_codes[0]).now()}
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        first_step(client)
    assert first.post("/sign-in/second", data=code).status_code == 302
    assert second.post("/sign-in/second", data=code).status_code == 401


def test_a_recovery_code_works_once(engine, app, secret_and_codes):
    _, recovery = secret_and_codes
    assert len(recovery) == 10
    for expected in (302, 401):
        client = app.test_client()
        first_step(client)
        answer = client.post("/sign-in/second", data={"code": recovery[3].upper().replace("-", " ")})
        assert answer.status_code == expected
    with reading(engine) as work:
        assert codes.count_recovery_codes(work.session, users.get(work.session, MANAGER)) == 9


@pytest.mark.parametrize("kind", ["password link", "link to come in"])
def test_no_link_leads_past_it(engine, app, secret_and_codes, kind):
    with UnitOfWork(engine) as work:
        user = users.get(work.session, MANAGER)
        if kind == "password link":
            link = links.for_password(work.session, "http://x", user, "test")
        else:
            link = links.for_entry(work.session, "http://x", user, "test", "/")
        work.commit()
    client, path = app.test_client(), "/password" if kind == "password link" else "/enter"
    chosen = {"password": "quite another phrase", "again": "quite another phrase"}
    answer = client.post(path, data={"code": link.partition("#")[2], **chosen})
    assert answer.headers["Location"] == "/sign-in/second"
    assert not is_in(client)


def test_the_second_step_without_the_first_leads_back(stranger):
    assert stranger.get("/sign-in/second").headers["Location"] == "/sign-in"
    assert stranger.post("/sign-in/second", data={"code": "123456"}).headers["Location"] == "/sign-in"


def test_tries_are_limited_from_wherever_they_come(app, secret_and_codes):
    client = app.test_client()
    first_step(client)
    statuses = []
    for number in range(12):
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        statuses.append(client.post("/sign-in/second", data={"code": "000000"}).status_code)
    assert statuses[:10] == [401] * 10
    assert statuses[-1] == 429


def test_a_disabled_user_does_not_get_through_the_second_step(engine, app, browser, secret_and_codes):
    a_user(engine, "bob")
    client = app.test_client()
    first_step(client)
    with UnitOfWork(engine) as work:
        users.set_active(work.session, users.get(work.session, MANAGER), "bob", active=False)
        work.commit()
    answer = client.post("/sign-in/second", data={"code": secret_and_codes[1][0]})
    assert answer.headers["Location"] == "/sign-in"


def test_the_app_of_another_form_is_not_taken(engine, app, browser):
    other = app.test_client()
    sign_in(engine, other, "bob")
    sealed = unescape(re.search(r'name="sealed" value="([^"]+)"', other.get(FACTOR).text)[1])
    answer = browser.post(f"{FACTOR}/app", data={"sealed": sealed, "code": "123456"})
    assert (answer.status_code, "expired" in answer.text) == (400, True)


def test_managers_without_one_may_only_look_where_it_is_a_must(engine, tmp_path, cheap_passwords):
    app = create_app(engine, Settings(data_folder=tmp_path / "must", second_factor_for_managers=True))
    app.test_client_class = PageClient
    client = app.test_client()
    sign_in(engine, client, MANAGER)
    assert client.get("/users").status_code == 403
    assert "Managers here must have a second factor" in client.get(FACTOR).text
    set_up_app(client)
    assert client.get("/users").status_code == 200


def test_a_manager_helps_who_has_lost_everything(engine, app, browser, secret_and_codes):
    helper = app.test_client()
    sign_in(engine, helper, "bob")
    assert helper.post(f"/users/{MANAGER}/second-factor").status_code == 302
    client = app.test_client()
    assert first_step(client).headers["Location"] == "/pools/demo"


def age_sessions(engine):
    """As if everybody had signed in an hour ago."""
    with UnitOfWork(engine) as work:
        for found in work.session.query(SignIn):
            found.proved_at = now() - timedelta(hours=1)
        work.commit()


GRAVE = ["/users", "/users/bob/role", "/users/bob/remove", "/account/tokens", f"{FACTOR}/off"]


@pytest.mark.parametrize("path", GRAVE)
def test_grave_acts_ask_again_in_an_old_session(engine, browser, path):
    a_user(engine, "bob", Role.VIEWER)
    age_sessions(engine)
    sent = {"name": "carol", "role": "manager", "scope": "view"}
    asked = browser.post(path, data=sent)
    assert asked.status_code == 403
    assert f'action="{path}"' in asked.text
    assert 'name="name" value="carol"' in asked.text
    assert browser.post(path, data=sent | {"proof": "wrong"}).status_code == 403
    with reading(engine) as work:
        assert users.find(work.session, "carol") is None
        assert users.get(work.session, "bob").role is Role.VIEWER
    assert browser.post(path, data=sent | {"proof": PASSWORD}).status_code in {200, 302}
    assert browser.post("/users/bob/active", data={"active": "yes"}).status_code in {302, 400}


def test_proofs_are_limited_whichever_form_asks(engine, browser):
    age_sessions(engine)
    paths = ["/account/tokens", "/users", f"{FACTOR}/codes", "/prove", "/users/bob/role"]
    for number in range(10):
        path = paths[number % len(paths)]
        assert browser.post(path, data={"proof": f"guess {number}"}).status_code in {400, 403}
    for path in paths:
        assert browser.post(path, data={"proof": PASSWORD}).status_code == 429
    assert browser.post("/account/tokens").status_code == 403  # asking what is asked for is no guess


def test_a_code_proves_it_too(engine, browser, secret_and_codes):
    age_sessions(engine)
    assert (
        browser.post("/prove", data={"proof": secret_and_codes[1][0], "next": "/map"}).headers["Location"]
        == "/map"
    )
    assert browser.post(f"{FACTOR}/codes").status_code == 200


def test_a_pools_stop_asks_again(engine, app, browser):
    age_sessions(engine)
    from dashboards.components.actions import start  # noqa: PLC0415
    from tests.unit.dashboards.trees import hrefs  # noqa: PLC0415

    cookie = browser.get_cookie("p2ppool_8050")
    with app.test_request_context("/", headers={"Cookie": f"{cookie.key}={cookie.value}"}):
        assert list(hrefs(start.start_action("stop", "demo"))) == ["/prove?next=%2Fpools%2Fdemo"]


def test_whoever_came_in_by_a_link_and_has_nothing_to_prove_is_not_asked(engine, app):
    with UnitOfWork(engine) as work:
        user = users.create(work.session, "demo", Role.MANAGER, "test")
        link = links.for_entry(work.session, "http://x", user, "test", "/")
        work.commit()
    client = app.test_client()
    client.post("/enter", data={"code": link.partition("#")[2]})
    age_sessions(engine)
    assert client.post("/users", data={"name": "carol", "role": "viewer"}).status_code == 200
