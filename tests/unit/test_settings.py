"""Settings come from the environment; what can't be used is named."""

import sys

import pytest

from p2ppool.errors import UserError
from p2ppool.settings import Settings, settings


def test_everything_is_in_the_data_folder_unless_set_otherwise(data_folder):
    assert settings().store_url == f"sqlite:///{data_folder / 'p2ppool.db'}"


def test_the_data_folder_may_start_with_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere")
    assert str(Settings(data_folder="~/x").data_folder) == "/somewhere/x"


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("P2PPOOL_DATA_FOLDER", "")
    monkeypatch.setenv("P2PPOOL_WEB_PORT", "")
    assert Settings() == Settings(data_folder="~/.local/share/p2ppool", web_port=8050)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("P2PPOOL_WEB_PORT", "0"),
        ("P2PPOOL_WEB_PORT", "many"),
        ("P2PPOOL_SSH_WORKERS", "-1"),
        ("P2PPOOL_CRAWL_TIMEOUT", "0"),
        ("P2PPOOL_DATABASE_URL", "mysql://host/name"),
        ("P2PPOOL_DATABASE_URL", "nonsense"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_by_its_variable(data_folder, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    settings.cache_clear()
    with pytest.raises(UserError, match=f"^{variable}: ") as error:
        settings()
    assert "\n" not in str(error.value)


def test_a_directory_without_what_speaks_ldap_is_one_line_that_says_what_to_install(data_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "ldap3", None)
    monkeypatch.setenv("P2PPOOL_LDAP_URL", "ldaps://ldap.example.org")
    monkeypatch.setenv("P2PPOOL_LDAP_USER_DN", "uid={name},dc=example,dc=org")
    settings.cache_clear()
    told = r"P2PPOOL_LDAP_URL needs what is not installed: pip install 'p2ppool\[ldap\]'; see"
    with pytest.raises(UserError, match=told) as error:
        settings()
    assert "\n" not in str(error.value)


def test_postgresql_without_its_driver_is_one_line_that_says_what_to_install(data_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setenv("P2PPOOL_DATABASE_URL", "postgresql+psycopg://me:s3cret@db/name")
    settings.cache_clear()
    told = r"^P2PPOOL_DATABASE_URL: .*needs what is not installed: pip install 'p2ppool\[postgres\]'; see"
    with pytest.raises(UserError, match=told) as error:
        settings()
    assert "s3cret" not in str(error.value)


def test_a_secret_is_not_shown(monkeypatch):
    assert "s3cret" not in repr(Settings(vault_key="s3cret"))


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_addresses_for_browsers_are_reachable_ones(address):
    assert Settings(listen_address=address, web_port=8050).web_url == "http://127.0.0.1:8050"


def test_prefect_which_asks_for_no_sign_in_stays_on_loopback():
    assert Settings(listen_address="192.0.2.7").prefect_url == "http://127.0.0.1:4200"


@pytest.mark.parametrize(
    "url", ["pools.example.org", "ftp://x", "https://", "https://x/path", "javascript:x"]
)
def test_a_public_address_that_is_none(url):
    with pytest.raises(ValueError, match="is no address of a site"):
        Settings(public_url=url)


def test_a_public_address_is_that_of_the_pages():
    assert Settings(public_url="https://pools.example.org/").web_url == "https://pools.example.org"


def test_a_certificate_needs_its_key_and_makes_the_pages_https():
    with pytest.raises(ValueError, match="P2PPOOL_TLS_KEY belong together"):
        Settings(tls_certificate="cert.pem")
    found = Settings(tls_certificate="cert.pem", tls_key="key.pem", public_url="https://pools.example.org")
    assert found.local_web_url == "https://127.0.0.1:8050"
    assert found.web_url == "https://pools.example.org"
