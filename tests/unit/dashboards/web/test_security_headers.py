"""What keeps the pages safe in a browser."""

import base64
import hashlib
import re

import pytest

from dashboards.app import create_app
from dashboards.web.security_headers import is_own, own_names
from p2ppool.settings import Settings


def directives(answer):
    policy = answer.headers["Content-Security-Policy"]
    return {
        name: sources.split() for name, _, sources in (part.partition(" ") for part in policy.split("; "))
    }


def test_a_strict_policy_on_every_answer(browser):
    for path in ("/", "/healthz", "/assets/theme.js", "/nowhere"):
        policy = directives(browser.get(path))
        assert policy["default-src"] == ["'self'"]
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(policy["script-src"])


def test_the_policy_allows_each_inline_script_of_the_document_and_no_other(browser):
    answer = browser.get("/")
    inline = re.findall(r"<script(?: id=\"_dash-renderer\"[^>]*)?>(.+?)</script>", answer.text, re.DOTALL)
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline
    }
    assert inline
    assert set(directives(answer)["script-src"]) == {"'self'"} | hashes


def test_other_headers(browser):
    headers = browser.get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_browsers_that_came_by_https_come_by_nothing_else(engine, tmp_path, browser):
    assert "Strict-Transport-Security" not in browser.get("/healthz").headers
    settings = Settings(data_folder=tmp_path / "tls", public_url="https://pools.example.org")
    client = create_app(engine, settings).test_client()
    headers = client.get("/healthz", base_url="https://pools.example.org").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8050", "LOCALHOST", "127.0.0.1:8050", "[::1]:8050", "10.1.2.3"]
)
def test_own_names_and_any_address_are_answered(browser, host):
    assert browser.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8050",
        "localhost@evil.example",
    ],
)
def test_foreign_names_are_refused(browser, host):
    """A page elsewhere that makes its own name point here must not read our answers."""
    assert browser.get("/healthz", headers={"Host": host}).status_code in {400, 421}
    assert browser.post("/_dash-update-component", headers={"Host": host}, json={}).status_code in {400, 421}


@pytest.mark.parametrize("host", ["", "[", "[::1", "a b", "::", "1.2.3"])
def test_malformed_hosts_are_foreign(host):
    assert not is_own(host, frozenset({"localhost"}))


def test_the_machines_name_counts_only_where_it_listens_beyond_loopback(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Manager")
    assert "manager" not in own_names(Settings(listen_address="127.0.0.5"))
    assert "manager" in own_names(Settings(listen_address="192.0.2.7"))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_other_pages_can_not_make_a_browser_act(browser, headers, status):
    assert browser.post("/_dash-update-component", json={}, headers=headers).status_code == status
    assert browser.get("/healthz", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}])
def test_our_own_pages_can(browser, headers):
    assert browser.post("/_dash-update-component", json={}, headers=headers).status_code != 403
