"""The certificate service, from the side of those who mean it no good."""

import base64
import xmlrpc.client

import pytest

from dashboards.group_service.xml_rpc import LARGEST
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groups.server import SERVICE
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault
from tests.lab.past.groups import SECURE, a_user

LIST = "/components/com_groupvpn/data/{}/revocation_list"


@pytest.fixture
def vault(app, tmp_path):
    return Vault.open(tmp_path / "data", None)


@pytest.fixture
def secret(engine, vault):
    """Of bob, in the group `lab`."""
    with UnitOfWork(engine) as work:
        bob = a_user(work.session, "bob")
        about = registry.About()
        group = registry.make_vpn(work.session, vault, "lab", bob, about=about, network=SECURE)
        secret = memberships.secret_of(vault, memberships.of(work.session, group, bob))
        work.commit()
    return secret


@pytest.fixture
def post(stranger):
    """Sends a body as a program does: without a token against forged requests."""

    def post(body, **options):
        options = {"content_type": "text/xml", "forged": True} | options
        return stranger.post(SERVICE, data=body, **options)

    return post


@pytest.fixture
def call(post):
    """The (code, text) of the fault that a call gets, or its value."""

    def call(method, *parameters, **options):
        return decoded(post(xmlrpc.client.dumps(parameters, method), **options))

    return call


def decoded(answer):
    assert (answer.status_code, answer.mimetype) == (200, "text/xml"), answer.text
    try:
        ((value,), _) = xmlrpc.client.loads(answer.data, use_builtin_types=True)
    except xmlrpc.client.Fault as fault:
        return fault.faultCode, fault.faultString
    return value


def test_what_is_no_call_or_calls_nothing_that_is_there_gets_a_fault(post, call):
    for body in ("", "<methodCall/>", '<!DOCTYPE a [<!ENTITY a "a">]><methodCall/>', b"\xff\xfe\x00"):
        assert decoded(post(body)) == (0, "not an XML-RPC call")
    evil = "<methodCall><methodName>Evil\x85&lt;script&gt;</methodName></methodCall>"
    assert decoded(post(evil)) == (0, "unsupported method called: Evil <script>")
    assert call("system.listMethods")[0] == 0


def test_values_of_another_kind_get_a_fault(call):
    for method in ("CheckRequest", "GenerateCACert", "SubmitRequest", "UpdateRevocationList"):
        for value in (1, 1.5, True, [], {}, ["lab"], {"a": {"b": []}}, b"lab", "x" * 1000):
            for count in (0, 1, 2, 4, 9):
                code, text = call(method, *[value] * count)
                assert code in {0, 1}
                assert len(text) < 200


def test_deep_values_get_a_fault(post):
    deep = "<value><array><data>" * 800 + "</data></array></value>" * 800
    params = f"<params><param>{deep}</param></params>"
    body = f"<methodCall><methodName>SubmitRequest</methodName>{params}</methodCall>"
    assert decoded(post(body))[0] == 0


def test_what_is_too_large_is_not_read(post):
    assert post(b" " * (LARGEST + 1)).status_code == 413


def test_what_a_form_can_send_is_no_call(post):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert post(xmlrpc.client.dumps(("lab",), "CheckRequest"), content_type=kind).status_code == 415


def test_a_page_elsewhere_calls_nothing(post, secret):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        body = xmlrpc.client.dumps(("lab",), "UpdateRevocationList")
        assert post(body, headers=headers).status_code == 403


def test_some_calls_are_for_this_machine_alone(call, secret):
    methods = ("UpdateRevocationList", "GenerateCACert")
    assert [call(method, "lab") for method in methods] == [True, True]
    for options in (
        {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"base_url": "http://192.0.2.1:8050"},
    ):
        for method in methods:
            assert call(method, "lab", **options)[1].startswith("Only programs of the server's own machine")
    assert call("UpdateRevocationList", "x") == (1, "no group is named 'x'")


def test_who_guesses_is_slowed_down_and_keeps_out_nobody_else(call, post, secret):
    def guess(user, address, count):
        for _ in range(count):
            where = {"environ_base": {"REMOTE_ADDR": address}}
            assert call("SubmitRequest", user, "lab", "x" * 20, b"", **where) == (1, "Request denied.")

    def status(user, address, method="SubmitRequest"):
        body = xmlrpc.client.dumps((user, "lab", secret, b""), method)
        return post(body, environ_base={"REMOTE_ADDR": address}).status_code

    guess("bob", "192.0.2.1", 15)
    guess("eve", "192.0.2.1", 15)
    for user in ("bob", "cyd"):
        assert status(user, "192.0.2.1") == 429
        assert status(user, "192.0.2.3") == 200


def test_many_machines_of_one_member_are_no_guessing(call, secret):
    for _ in range(50):
        assert call("CheckRequest", "lab", "0" * 40) == (1, "No such request.")


def test_a_text_in_base64_is_taken_too(call, secret):
    for value in ("%", "é", base64.b64encode(b"no request").decode()):
        assert call("SubmitRequest", "bob", "lab", secret, value) == (1, "Request denied.")


def test_another_key_of_the_vault_is_no_server_error(call, secret, tmp_path, stranger):
    (tmp_path / "data/vault.key").write_text(base64.urlsafe_b64encode(b"y" * 32).decode())
    assert call("SubmitRequest", "bob", "lab", secret, b"") == (1, "The server can't do that right now.")
    assert call("UpdateRevocationList", "lab") == (1, "The server can't do that right now.")
    assert stranger.get(LIST.format("lab")).status_code == 503


def test_a_list_that_is_not_there_is_not_found(stranger, secret):
    for name in ("nowhere", "%00", "%0a", "..", "a" * 3000, "<b>", "é"):
        assert stranger.get(LIST.format(name)).status_code == 404


def test_a_list_is_kept_by_nobody_without_asking(stranger, secret):
    answer = stranger.get(LIST.format("lab"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert stranger.head(LIST.format("lab")).status_code == 200
