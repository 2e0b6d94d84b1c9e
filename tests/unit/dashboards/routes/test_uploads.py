"""Packages and keys from the browser: who may add them, what is refused, and that no key is seen again."""

import json
import subprocess

import pytest
from sqlalchemy import select

from dashboards.app import create_app
from p2ppool.keys.keyring import load_key
from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.package.library import list_packages
from p2ppool.store.models import Role, SshKey
from p2ppool.store.unit_of_work import reading
from p2ppool.store.vault import Vault
from tests.lab.hosts.keys import SshKey as KeyPair
from tests.lab.web.people import MANAGER, PageClient, sign_in
from tests.unit.software.zips import PROGRAM, zip_of

ZIP = zip_of(PROGRAM)
KEY = KeyPair.generate()
MOST = 4096


@pytest.fixture
def config(tmp_path):
    return Settings(
        data_folder=tmp_path / "data", package_max_bytes=MOST, package_max_unpacked_bytes=2_000_000
    )


@pytest.fixture
def app(engine, config, cheap_passwords):
    app = create_app(engine, config)
    app.test_client_class = PageClient
    return app


def send_package(browser, data=ZIP, query="name=node", media="application/octet-stream"):
    return browser.post(f"/uploads/packages?{query}", data=data, content_type=media)


def send_key(browser, **fields):
    given = {"name": "lab", "key": KEY.private_pem.decode(), "passphrase": ""} | fields
    return browser.post("/uploads/keys", json=given)


def packages(engine):
    with reading(engine) as work:
        return [(one.name, one.version, one.digest) for one in list_packages(work)]


def keys(engine):
    with reading(engine) as work:
        return list(work.session.scalars(select(SshKey)))


def remains(config):
    return [path.name for path in config.data_folder.iterdir() if path.name.startswith(".upload")]


def test_a_package_is_kept_and_named(browser, engine, config):
    answer = send_package(browser)
    ((name, version, digest),) = packages(engine)
    assert (answer.status_code, name) == (201, "node")
    assert answer.json["name"] == f"node@{version}"
    assert version == digest[:12]
    assert PackageStore(config.data_folder).get(digest).read_bytes() == ZIP
    assert remains(config) == []
    assert send_package(browser).status_code == 201  # the same again is harmless
    assert len(packages(engine)) == 1


def test_a_version_can_be_given(browser, engine):
    assert send_package(browser, query="name=node&version=1.2").json["name"] == "node@1.2"
    other = zip_of(PROGRAM | {"more.dll": b"x"})
    again = send_package(browser, other, query="name=node&version=1.2")
    assert (again.status_code, "give a new version" in again.json["error"]) == (400, True)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"nonsense", "package node.zip: is not a zip file"),
        (zip_of({"../evil": b"x", **PROGRAM}), "package node.zip: "),
        (zip_of({"readme": b"x"}), "package node.zip: "),
        (ZIP[:-30], "package node.zip: "),
        (b"", "package node.zip: is not a zip file"),
    ],
)
def test_what_is_no_package_is_told_in_one_line_and_nothing_is_kept(browser, engine, config, data, says):
    answer = send_package(browser, data)
    assert (answer.status_code, packages(engine), remains(config)) == (400, [], [])
    assert says in answer.json["error"]
    assert "\n" not in answer.json["error"]


def test_a_zip_bomb_is_refused(browser, engine, config):
    answer = send_package(browser, zip_of({"zeros": bytes(3_000_000)} | PROGRAM))
    assert (answer.status_code, packages(engine), remains(config)) == (400, [], [])
    assert "unpacked" in answer.json["error"]


@pytest.mark.parametrize("size", [MOST + 1, 1_000_000])
def test_a_package_that_is_too_large_is_refused(browser, engine, config, size):
    answer = send_package(browser, bytes(size))
    assert answer.status_code in {400, 413}
    assert "\n" not in answer.json["error"]
    assert remains(config) == packages(engine) == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "x" * 65, "<b>x"])
