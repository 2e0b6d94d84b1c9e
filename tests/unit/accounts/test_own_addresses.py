"""A user name that is a mail address belongs to whoever gets its mails."""

import pytest

from p2ppool.accounts import identities, registrations, users
from p2ppool.accounts.identities import Person
from p2ppool.errors import UserError
from tests.lab.web.people import PASSWORD

BOB = "bob@example.org"


@pytest.mark.parametrize(("name", "will_confirm"), [(BOB, False), ("ceo@example.org", True)])
def test_nobody_registers_under_the_address_of_another(cheap_passwords, name, will_confirm):
    with pytest.raises(UserError, match="must be your own, confirmed one"):
        registrations.checked(name, BOB, PASSWORD, will_confirm=will_confirm)


def test_ones_own_address_that_is_confirmed_may_be_the_name(cheap_passwords):
    assert registrations.checked("Bob@Example.org", BOB, PASSWORD, will_confirm=True).name == BOB


@pytest.mark.parametrize(
    ("wanted", "email", "name"),
    [(BOB, BOB, BOB), (BOB, None, "bob"), ("ceo@example.org", BOB, "ceo")],
)
def test_a_provider_gives_nobody_the_address_of_another(session, wanted, email, name):
    person = Person("https://id.example.org", "1", wanted, email)
    assert identities.make_user(session, person, same_name=False).name == name


def test_nor_does_a_directory(session):
    with pytest.raises(UserError, match="must be your own, confirmed one"):
        identities.make_user(session, Person("ldaps://x", "1", BOB, "x@example.org"), same_name=True)


def test_a_second_one_of_that_name_gets_no_address_of_another(session):
    users.create(session, BOB, users.Role.VIEWER, "test")
    made = identities.make_user(session, Person("https://id.example.org", "1", BOB, BOB), same_name=False)
    assert made.name == "bob-2"
