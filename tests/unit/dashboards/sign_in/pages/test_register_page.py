"""Becoming a user, by a manager's word or by mail; and leaving for good."""

import pytest

from dashboards.app import create_app
from p2ppool.accounts import links, registrations, users
from p2ppool.mail import outbox
from p2ppool.settings import Settings
from p2ppool.store.models import Group, LinkKind, Registration, Role, User
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.groups import a_vpn
from tests.lab.services.mailbox import link_in, mailbox
from tests.lab.web.people import MANAGER, PASSWORD, PageClient, a_user, sign_in

__all__ = ["mailbox"]

BOB = {"name": "bob", "email": "bob@example.org", "password": PASSWORD, "again": PASSWORD}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.5"}
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def serve(engine, tmp_path, cheap_passwords):
    """Makes the server with settings of one's own, and gives a browser."""

    def serve(**chosen):
        app = create_app(engine, Settings(data_folder=tmp_path / "data", **chosen))
        app.test_client_class = PageClient
        return app.test_client()

    return serve


def named(engine, name):
    with reading(engine) as work:
        return users.find(work.session, name)


def signs_in(client, name=BOB["name"]):
    return client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 302


def told(answer):
    return (answer.status_code, answer.text.split("<main")[1])


def test_a_manager_accepts(engine, app, browser):
    visitor = app.test_client()
    assert "A manager approves you" in visitor.get("/register").text
    assert "A manager will decide" in visitor.post("/register", data=BOB).text
    assert not signs_in(visitor)
    page = browser.get("/users").text
    assert "bob@example.org" in page
    assert 'title="registrations waiting for your decision">1<' in page
    assert "who-waiting" in browser.get("/_dash-layout").text
    assert browser.post("/users/waiting/1/accept").status_code == 302
    assert "no registration waits" in browser.post("/users/waiting/1/deny").text
    assert "who-waiting" not in browser.get("/users").text
    assert signs_in(visitor)
    assert (named(engine, "bob").role, named(engine, "bob").email) == (Role.VIEWER, BOB["email"])


def test_a_manager_denies(engine, app, browser):
    app.test_client().post("/register", data=BOB)
    assert browser.post("/users/waiting/1/deny").status_code == 302
    assert named(engine, "bob") is None
    assert "registration denied" in browser.get("/users").text


def test_nobody_learns_by_registering_who_is_a_user(engine, app, browser):
    """And managers see that name already taken, which can't be accepted even by hand."""
    visitor = app.test_client()
    free = told(visitor.post("/register", data=BOB))
    assert told(visitor.post("/register", data=BOB | {"name": MANAGER.upper()})) == free
    assert free[0] == 200
    assert "name already taken" in browser.get("/users").text
    answer = browser.post("/users/waiting/2/accept")
    assert (answer.status_code, "there is a user named ada already" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"name": "a+b"}, "is not 1 to 48 letters"),
        ({"name": EVIL}, "is not 1 to 48 letters"),
        ({"email": ""}, "a mail address is required"),
        ({"email": "x\r\nBcc: eve@example.org"}, "is not a mail address"),
        ({"email": EVIL}, "is not a mail address"),
        ({"again": "other"}, "the two passwords differ"),
        ({"password": "short", "again": "short"}, "a password has 10 to 256 characters"),
    ],
)
def test_what_nobody_can_register(app, engine, wrong, problem):
    answer = app.test_client().post("/register", data=BOB | wrong)
    assert (answer.status_code, problem in answer.text, EVIL in answer.text) == (400, True, False)
    with reading(engine) as work:
        assert work.session.query(Registration).count() == 0


def test_registering_can_be_off(serve):
    client = serve(registration="off")
    assert "/register" not in client.get("/sign-in").text
    assert client.get("/register").status_code == 404
    assert client.post("/register", data=BOB).status_code == 404


def test_registering_is_slowed_down_and_a_flood_ends(serve, monkeypatch, engine):
    client = serve()
    headers = {"X-XSRF-Token": client.token()}
    monkeypatch.setattr(registrations, "MOST", 4)
    codes = [
        client.post("/register", data=BOB | {"email": f"b{n}@example.org"}, headers=headers).status_code
        for n in range(11)
    ]
    assert codes == [200] * 4 + [400] * 6 + [429]


def test_whoever_reads_the_mail_and_knows_the_password_is_in(engine, serve, mailbox):
    client = serve(registration="mail", **mailbox.settings)
    assert "Check your mail" in client.post("/register", data=BOB).text
    path, code = link_in(mailbox.last_to(BOB["email"]))
    assert client.get(path).status_code == 200
    answer = client.post(path, data={"code": code, "password": "another password"})
    assert (answer.status_code, "not the password that you chose" in answer.text) == (400, True)
    assert named(engine, "bob") is None
    assert client.post(path, data={"code": code, "password": PASSWORD}).status_code == 302
    assert "bob" in client.get("/account").text
    again = client.post(path, data={"code": code, "password": PASSWORD})
    assert "is no longer valid" in again.text


def test_with_a_mail_server_a_manager_hears_of_confirmed_addresses_alone(engine, serve, mailbox):
    client = serve(**mailbox.settings)
    with UnitOfWork(engine) as work:
        users.create(work.session, MANAGER, Role.MANAGER, "test", password=PASSWORD, email="ada@example.org")
        work.commit()
    client.post("/register", data=BOB)
    path, code = link_in(mailbox.last_to(BOB["email"]))
    assert "A manager will decide" in client.post(path, data={"code": code, "password": PASSWORD}).text
    assert "/users" in mailbox.last_to("ada@example.org")
    sign_in(engine, client, MANAGER)
    assert client.post("/users/waiting/1/accept").status_code == 302
    assert "/sign-in" in mailbox.last_to(BOB["email"])


