"""Signing in with a password of the organisation's directory."""

import pytest

from dashboards.app import create_app
from p2ppool.accounts import users
from p2ppool.settings import Settings
from p2ppool.store.models import Role
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.services.slapd import PASSWORD, slapd
from tests.lab.web.people import PageClient, a_user

__all__ = ["slapd"]


@pytest.fixture
def client(engine, tmp_path, slapd, cheap_passwords):
    app = create_app(engine, Settings(data_folder=tmp_path / "data", **slapd.by_template))
    app.test_client_class = PageClient
    return app.test_client()


def attempt(client, name, password=PASSWORD):
    return client.post("/sign-in", data={"name": name, "password": password}).status_code


def test_a_person_of_the_directory_becomes_a_viewer_and_is_known_again(engine, client):
    assert attempt(client, "jane", "wrong") == 401
    for _ in range(2):
        assert attempt(client, "Jane") == 302
        assert "jane · viewer · jane@example.org" in client.get("/account").text
        client.post("/sign-out")
    with UnitOfWork(engine) as work:
        users.set_active(work.session, users.get(work.session, "jane"), "test", active=False)
        work.commit()
    assert attempt(client, "jane") == 401


def test_a_user_of_ours_is_not_the_entry_of_the_same_name(engine, client):
    a_user(engine, "ada", Role.MANAGER, "a password of ours")
    assert attempt(client, "ada") == 401
    assert attempt(client, "ada", "a password of ours") == 302
