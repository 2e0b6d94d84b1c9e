"""Links work once, for a day, for what they were made for."""

import threading
from datetime import timedelta

import pytest

from p2ppool.accounts import links, users
from p2ppool.errors import UserError
from p2ppool.store.models import LinkKind, OneTimeLink, Role
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.web.people import PASSWORD

GONE = "is no longer valid"


def code(link):
    return link.partition("#")[2]


def test_the_first_manager_is_made_once(session):
    link = links.for_first_manager(session, "http://here")
    assert link.startswith("http://here/welcome#")
    session.flush()
    ada = links.become_first_manager(session, code(link), "Ada", PASSWORD)
    assert (ada.name, ada.role) == ("ada", Role.MANAGER)
    with pytest.raises(UserError, match=GONE):
        links.become_first_manager(session, code(link), "eve", PASSWORD)
    assert links.for_first_manager(session, "http://here") is None


def test_a_later_start_makes_the_earlier_link_void(session):
    first, second = (links.for_first_manager(session, "") for _ in range(2))
    with pytest.raises(UserError, match=GONE):
        links.become_first_manager(session, code(first), "ada", PASSWORD)
    assert links.become_first_manager(session, code(second), "ada", PASSWORD)


def test_a_link_for_the_first_is_void_once_there_is_a_manager(session):
    link = links.for_first_manager(session, "")
    users.create(session, "ada", Role.MANAGER, "test")
    with pytest.raises(UserError, match="there is already a manager"):
        links.become_first_manager(session, code(link), "eve", PASSWORD)


def test_a_refused_name_or_password_leaves_the_link(engine, cheap_passwords):
    with UnitOfWork(engine) as work:
        link = links.for_first_manager(work.session, "")
        work.commit()
    for name, password in (("a b", PASSWORD), ("ada", "short")):
        with UnitOfWork(engine) as work, pytest.raises(UserError):
            links.become_first_manager(work.session, code(link), name, password)
    with UnitOfWork(engine) as work:
        assert links.become_first_manager(work.session, code(link), "ada", PASSWORD)


def test_a_password_is_chosen_once(session, ada, bob):
    link = links.for_password(session, "", bob, "test")
    before = bob.password
    assert links.choose_password(session, code(link), "another fine password") is bob
    assert bob.password != before
    with pytest.raises(UserError, match=GONE):
        links.choose_password(session, code(link), "another fine password")


def test_whoever_says_they_are_a_user_takes_no_link_away(session, ada, bob, monkeypatch):
    given = links.for_password(session, "", bob, "page ada")
    asked = [links.for_stranger(session, "", bob, "page forgotten") for _ in range(3)]
    assert links.owner(session, code(given), LinkKind.PASSWORD) is bob
    monkeypatch.setattr(links, "MOST", 2)
    asked.append(links.for_stranger(session, "", bob, "page forgotten"))
    for link in (given, *asked[:2]):
        with pytest.raises(UserError, match=GONE):
            links.owner(session, code(link), LinkKind.PASSWORD)
    for link in asked[2:]:
        assert links.owner(session, code(link), LinkKind.PASSWORD) is bob
    links.for_password(session, "", bob, "page ada")
    with pytest.raises(UserError, match=GONE):
        links.owner(session, code(asked[3]), LinkKind.PASSWORD)


def test_a_link_is_good_for_nothing_else_and_not_for_ever(session, ada, bob):
    password = links.for_password(session, "", bob, "test")
    entry = links.for_entry(session, "http://here", bob, "test", "/pools/demo")
    assert entry.startswith("http://here/enter?next=%2Fpools%2Fdemo#")
    for use in (
        lambda: links.enter(session, code(password)),
        lambda: links.choose_password(session, code(entry), PASSWORD),
        lambda: links.become_first_manager(session, code(entry), "eve", PASSWORD),
        lambda: links.enter(session, "x" * 100_000),
        lambda: links.enter(session, ""),
    ):
        with pytest.raises(UserError, match=GONE):
            use()
    session.query(OneTimeLink).update({"expires_at": now() - timedelta(seconds=1)})
    session.expire_all()
    with pytest.raises(UserError, match=GONE):
        links.enter(session, code(entry))


def test_a_disabled_users_links_let_nobody_in(session, ada, bob):
    entry = links.for_entry(session, "", bob, "test", "/")
    users.set_active(session, bob, "test", active=False)
    with pytest.raises(UserError, match=GONE):
        links.enter(session, code(entry))


def test_of_many_at_the_same_time_one_becomes_the_first_manager(engine, cheap_passwords):
    with UnitOfWork(engine) as work:
        link = links.for_first_manager(work.session, "")
        work.commit()
    barrier, refused = threading.Barrier(4), []

    def become(name):
        barrier.wait()
        try:
            with UnitOfWork(engine) as work:
                links.become_first_manager(work.session, code(link), name, PASSWORD)
                work.commit()
        except UserError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=become, args=(f"user{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with reading(engine) as work:
        assert len(users.all_users(work.session)) == 1
    assert len(refused) == 3
