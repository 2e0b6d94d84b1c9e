"""One's own account, and the page on which managers let others in."""

import re

import pytest

from p2ppool.accounts import tokens, users
from p2ppool.errors import UserError
from p2ppool.store.models import Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.web.people import MANAGER, PASSWORD, a_user, sign_in

EVIL = "<img src=x onerror=alert(1)>"
NEW = "another fine password"


@pytest.fixture
def other(app, engine, browser):
    """Another browser of the same manager."""
    client = app.test_client()
    sign_in(engine, client, MANAGER)
    return client


def is_in(client):
    return client.get("/account").status_code == 200


def secret_of(page):
    return re.search(r'<code id="secret">([^<]+)</code>', page)[1]


def test_another_password_signs_out_all_other_browsers(browser, other):
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    for wrong, problem in (
        ({"current": "x"}, "the current password is wrong"),
        ({"again": "x"}, "the two new passwords differ"),
        ({"password": "short", "again": "short"}, "10 to 256 characters"),
    ):
        answer = browser.post("/account/password", data=form | wrong)
        assert (answer.status_code, problem in answer.text) == (400, True)
    assert is_in(other)
    assert "was changed" in browser.post("/account/password", data=form).text
    assert (is_in(browser), is_in(other)) == (True, False)
    assert other.post("/sign-in", data={"name": MANAGER, "password": PASSWORD}).status_code == 401
    assert other.post("/sign-in", data={"name": MANAGER, "password": NEW}).status_code == 302


@pytest.mark.parametrize("ticked", [{}, {"tokens": "revoke"}])
def test_tokens_end_with_a_new_password_if_that_is_ticked(app, engine, browser, ticked):
    def works(text):
        with reading(engine) as work:
            return tokens.find(work.session, text) is not None

    new = {"password": NEW, "again": NEW} | ticked
    assert 'value="revoke">' in browser.get("/account").text
    text = secret_of(browser.post("/account/tokens", data={"name": "t", "scope": "view"}).text)
    assert browser.post("/account/password", data={"current": "x"} | new).status_code == 400
    assert works(text)
    assert browser.post("/account/password", data={"current": PASSWORD} | new).status_code == 200
    assert works(text) is not bool(ticked)
    text = secret_of(browser.post("/account/tokens", data={"name": "t", "scope": "view"}).text)
    link = secret_of(browser.post("/users/ada/link").text)
    path, _, code = link.removeprefix("http://127.0.0.1:8050").partition("#")
    assert 'value="revoke" checked>' in app.test_client().get(path).text
    assert app.test_client().post(path, data={"code": code} | new).status_code == 302
    assert works(text) is not bool(ticked)


@pytest.mark.parametrize("number", [2**31, 10**30, "9" * 5000])
def test_a_number_that_no_row_has_leads_nowhere(browser, number):
    for path in ("/users/waiting/{}/accept", "/users/waiting/{}/deny", "/account/tokens/{}/revoke"):
        assert browser.post(path.format(number)).status_code == 404


def test_guessing_the_current_password_is_slowed_down(browser):
    headers = {"X-XSRF-Token": browser.token()}
    codes = [
        browser.post("/account/password", data={"current": "x"}, headers=headers).status_code
        for _ in range(11)
    ]
    assert codes == [400] * 10 + [429]


def test_out_everywhere(browser, other):
    browser.post("/account/sign-out-everywhere")
    assert (is_in(browser), is_in(other)) == (False, False)


def test_a_token_is_shown_once_and_revoked(engine, app, browser):
    page = browser.post("/account/tokens", data={"name": EVIL, "scope": ["view"], "days": "7"})
    assert page.headers["Cache-Control"] == "private, no-store"
    text = secret_of(page.text)
    later = browser.get("/account").text
    assert text not in later
    assert text[:10] in later
    assert EVIL not in later
    with reading(engine) as work:
        token = tokens.find(work.session, text)
        assert (token.scopes, token.expires_at is not None) == (["view"], True)
    a_user(engine, "bob", Role.VIEWER)
    bob = app.test_client()
    sign_in(engine, bob, "bob")
    assert bob.post(f"/account/tokens/{token.id}/revoke").status_code == 400
    assert browser.post(f"/account/tokens/{token.id}/revoke").status_code == 302
    with reading(engine) as work:
        assert tokens.find(work.session, text) is None
    assert "revoked" in browser.get("/account").text


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "scope": "view", "days": "1"},
        {"name": "x", "days": "1"},
        {"name": "x", "scope": "act", "days": "1"},
        {"name": "x", "scope": "view", "days": "-1"},
        {"name": "x", "scope": "view", "days": "9" * 400},
        {"name": "x", "scope": "view", "days": "\u0663"},
        {"name": "x", "scope": "view", "days": "99999"},
    ],
)
def test_a_token_that_cannot_be_is_one_line(browser, form):
    answer = browser.post("/account/tokens", data=form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'id="secret"' not in answer.text


def test_a_manager_lets_somebody_in(engine, app, browser):
    page = browser.post("/users", data={"name": "Bob", "email": "bob@example.org", "role": "viewer"})
    path, _, code = secret_of(page.text).removeprefix("http://127.0.0.1:8050").partition("#")
    assert code not in browser.get("/users").text
    bob = app.test_client()
    assert bob.post(path, data={"code": code, "password": NEW, "again": NEW}).status_code == 302
    assert bob.get("/users").status_code == 403
    assert browser.post("/users/bob/role", data={"role": "manager"}).status_code == 302
    assert bob.get("/users").status_code == 200
    assert browser.post("/users/bob/active", data={"active": "no"}).status_code == 302
    assert not is_in(bob)
    assert browser.post("/users/bob/active", data={"active": "yes"}).status_code == 302
    assert browser.post("/users/bob/remove").status_code == 302
    shown = browser.get("/users").text
    assert 'user-who">\n<div><b>bob</b>' not in shown
    assert "by page ada" in shown


@pytest.mark.parametrize(
    ("path", "form", "problem"),
    [
        ("/users", {"name": "ada", "role": "viewer"}, "there is a user named ada already"),
        ("/users", {"name": EVIL, "role": "viewer"}, "is not 1 to 48 letters"),
        ("/users", {"name": "bob", "role": "owner"}, "the role is manager, viewer or member"),
        ("/users", {"name": "bob", "role": "viewer", "email": EVIL}, "is not a mail address"),
        ("/users/ada/role", {"role": "viewer"}, "ada is the only manager"),
        ("/users/ada/active", {"active": "no"}, "ada is the only manager"),
        ("/users/ada/remove", {}, "ada is the only manager"),
        ("/users/nobody/link", {}, "there is no user named"),
        ("/users/%3Cb%3E/remove", {}, "there is no user named"),
    ],
)
def test_what_cannot_be_is_one_line_of_text(browser, path, form, problem):
    answer = browser.post(path, data=form)
    assert (answer.status_code, problem in answer.text) == (400, True)
    assert EVIL not in answer.text
    assert "<b>&#39;" not in answer.text


def test_two_managers_who_demote_each_other_do_not_both_succeed(engine, browser):
    a_user(engine, "bob")
    with UnitOfWork(engine) as work:
        users.set_role(work.session, users.get(work.session, "bob"), Role.VIEWER, "ada")
        work.commit()
    with UnitOfWork(engine) as work, pytest.raises(UserError, match="only manager"):
        users.set_role(work.session, users.get(work.session, MANAGER), Role.VIEWER, "bob")