def test_a_name_that_can_not_be_used_is_named(browser, engine, name):
    answer = browser.post(
        "/uploads/packages", query_string={"name": name}, data=ZIP, content_type="application/octet-stream"
    )
    assert (answer.status_code, packages(engine)) == (400, [])
    assert "the name" in answer.json["error"]


def test_a_key_is_sealed_and_never_shown(browser, engine, config, caplog):
    answer = send_key(browser)
    (kept,) = keys(engine)
    secret = KEY.private_pem.splitlines()[1]
    assert (answer.status_code, answer.json["name"]) == (201, "lab")
    assert secret not in kept.sealed
    for seen in (answer.data, caplog.text.encode(), browser.get("/new-pool").data):
        assert secret not in seen
    with reading(engine) as work:
        key = load_key(work, Vault.open(config.data_folder, None), "lab")
    assert KEY.public_line.startswith(f"{key.get_name()} {key.get_base64()}")


def test_a_key_with_a_passphrase_needs_it(browser, engine, tmp_path):
    file = tmp_path / "key"
    file.write_bytes(KEY.private_pem)
    file.chmod(0o600)
    subprocess.run(["ssh-keygen", "-p", "-q", "-P", "", "-N", "sesame", "-f", file], check=True)
    locked = file.read_text()
    assert "give its passphrase" in send_key(browser, key=locked).json["error"]
    wrong = send_key(browser, key=locked, passphrase="wrong-sesame")
    assert "passphrase is wrong" in wrong.json["error"]
    assert "sesame" not in wrong.text
    assert send_key(browser, key=locked, passphrase="sesame").status_code == 201
    assert len(keys(engine)) == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"key": KEY.public_line}, "this is a public key"),
        ({"key": "PuTTY-User-Key-File-3: ssh-ed25519"}, "PuTTY"),
        ({"key": ""}, "not a private key"),
        ({"key": "x" * 20_000}, "more than"),
        ({"key": None}, "not a private key"),
        ({"name": "a b"}, "the name"),
        ({"name": ["x"]}, "the name"),
    ],
)
def test_what_is_no_key_is_told_in_one_line(browser, engine, fields, says):
    answer = send_key(browser, **fields)
    assert (answer.status_code, keys(engine)) == (400, [])
    assert says in answer.json["error"]


def test_another_key_under_a_name_that_is_taken_is_refused(browser, engine):
    send_key(browser)
    answer = send_key(browser, key=KeyPair.generate().private_pem.decode())
    assert (answer.status_code, len(keys(engine))) == (400, 1)
    assert "already the name of another key" in answer.json["error"]


@pytest.mark.parametrize("body", ["{", "[]", '"x"', json.dumps({"key": "x" * 100_000})])
def test_a_body_that_is_no_key_at_all_is_refused(browser, engine, body):
    answer = browser.post("/uploads/keys", data=body, content_type="application/json")
    assert answer.status_code in {400, 413}
    assert answer.json["error"]


@pytest.mark.parametrize("path", ["/uploads/packages?name=node", "/uploads/keys"])
def test_only_our_own_pages_may_send_and_nothing_is_to_be_read(browser, engine, path):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
        assert browser.post(path, data=ZIP, headers=headers).status_code == 403
    for media in ("multipart/form-data", "text/plain", "application/x-www-form-urlencoded"):
        assert browser.post(path, data=ZIP, content_type=media).status_code == 415
    assert browser.get(path).status_code in {404, 405}
    assert (packages(engine), keys(engine)) == ([], [])


def test_only_managers_add_something(app, engine, stranger):
    assert send_package(stranger).status_code == send_key(stranger).status_code == 401
    sign_in(engine, app.test_client(), MANAGER)  # somebody must be one
    sign_in(engine, stranger, "grace", Role.VIEWER)
    assert send_package(stranger).status_code == send_key(stranger).status_code == 403
    assert (packages(engine), keys(engine)) == ([], [])


def test_a_request_without_our_pages_token_is_forged(browser, engine):
    answer = browser.post("/uploads/keys", json={"name": "x", "key": KEY.private_pem.decode()}, forged=True)
    assert (answer.status_code, keys(engine)) == (400, [])
