import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pydantic import SecretStr
from sqlalchemy import text

from p2ppool.errors import UserError
from p2ppool.keys.keyring import add_key, find_key, list_keys, load_key
from p2ppool.keys.private_key import PrivateKeyError, parse_private_key
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import Vault, VaultError, new_key


def a_key(passphrase=None):
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, lock)


KEY, OTHER = a_key(), a_key()


@pytest.fixture
def vault():
    return Vault.open(None, SecretStr(new_key()))


@pytest.fixture
def add(engine, vault):
    def add(name, data, passphrase=None):
        with UnitOfWork(engine) as work:
            row = add_key(work, vault, name, data, passphrase)
            work.commit()
            return row

    return add


def test_a_key_is_added_once_and_loaded_by_name(add, engine, vault):
    add("lab", KEY)
    with reading(engine) as work:
        loaded = load_key(work, vault, "lab")
    assert loaded == parse_private_key(KEY).pkey
    assert loaded.can_sign()


def test_an_encrypted_key_needs_its_passphrase_only_when_it_is_added(add, engine, vault):
    add("lab", a_key("secret words"), "secret words")
    with reading(engine) as work:
        assert load_key(work, vault, "lab").can_sign()


def test_a_row_tells_the_public_half_alone(add):
    row, parsed = add("lab", KEY), parse_private_key(KEY)
    assert (row.key_type, row.bits, row.fingerprint) == ("ssh-ed25519", 256, parsed.fingerprint)
    assert row.public_line == parsed.public_line


def test_the_database_holds_no_key_in_the_clear(add, engine):
    add("lab", KEY)
    with engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM ssh_keys"))
    raw = b"".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row
    )
    assert b"SHA256:" in raw
    assert b"PRIVATE KEY" not in raw
    assert KEY.splitlines()[2] not in raw


def test_the_same_key_again_is_harmless(add):
    assert add("lab", KEY).id == add("lab", KEY).id


def test_a_name_never_changes_its_key(add, engine):
    before = add("lab", KEY)
    with pytest.raises(UserError, match="'lab' is already the name of another key"):
        add("lab", OTHER)
    with reading(engine) as work:
        assert find_key(work, "lab").fingerprint == before.fingerprint


def test_all_are_listed_by_name(add, engine):
    add("b", KEY)
    add("a", OTHER)
    with reading(engine) as work:
        assert [row.name for row in list_keys(work)] == ["a", "b"]


@pytest.mark.parametrize("name", ["none", "", "a\0b", "x" * 1000])
def test_a_key_that_is_not_there_is_said(engine, name):
    with (
        reading(engine) as work,
        pytest.raises(UserError, match=r"no key is named .*; see `p2ppool key list`"),
    ):
        find_key(work, name)


@pytest.mark.parametrize("name", ["", ".x", "-x", "a b", "../x", "a;rm -rf /", "a" * 65, "a\n"])
def test_odd_names_are_refused(add, name):
    with pytest.raises(UserError, match=r"SSH key: the name '.*' is not 1 to 64 letters"):
        add(name, KEY)


def test_a_bad_key_leaves_nothing_behind(add, engine):
    with pytest.raises(PrivateKeyError):
        add("lab", b"hello")
    with reading(engine) as work:
        assert list_keys(work) == []


def test_without_the_vaults_key_it_says_what_to_restore(add, engine):
    add("lab", KEY)
    other = Vault.open(None, SecretStr(new_key()))
    with (
        reading(engine) as work,
        pytest.raises(VaultError, match="'SSH key lab' can't be decrypted: restore"),
    ):
        load_key(work, other, "lab")


def test_a_sealed_key_moved_to_another_name_is_refused(add, engine, vault):
    add("lab", KEY)
    add("other", OTHER)
    with UnitOfWork(engine) as work:
        find_key(work, "other").sealed = find_key(work, "lab").sealed
        work.commit()
    with reading(engine) as work, pytest.raises(VaultError):
        load_key(work, vault, "other")
