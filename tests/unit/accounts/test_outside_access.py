"""Users of a directory or a provider lose access once nobody vouches for them any more."""

from datetime import timedelta

import pytest

from p2ppool.accounts import identities, ldap, sign_ins, tokens, users
from p2ppool.accounts.identities import Person
from p2ppool.accounts.outside_access import end_unvouched
from p2ppool.accounts.sign_in_record import Origin
from p2ppool.errors import UserError
from p2ppool.settings import Settings
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.services.slapd import PASSWORD, slapd

__all__ = ["slapd"]
HERE = Origin("LDAP", "192.0.2.7", "Firefox on Linux")


def let_in(engine, person, *, days_ago=0):
    """A user of elsewhere with a session and a token, who signed in that long ago."""
    with UnitOfWork(engine) as work:
        user = identities.find(work.session, person) or identities.make_user(
            work.session, person, same_name=True
        )
        sign_ins.begin(work.session, user, HERE)
        tokens.create(work.session, user, "t", ["view"], "test")
        user.signed_in_at = now() - timedelta(days=days_ago)
        work.commit()


def has_access(engine, name):
    with reading(engine) as work:
        user = users.get(work.session, name)
        works = [tokens.works(each) for each in tokens.of(work.session, user)]
        found = sign_ins.of(work.session, user, timedelta(days=999), timedelta(days=999))
        assert bool(found) == any(works)
        return any(works)


def test_the_long_absent_lose_sessions_and_tokens_and_others_do_not(engine, cheap_passwords):
    let_in(engine, Person("https://id.example.org", "1", "old"), days_ago=91)
    let_in(engine, Person("https://id.example.org", "2", "new"), days_ago=89)
    assert end_unvouched(engine, Settings()) == ["old"]
    assert (has_access(engine, "old"), has_access(engine, "new")) == (False, True)
    assert end_unvouched(engine, Settings()) == []
    assert end_unvouched(engine, Settings(outside_absent_days=80)) == ["new"]


def test_users_with_a_password_here_keep_theirs(engine, cheap_passwords, ada, work):
    tokens.create(work.session, ada, "t", ["view"], "test")
    ada.created_at = now() - timedelta(days=900)
    work.commit()
    assert end_unvouched(engine, Settings()) == []


@pytest.fixture
def directory(slapd):
    return Settings(**slapd.by_search)


def test_whoever_is_gone_from_the_directory_loses_access(engine, directory, cheap_passwords):
    jane = ldap.authenticate(directory, "jane", PASSWORD)
    let_in(engine, jane)
    let_in(engine, Person(jane.issuer, "an entry that was deleted", "bill"))
    let_in(engine, Person(jane.issuer, "an earlier ada", "ada"))
    assert end_unvouched(engine, directory) == ["bill", "ada"]
    assert (has_access(engine, "jane"), has_access(engine, "bill")) == (True, False)


def test_a_directory_that_is_away_ends_nobodys_access(engine, directory, cheap_passwords):
    away = directory.model_copy(update={"ldap_url": "ldaps://127.0.0.1:1"})
    let_in(engine, Person(away.ldap_url, "1", "jane"))
    assert end_unvouched(engine, away) == []
    with pytest.raises(UserError, match="the directory"):
        ldap.still_there(away, "jane", "1")
