"""What is recorded of sign-ins, and what users are told of them."""

import pytest
from sqlalchemy import select

from dashboards.app import create_app
from dashboards.sign_in.session.origins import browser_name
from p2ppool.accounts import links, sign_in_record, users
from p2ppool.mail import outbox
from p2ppool.settings import Settings
from p2ppool.store.models import AuditLine, Role
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.services.mailbox import mailbox
from tests.lab.web.people import MANAGER, PASSWORD, PageClient, a_user, sign_in

__all__ = ["mailbox"]

ADA = "ada@example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HERE = {"User-Agent": FIREFOX}


def lines_of(engine, name=MANAGER):
    with reading(engine) as work:
        found = sign_in_record.sign_ins_of(work.session, users.get(work.session, name), 10)
        return [(line.what, line.details) for line in found]


def all_lines(engine):
    with reading(engine) as work:
        lines = work.session.scalars(select(AuditLine).where(AuditLine.what == sign_in_record.FAILURE))
        return [(line.subject, line.what) for line in lines]


def attempt(client, name=MANAGER, password=PASSWORD):
    return client.post("/sign-in", data={"name": name, "password": password}, headers=HERE)


def test_success_and_failure_say_in_which_way_and_from_where(engine, stranger):
    a_user(engine, MANAGER)
    attempt(stranger, password="wrong")
    attempt(stranger)
    origin = {"way": "password", "address": "127.0.0.1", "browser": "Firefox on Linux"}
    assert lines_of(engine) == [
        ("sign-in", origin),
        ("sign-in failed", {**origin, "why": "wrong name or password"}),
    ]


def test_what_nobody_is_called_is_not_written_down(engine, stranger):
    """It may be a password, typed into the wrong field."""
    attempt(stranger, name="my secret passphrase")
    assert all_lines(engine) == [("(no such user)", "sign-in failed")]


def test_a_flood_of_failures_as_nobody_is_not_written_down(engine, app):
    for number in range(320):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number % 250}"
        attempt(client, name=f"nobody{number}")
    assert len(all_lines(engine)) == 300


def test_a_later_user_of_the_same_name_sees_none_of_it(engine, browser, stranger):
    a_user(engine, "bob")
    with UnitOfWork(engine) as work:
        users.remove(work.session, users.get(work.session, MANAGER), "test")
        work.commit()
    a_user(engine, MANAGER)
    assert lines_of(engine) == []


def test_users_see_their_sessions_and_end_one(engine, app):
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        sign_in(engine, client, MANAGER)
    page = first.get("/account").text
    assert page.count("/account/sessions/") == 2
    assert page.count("this browser") == 1
    numbers = {part.split("/")[0] for part in page.split("/account/sessions/")[1:]}
    own = page[: page.index("this browser")].count("/account/sessions/")
    (other,) = numbers - {page.split("/account/sessions/")[own + 1].split("/")[0]}
    assert first.post(f"/account/sessions/{other}/end").status_code == 302
    assert first.get("/account").status_code == 200
    assert second.get("/account").status_code == 401
    assert first.post(f"/account/sessions/{other}/end").status_code == 400


def test_nobody_ends_the_session_of_another(engine, app):
    manager, bob = app.test_client(), app.test_client()
    sign_in(engine, manager, MANAGER)
    sign_in(engine, bob, "bob")
    number = manager.get("/account").text.split("/account/sessions/")[1].split("/")[0]
    assert bob.post(f"/account/sessions/{number}/end").status_code == 400
    assert manager.get("/account").status_code == 200


def test_to_end_ones_own_session_leads_to_the_sign_in(browser):
    number = browser.get("/account").text.split("/account/sessions/")[1].split("/")[0]
    assert browser.post(f"/account/sessions/{number}/end").headers["Location"] == "/sign-in"
    assert browser.get("/account").status_code == 401


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iOS"),
        ("curl/8.0", "curl/8.0"),
        ("<img src=x>\n" + "x" * 500, "<img src=x> " + "x" * 47 + "…"),
        ("", ""),
    ],
)
def test_a_browsers_name(header, name):
    assert browser_name(header) == name


@pytest.fixture
def by_mail(engine, tmp_path, mailbox, cheap_passwords):
    """The pages with a mail server, and the browser of a user who has an address and signs in for once."""
    app = create_app(engine, Settings(data_folder=tmp_path / "mails", **mailbox.settings))
    app.test_client_class = PageClient
    with UnitOfWork(engine) as work:
        users.create(work.session, "ada", Role.MANAGER, "test", password=PASSWORD, email=ADA)
        work.commit()
    client = app.test_client()
    assert attempt(client, "ada").status_code == 302
    return app, client


def test_a_new_browser_is_told_by_mail_and_a_known_one_is_not(by_mail, mailbox):
    app, client = by_mail
    attempt(client, "ada")
    assert mailbox.number() == 0
    attempt(app.test_client(), "ada")
    assert "Firefox on Linux" in mailbox.last_to(ADA)
    assert mailbox.number() == 1


@pytest.mark.parametrize(
    ("path", "sent", "told"),
    [
        ("/account/tokens", {"name": "t", "scope": "view", "days": "9"}, "An API token was created"),
        (
            "/account/password",
            {"current": PASSWORD, "password": "quite another phrase", "again": "quite another phrase"},
            "A new password was set",
        ),
    ],
)
def test_changes_of_ones_account_are_told_by_mail(by_mail, mailbox, path, sent, told):
    _, client = by_mail
    assert client.post(path, data=sent).status_code == 200
    assert told in mailbox.last_to(ADA)


def test_a_password_by_a_link_is_told_by_mail(engine, by_mail, mailbox):
    app, _ = by_mail
    with UnitOfWork(engine) as work:
        link = links.for_password(work.session, "http://x", users.get(work.session, "ada"), "test")
        work.commit()
    chosen = {"password": "quite another phrase", "again": "quite another phrase"}
    client = app.test_client()
    assert client.post("/password", data={"code": link.partition("#")[2], **chosen}).status_code == 302
    outbox.wait()
    assert [mail["Subject"].partition(": ")[2] for mail in mailbox.mails] == [
        "A new password was set",
        "A sign-in in a new browser",
    ]
