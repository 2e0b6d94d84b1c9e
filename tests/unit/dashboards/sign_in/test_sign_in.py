"""Signing in and out, as browsers and those who attack them do it."""

import time
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from dashboards.app import create_app
from dashboards.sign_in.session import sessions
from dashboards.sign_in.session.safe_redirects import destination
from dashboards.sign_in.setup import csrf_cookie
from p2ppool.accounts import links, passwords, users
from p2ppool.settings import Settings
from p2ppool.store.models import Role, SignIn
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.web.people import HEADER, MANAGER, PASSWORD, PageClient, a_user, sign_in

SESSION = "p2ppool_8050"
LONG = "\ufdfa" * 256  # as keyboards compose it, 18 characters each
REFUSAL = "Wrong name or password."


def attempt(client, name=MANAGER, password=PASSWORD, **more):
    return client.post("/sign-in", data={"name": name, "password": password, **more})


def is_in(client):
    return client.get("/account").status_code == 200


def change(engine, act):
    with UnitOfWork(engine) as work:
        done = act(work.session)
        work.commit()
    return done


def test_in_and_out(engine, stranger):
    a_user(engine, MANAGER)
    assert stranger.get("/").headers["Location"] == "/sign-in"
    answer = attempt(stranger, next="/pools/demo")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/pools/demo")
    assert is_in(stranger)
    assert stranger.get("/sign-in").headers["Location"] == "/"
    assert stranger.post("/sign-out").headers["Location"] == "/sign-in"
    assert not is_in(stranger)


def test_one_comes_back_to_where_one_wanted_to_go(engine, stranger):
    asked = stranger.get("/pools/demo/nodes?crawl=7&sort=name")
    assert asked.headers["Location"] == "/sign-in?next=%2Fpools%2Fdemo%2Fnodes%3Fcrawl%3D7%26sort%3Dname"
    assert 'value="/pools/demo/nodes?crawl=7&amp;sort=name"' in stranger.get(asked.headers["Location"]).text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "https:evil.example",
        "evil.example",
        "//[",
        "/" + "x" * 3000,
        "",
        None,
    ],
)
def test_nobody_is_led_elsewhere(elsewhere):
    assert destination(elsewhere) == "/"


def test_a_session_begins_with_the_sign_in(engine, app, stranger):
    """Whoever knew the cookie of before has nothing by it."""
    a_user(engine, MANAGER)
    stranger.get("/sign-in")
    planted = stranger.get_cookie(SESSION).value
    token = stranger.token()
    attempt(stranger)
    assert stranger.get_cookie(SESSION).value != planted
    assert stranger.token() != token
    other = app.test_client()
    other.set_cookie(SESSION, planted)
    assert not is_in(other)


def test_signing_in_again_ends_the_session_of_before(engine, app, browser):
    copy = app.test_client()
    copy.set_cookie(SESSION, browser.get_cookie(SESSION).value)
    assert attempt(browser).status_code == 302
    assert (is_in(browser), is_in(copy)) == (True, False)


def test_a_copied_cookie_is_worth_nothing_after_the_sign_out(engine, app, browser):
    copy = app.test_client()
    copy.set_cookie(SESSION, browser.get_cookie(SESSION).value)
    assert is_in(copy)
    browser.post("/sign-out")
    assert not is_in(copy)


@pytest.mark.parametrize(
    "end",
    [
        lambda session, user: users.set_password(session, user, PASSWORD, "test"),
        lambda session, user: users.set_active(session, user, "test", active=False),
        lambda session, user: users.remove(session, user, "test"),
    ],
)
def test_what_ends_all_sessions_of_a_user(engine, browser, end):
    a_user(engine, "bob")
    change(engine, lambda session: end(session, users.get(session, MANAGER)))
    assert not is_in(browser)
    assert browser.get("/_dash-layout").status_code == 401


def test_a_role_that_is_taken_is_gone_at_once(engine, browser):
    a_user(engine, "bob")
    change(engine, lambda session: users.set_role(session, users.get(session, MANAGER), Role.VIEWER, "bob"))
    assert browser.get("/users").status_code == 403


def test_the_cookie_is_kept_from_scripts_other_sites_and_other_managers(engine, stranger):
    a_user(engine, MANAGER)
    cookies = attempt(stranger).headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == [SESSION, f"{SESSION}_known"]
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_by_tls_it_goes_by_tls_alone(engine, tmp_path, cheap_passwords):
    settings = Settings(data_folder=tmp_path / "tls", public_url="https://pools.example.org")
    client = create_app(engine, settings).test_client()
    answer = client.get("/sign-in", base_url="https://pools.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-p2ppool_8050=")
    assert {"Secure", "HttpOnly"} <= set(cookie.split("; "))
    assert client.get("/sign-in", base_url="https://evil.example").status_code == 421


