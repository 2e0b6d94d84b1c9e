"""Users: their names, what may be changed of them, and who must be left."""

import pytest
from argon2 import PasswordHasher

from p2ppool.accounts import passwords, users
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.store.models import Role, SubjectKind, User
from tests.lab.web.people import PASSWORD


def test_a_user_is_found_however_the_name_is_written(session, ada):
    assert users.find(session, " ADA ") is ada
    assert users.find(session, "eve") is None
    assert users.has_manager(session)


def test_a_name_is_taken_once(session, ada):
    with pytest.raises(UserError, match="there is a user named ada already"):
        users.create(session, "Ada", Role.VIEWER, "test")


@pytest.mark.parametrize("name", ["", " ", "-x", "a b", "a/b", "<b>", "ä", "a\nb", "x" * 49, "a\x00"])
def test_names_that_cannot_be_used(session, name):
    with pytest.raises(UserError, match="is not 1 to 48") as raised:
        users.create(session, name, Role.VIEWER, "test")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("email", ["nobody", "a@", "@b", "a b@c", "<a@b>", f"{'x' * 300}@b"])
def test_mail_addresses_that_are_none(session, email):
    with pytest.raises(UserError, match="is not a mail address"):
        users.create(session, "eve", Role.VIEWER, "test", email=email)


@pytest.mark.parametrize("password", ["", "short", "ada       ", "aaaaaaaaaaaa", "x" * 257])
def test_passwords_that_are_not_accepted(session, password):
    with pytest.raises(UserError, match="password"):
        users.create(session, "ada", Role.VIEWER, "test", password=password)


def test_a_password_is_kept_as_argon2id_however_it_was_composed(session):
    user = users.create(session, "zoe", Role.VIEWER, "test", password="pass\u00e9 compos\u00e9")
    assert user.password.startswith("$argon2id$")
    assert PasswordHasher().verify(user.password, passwords.normalized("passe\u0301 compose\u0301"))


def test_the_products_hashes_cost_what_the_library_recommends():
    assert passwords.HASHER.memory_cost >= 19 * 1024  # KiB, the least that OWASP names for argon2id
    assert passwords.HASHER.type.name == "ID"


def test_roles_change_and_the_last_manager_stays(session, ada, bob):
    for change in (
        lambda: users.set_role(session, ada, Role.VIEWER, "test"),
        lambda: users.set_active(session, ada, "test", active=False),
        lambda: users.remove(session, ada, "test"),
    ):
        with pytest.raises(UserError, match="ada is the only manager"):
            change()
    users.set_role(session, bob, Role.MANAGER, "test")
    users.set_active(session, ada, "test", active=False)
    with pytest.raises(UserError, match="bob is the only manager"):
        users.remove(session, bob, "test")
    users.remove(session, ada, "test")
    assert [user.name for user in users.all_users(session)] == ["bob"]


def test_all_that_is_done_to_users_is_recorded_without_secrets(session, ada, bob):
    users.set_role(session, bob, Role.MANAGER, "page ada")
    users.set_password(session, bob, "another fine password", "cli root")
    users.set_active(session, bob, "page ada", active=False)
    users.remove(session, bob, "page ada")
    lines = audit.lines_of_kind(session, SubjectKind.USER, 10)
    assert [(line.what, line.subject, line.who) for line in lines[:4]] == [
        ("remove", "bob", "page ada"),
        ("disable", "bob", "page ada"),
        ("password", "bob", "cli root"),
        ("role", "bob", "page ada"),
    ]
    assert lines[3].details == {"role": ["viewer", "manager"]}
    assert not any(secret in str(line.details) for line in lines for secret in (PASSWORD, "argon2", "fine"))


def test_new_names_fit_into_certificates_and_earlier_ones_stay(session):
    with pytest.raises(UserError, match="is not 1 to 48 letters"):
        users.create(session, "a+b", Role.VIEWER, "test")
    session.add(User(name="c+d", role=Role.VIEWER))
    session.flush()
    assert users.get(session, "C+d").name == "c+d"