def test_the_mailbox_alone_learns_who_is_a_user(engine, serve, mailbox):
    client = serve(registration="mail", **mailbox.settings)
    free = told(client.post("/register", data=BOB))
    path, code = link_in(mailbox.last_to(BOB["email"]))
    a_user(engine, "bob")
    with UnitOfWork(engine) as work:
        users.create(work.session, "carol", Role.VIEWER, "test", email="Carol@example.org")
        work.commit()
    assert told(client.post("/register", data=BOB | {"email": "new@example.org"})) == free
    assert "that name is taken" in mailbox.last_to("new@example.org")
    assert told(client.post("/register", data=BOB | {"email": "carol@example.org"})) == free
    assert "You are the user carol" in mailbox.last_to("carol@example.org")
    assert "already" in client.post(path, data={"code": code, "password": PASSWORD}).text


def test_another_password_by_mail(engine, serve, mailbox):
    client = serve(**mailbox.settings)
    with UnitOfWork(engine) as work:
        users.create(work.session, "bob", Role.VIEWER, "test", password=PASSWORD, email=BOB["email"])
        work.commit()
    unknown = told(client.post("/forgotten", data={"name": "nobody"}))
    assert mailbox.number() == 0
    for name in ("bob", BOB["email"].upper()):
        assert told(client.post("/forgotten", data={"name": name})) == unknown
    path, code = link_in(mailbox.last_to(BOB["email"]))
    new = "another fine password"
    assert client.post(path, data={"code": code, "password": new, "again": new}).status_code == 302
    assert client.get("/account").status_code == 200
    assert "A new password was set" in mailbox.last_to(BOB["email"])
    assert mailbox.number() == 3


def test_strangers_flood_no_mailbox_by_whatever_form(engine, serve, mailbox):
    """And what a mailbox does not hear of leaves nothing behind."""
    client = serve(**mailbox.settings)
    with UnitOfWork(engine) as work:
        bob = users.create(work.session, "bob", Role.VIEWER, "test", email=BOB["email"])
        given = links.for_password(work.session, "", bob, "page ada")
        work.commit()
    for _ in range(4):
        for form in ("bob", BOB["email"]):
            assert client.post("/forgotten", data={"name": form}).status_code == 200
        new = BOB | {"name": "eve", "email": "new@example.org"}
        assert client.post("/register", data=BOB | {"name": "eve"}).status_code == 200
        assert client.post("/register", data=new, environ_base=ELSEWHERE).status_code == 200
    client.post("/forgotten", data={"name": "NEW@example.org"}, environ_base=ELSEWHERE)
    client.post("/register", data=new, environ_base=ELSEWHERE)
    client.post("/register", data=new, environ_base=ELSEWHERE)
    outbox.wait()
    assert sorted(mailbox.recipients) == [BOB["email"]] * 5 + ["new@example.org"] * 5
    with reading(engine) as work:
        assert work.session.query(Registration).count() == 5
        assert links.owner(work.session, given.partition("#")[2], LinkKind.PASSWORD).name == "bob"


def test_a_mail_that_is_not_sent_is_shown_to_managers(engine, serve, mailbox):
    client = serve(**mailbox.settings)
    mailbox.refusing = ["554 no"]
    client.post("/register", data=BOB)
    outbox.wait()
    sign_in(engine, client, MANAGER)
    assert "Mails that could not be sent" in client.get("/users").text


def test_without_a_mail_server_a_manager_helps(app):
    answer = app.test_client().get("/forgotten")
    assert "Ask a manager" in answer.text
    assert "<form" not in answer.text.split("<main")[1]


def test_an_account_is_deleted_with_its_password_and_leaves_its_groups(engine, app, browser):
    a_user(engine, "bob", Role.VIEWER)
    with UnitOfWork(engine) as work:
        a_vpn(work.session, users.get(work.session, "bob"), "bobs-net")
        work.commit()
    client = app.test_client()
    sign_in(engine, client, "bob")
    assert "bobs-net" in client.get("/account").text
    assert "nothing was deleted" in client.post("/account/remove", data={"current": "wrong"}).text
    # The page has named them; somebody else may have made bob their last admin since.
    unaware = client.post("/account/remove", data={"current": PASSWORD})
    assert "this deletes GroupVPN bobs-net" in unaware.text
    confirmed = {"current": PASSWORD, "agreed": "GroupVPN bobs-net"}
    answer = client.post("/account/remove", data=confirmed)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
    assert client.get("/account").status_code == 401
    with reading(engine) as work:
        assert work.session.query(User).count() == 1
        assert work.session.query(Group).count() == 0


def test_the_last_manager_stays(browser):
    answer = browser.post("/account/remove", data={"current": PASSWORD})
    assert (answer.status_code, "the only manager" in answer.text) == (400, True)
    assert browser.get("/account").status_code == 200


def test_whom_a_manager_removes_leaves_their_groups(engine, browser):
    a_user(engine, "bob", Role.VIEWER)
    with UnitOfWork(engine) as work:
        a_vpn(work.session, users.get(work.session, "bob"), "bobs-net")
        work.commit()
    asked = browser.post("/users/bob/remove")
    assert (asked.status_code, "Remove bob? That deletes GroupVPN bobs-net" in asked.text) == (409, True)
    assert browser.post("/users/bob/remove", data={"agreed": "GroupVPN bobs-net"}).status_code == 302
    with reading(engine) as work:
        assert work.session.query(Group).count() == 0