def test_the_key_of_the_cookies_is_this_managers_own(engine, app, tmp_path, cheap_passwords):
    again = create_app(engine, Settings(data_folder=tmp_path / "data"))
    other = create_app(engine, Settings(data_folder=tmp_path / "other"))
    assert app.secret_key == again.secret_key != other.secret_key
    assert len(app.secret_key) >= 64
    assert (tmp_path / "data/vault.key").read_text().strip() not in str(app.config)


def test_an_unknown_name_is_answered_as_a_wrong_password(engine, app, monkeypatch):
    work = []
    verify, count = sessions.Account.verify_and_update_password, sessions.hash_password
    monkeypatch.setattr(
        sessions.Account, "verify_and_update_password", lambda *a: work.append("verify") or verify(*a)
    )
    monkeypatch.setattr(sessions, "hash_password", lambda *a: work.append("hash") or count(*a))
    a_user(engine, MANAGER)
    change(engine, lambda session: users.create(session, "invited", Role.VIEWER, "test"))
    off = a_user(engine, "off", Role.VIEWER)
    change(engine, lambda session: users.set_active(session, session.merge(off), "test", active=False))
    said = set()
    for name, password in (
        (MANAGER, "wrong"),
        ("nobody", PASSWORD),
        ("invited", ""),
        ("off", PASSWORD),
        ("<script>", "x"),
        (MANAGER, LONG),
        ("nobody", LONG),
        ("", ""),
    ):
        client = app.test_client()
        answer = attempt(client, name, password)
        assert REFUSAL in answer.text
        assert "<script>" not in answer.text.split("<main")[1]
        assert not is_in(client)
        said.add(answer.status_code)
    assert said == {401}
    assert work == [
        "verify",
        "hash",
        "hash",
        "verify",
        "hash",
        "verify",
        "hash",
        "hash",
    ]  # each costs one hash


def test_the_library_checks_what_the_command_line_has_hashed(engine, app, monkeypatch):
    """And makes the hash anew where its cost is not today's."""
    user = a_user(engine, MANAGER)
    assert user.password.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    with app.test_request_context():
        assert sessions.user_with(MANAGER, PASSWORD)[0]
    with reading(engine) as work:
        assert users.get(work.session, MANAGER).password == user.password
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    app = create_app(engine, app.extensions["p2ppool"].settings)
    with app.test_request_context():
        assert sessions.user_with(MANAGER, PASSWORD)[0]
    with reading(engine) as work:
        assert users.get(work.session, MANAGER).password.startswith("$argon2id$v=19$m=8,t=2,p=1$")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/account/password", "/account/tokens", "/users"])
def test_forms_of_other_sites_are_refused(engine, app, browser, path):
    foreign = app.test_client()
    for token in (None, "", "x", foreign.token()):
        data = {"name": MANAGER, "password": PASSWORD} | ({} if token is None else {"csrf_token": token})
        assert browser.post(path, data=data, forged=True).status_code == 400
    assert is_in(browser)


def test_callbacks_of_other_sites_are_refused(app, browser):
    foreign = app.test_client().token()
    for headers in ({}, {HEADER: "x"}, {HEADER: foreign}):
        answer = browser.post("/_dash-update-component", json={}, headers=headers, forged=True)
        assert answer.status_code == 400
    browser.get("/")
    own = {HEADER: browser.get_cookie(csrf_cookie(Settings())).value}
    answer = browser.post("/_dash-update-component", json={}, headers=own, forged=True)
    assert "form is too old" not in answer.text


def tries_of(client, address, count, name=MANAGER, password="wrong"):
    """The answers that the tries of that name get which come from that address."""
    headers = {HEADER: client.token()}
    where = {"REMOTE_ADDR": address}
    data = {"name": name, "password": password}
    posts = (
        client.post("/sign-in", data=data, headers=headers, environ_overrides=where) for _ in range(count)
    )
    return [answer.status_code for answer in posts]


def test_guessing_is_slowed_down_by_name_for_each_address_apart(engine, app):
    a_user(engine, MANAGER)
    assert tries_of(app.test_client(), "192.0.2.1", 6) == [401] * 6
    assert tries_of(app.test_client(), "192.0.2.1", 5, MANAGER.upper()) == [401] * 4 + [429]
    assert attempt(app.test_client()).status_code == 302  # from elsewhere


def test_one_address_alone_does_not_use_up_the_tries_of_all(engine, app, monkeypatch):
    clock, codes = [time.time()], []
    monkeypatch.setattr(time, "time", lambda: clock[0])
    for _ in range(15):
        codes += tries_of(app.test_client(), "192.0.2.1", 10)
        clock[0] += 61
    assert codes == [401] * 60 + [429] * 90
    assert tries_of(app.test_client(), "192.0.2.2", 5) == [401] * 5


