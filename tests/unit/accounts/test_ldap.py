"""Passwords that a real LDAP directory knows."""

import pytest

from p2ppool.accounts.ldap import authenticate
from p2ppool.errors import UserError
from p2ppool.settings import Settings
from tests.lab.services.slapd import PASSWORD, slapd

__all__ = ["slapd"]


@pytest.fixture(params=["by_template", "by_search"])
def chosen(slapd, request):
    """By LDAPS with a template, and by StartTLS with a search."""
    return Settings(**getattr(slapd, request.param))


def test_name_and_password(chosen):
    person = authenticate(chosen, "Jane", PASSWORD)
    assert (person.issuer, person.name, person.email) == (chosen.ldap_url, "jane", "jane@example.org")
    assert len(person.subject) == 36
    assert authenticate(chosen, "ada", PASSWORD).subject != person.subject


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("jane", "wrong"),
        ("jane", ""),
        ("jane", "x" * 300),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("*", PASSWORD),
        ("jan*", PASSWORD),
        ("jane)(uid=*", PASSWORD),
        ("jane,ou=people", PASSWORD),
        ("jane\x00", PASSWORD),
    ],
)
def test_who_is_not_let_in(chosen, name, password):
    assert authenticate(chosen, name, password) is None


def test_a_certificate_that_nobody_vouches_for_or_of_another_host(slapd):
    for wrong in (
        {"ldap_ca_file": None},
        {"ldap_url": slapd.tls_url.replace("127.0.0.1", "localhost")},
        {"ldap_url": slapd.url.replace("127.0.0.1", "localhost")},
    ):
        with pytest.raises(UserError, match="the directory ldap") as error:
            authenticate(Settings(**(slapd.by_template | wrong)), "jane", PASSWORD)
        assert PASSWORD not in str(error.value)


def test_a_directory_that_is_away_or_refuses_the_search(slapd):
    with pytest.raises(UserError, match=r"the directory ldaps://127\.0\.0\.1:1:"):
        authenticate(Settings(**(slapd.by_template | {"ldap_url": "ldaps://127.0.0.1:1"})), "jane", PASSWORD)
    with pytest.raises(UserError, match="P2PPOOL_LDAP_BIND_DN or its password is refused"):
        authenticate(Settings(**(slapd.by_search | {"ldap_bind_password": "wrong"})), "jane", PASSWORD)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"ldap_url": "http://x"}, "is not ldaps://HOST"),
        ({"ldap_url": "ldap://x"}, "needs either"),
        ({"ldap_url": "ldap://x", "ldap_user_dn": "uid=x"}, "{name}"),
        ({"ldap_url": "ldap://x", "ldap_search_base": "o=x", "ldap_bind_dn": "cn=x"}, "belong together"),
    ],
)
def test_settings_that_do_not_fit_together(values, problem):
    with pytest.raises(ValueError, match=problem):
        Settings(**values)