def test_guessing_from_many_addresses_ends_but_not_for_the_users_own_browsers(engine, app):
    for name in (MANAGER, "bob"):
        a_user(engine, name)
    own, bobs = app.test_client(), app.test_client()
    assert (attempt(own).status_code, attempt(bobs, "bob").status_code) == (302, 302)
    for browser in (own, bobs):
        browser.post("/sign-out")
    codes = [code for number in range(10) for code in tries_of(app.test_client(), f"192.0.2.{number}", 10)]
    assert codes == [401] * 99 + [429]  # as the first sign-in in their own browser counts, too
    assert [attempt(client).status_code for client in (app.test_client(), bobs)] == [429, 429]
    forged = app.test_client()
    forged.set_cookie(f"{SESSION}_known", own.get_cookie(f"{SESSION}_known").value[:-2] + "xx")
    assert attempt(forged).status_code == 429
    assert attempt(own).status_code == 302


@pytest.mark.parametrize("addresses", [["192.0.2.1"], ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:9::1"]])
def test_guessing_is_slowed_down_by_address(app, stranger, addresses):
    headers = {HEADER: stranger.token()}
    codes = [
        stranger.post(
            "/sign-in",
            data={"name": f"user{number}", "password": "wrong"},
            headers=headers,
            environ_overrides={"REMOTE_ADDR": addresses[number % len(addresses)]},
        ).status_code
        for number in range(31)
    ]
    assert codes == [401] * 30 + [429]
    elsewhere = stranger.post(
        "/sign-in", data={"name": "x"}, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}
    )
    assert elsewhere.status_code == 401


def test_an_idle_session_ends_and_a_page_that_asks_by_itself_is_idle(engine, app, browser):
    idle = timedelta(seconds=app.extensions["p2ppool"].settings.session_idle)
    headers = {HEADER: browser.token()}

    def ask(*changed):
        browser.post("/_dash-update-component", json={"changedPropIds": changed}, headers=headers)

    set_last_use(engine, now() - idle + timedelta(seconds=100))
    before = last_use(engine)
    ask("pool-clock.n_intervals", "pool-activity.data")
    assert last_use(engine) == before
    ask("pool-clock.n_intervals", "pool-do.n_clicks")
    assert last_use(engine) > before
    set_last_use(engine, now() - idle)
    assert not is_in(browser)


def last_use(engine):
    with reading(engine) as work:
        return work.session.query(SignIn).one().used_at


def set_last_use(engine, moment):
    change(engine, lambda session: session.query(SignIn).update({"used_at": moment}))


def test_the_first_manager(engine, stranger):
    assert "There are no users yet" in stranger.get("/sign-in").text
    link = change(engine, lambda session: links.for_first_manager(session, "http://localhost"))
    path, _, code = link.removeprefix("http://localhost").partition("#")
    form = {"code": code, "name": MANAGER, "password": PASSWORD, "again": PASSWORD}
    for wrong, problem in (
        ({"code": "x"}, "this link is no longer valid"),
        ({"password": "short", "again": "short"}, "a password has 10 to 256 characters"),
        ({"again": "other"}, "the two passwords differ"),
        ({"name": "a b"}, "is not 1 to 48 letters"),
    ):
        answer = stranger.post(path, data=form | wrong)
        assert (answer.status_code, problem in answer.text) == (400, True)
    answer = stranger.post(path, data=form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert stranger.get("/users").status_code == 200
    stranger.post("/sign-out")
    assert "this link is no longer valid" in stranger.post(path, data=form | {"name": "eve"}).text
    assert "There are no users yet" not in stranger.get("/sign-in").text


def test_a_link_to_come_in_and_one_to_choose_a_password(engine, app, stranger):
    a_user(engine, MANAGER)
    bob = a_user(engine, "bob", Role.VIEWER)
    entry = change(engine, lambda session: links.for_entry(session, "", bob, "test", "/pools/demo"))
    path, _, code = entry.partition("#")
    assert stranger.post(path, data={"code": code}).headers["Location"] == "/pools/demo"
    assert "bob" in stranger.get("/account").text
    assert app.test_client().post(path, data={"code": code}).status_code == 400
    path, _, code = change(engine, lambda session: links.for_password(session, "", bob, "test")).partition(
        "#"
    )
    form = {"code": code, "password": "another fine password", "again": "another fine password"}
    assert app.test_client().post(path, data=form).status_code == 302
    assert not is_in(stranger)
    sign_in_again = app.test_client()
    assert attempt(sign_in_again, "bob", PASSWORD).status_code == 401
    assert attempt(sign_in_again, "bob", "another fine password").status_code == 302


def test_open_to_viewers(engine, tmp_path, cheap_passwords):
    app = create_app(engine, Settings(data_folder=tmp_path / "open", open_to_viewers=True))
    app.test_client_class = PageClient
    client = app.test_client()
    assert client.get("/").status_code == 200
    assert "Sign in" in client.get("/_dash-layout").text
    assert client.get("/account", headers={"Accept": "text/html"}).headers["Location"].startswith("/sign-in")
    assert client.post("/users", data={"name": "eve"}).status_code == 401
    assert client.get("/", headers={"Authorization": "Bearer p2p_wrong"}).status_code == 401
    sign_in(engine, client, MANAGER)
    assert is_in(client)
