"""The vault's key is recognised, not replaced while something is sealed, and changed as a whole."""

import random
import signal
import subprocess
import time

import pytest
from pydantic import SecretStr

from p2ppool.interpreter import python
from p2ppool.keys.keyring import add_key, delete_key, load_key
from p2ppool.settings import Settings
from p2ppool.store import vault_key
from p2ppool.store.models import SshKey, VaultKey
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import KEY_FILE, Vault, VaultError, new_key
from tests.lab.hosts.keys import SshKey as Pair


@pytest.fixture
def config(tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    return Settings(data_folder=tmp_path / "data")


@pytest.fixture(scope="module")
def pair():
    return Pair.generate()


@pytest.fixture
def sealed(engine, config, pair):
    """A database with a sealed key."""
    with UnitOfWork(engine) as work:
        add_key(work, vault_key.open_vault(work.session, config), "lab", pair.private_pem)
        work.commit()
    return engine


def opened(engine, config):
    with reading(engine) as work:
        vault = vault_key.open_vault(work.session, config)
        return vault, load_key(work, vault, "lab")


def place(config):
    return config.data_folder / KEY_FILE


def fingerprint(engine):
    with reading(engine) as work:
        return work.session.query(VaultKey).one().fingerprint


def test_the_first_secret_makes_the_key_known(engine, config, pair):
    with reading(engine) as work:
        assert work.session.query(VaultKey).one_or_none() is None
    with UnitOfWork(engine) as work:
        vault = vault_key.open_vault(work.session, config)
        add_key(work, vault, "lab", pair.private_pem)
        work.commit()
    assert fingerprint(engine) == vault.fingerprint
    assert vault.fingerprint not in place(config).read_text()


def test_a_lost_key_is_missed_and_none_is_made(sealed, config):
    place(config).unlink()
    with pytest.raises(VaultError, match=r"the vault's key .*vault\.key is missing: restore it from a copy"):
        opened(sealed, config)
    assert not place(config).exists()


def test_another_key_is_recognised(sealed, config):
    place(config).write_text(new_key())
    with pytest.raises(VaultError, match="is not the one that this database is sealed with"):
        opened(sealed, config)


def test_another_key_in_the_environment_is_recognised(sealed, config):
    other = config.model_copy(update={"vault_key": SecretStr(new_key())})
    with pytest.raises(
        VaultError, match="P2PPOOL_VAULT_KEY is not the key that this database is sealed with"
    ):
        opened(sealed, other)


def test_where_nothing_is_sealed_any_more_a_new_key_is_made(sealed, config, pair):
    place(config).unlink()
    with UnitOfWork(sealed) as work:
        delete_key(work, "lab")
        work.commit()
    with UnitOfWork(sealed) as work:
        add_key(work, vault_key.open_vault(work.session, config), "lab", pair.private_pem)
        work.commit()
    assert opened(sealed, config)[0].fingerprint == fingerprint(sealed)


def test_a_first_key_is_made_only_where_nothing_is_sealed(engine, config, pair):
    vault_key.make_first_key(engine, config)
    made = place(config).read_text()
    with UnitOfWork(engine) as work:
        add_key(work, vault_key.open_vault(work.session, config), "lab", pair.private_pem)
        work.commit()
    vault_key.make_first_key(engine, config)
    assert place(config).read_text() == made
    place(config).unlink()
    vault_key.make_first_key(engine, config)
    assert not place(config).exists()


def test_what_only_derives_from_the_key_makes_none(config):
    with pytest.raises(
        VaultError, match=r"vault\.key is missing: `p2ppool up` makes it where nothing is encrypted"
    ):
        Vault.existing(config.data_folder, None)
    assert list(config.data_folder.iterdir()) == []


@pytest.fixture
def old_release(sealed):
    """Its database knows of no fingerprint."""
    with UnitOfWork(sealed) as work:
        work.session.query(VaultKey).delete()
        work.commit()
    return sealed


def test_a_database_of_an_earlier_release_is_opened_with_its_key(old_release, config, pair):
    assert opened(old_release, config)[1].get_base64() in pair.public_line


def test_a_wrong_key_for_a_database_of_an_earlier_release_is_recognised(old_release, config):
    place(config).write_text(new_key())
    with pytest.raises(VaultError, match="can't be decrypted: restore the vault's key"):
        opened(old_release, config)


def test_a_lost_key_of_an_earlier_release_is_missed(old_release, config):
    place(config).unlink()
    with pytest.raises(VaultError, match="is missing: restore it"):
        opened(old_release, config)
    assert not place(config).exists()


def test_nothing_is_sealed_with_a_key_that_was_changed_meanwhile(sealed, config, pair):
    with UnitOfWork(sealed) as work:
        stale = vault_key.open_vault(work.session, config)
    vault_key.rotate(sealed, config)
    with (
        UnitOfWork(sealed) as work,
        pytest.raises(VaultError, match="the vault's key was changed: try again"),
    ):
        add_key(work, stale, "second", pair.private_pem)


def test_a_change_of_the_key_seals_everything_anew(sealed, config, pair):
    before, old = place(config).read_text(), sealed_bytes(sealed)
    assert vault_key.rotate(sealed, config) == 1
    assert place(config).read_text() != before
    assert [path.name for path in config.data_folder.iterdir()] == [KEY_FILE]
    assert place(config).stat().st_mode & 0o777 == 0o600
    assert sealed_bytes(sealed) != old
    vault, key = opened(sealed, config)
    assert (key.get_base64() in pair.public_line, vault.fingerprint) == (True, fingerprint(sealed))
    with pytest.raises(VaultError):
        Vault.from_text(before).unseal(sealed_bytes(sealed), "SSH key lab")


def sealed_bytes(engine):
    with reading(engine) as work:
        return work.session.query(SshKey).one().sealed


def test_a_key_of_the_environment_is_changed_to_a_given_one(sealed, config):
    outside = config.model_copy(update={"vault_key": SecretStr(place(config).read_text())})
    with pytest.raises(VaultError, match=r"is in P2PPOOL_VAULT_KEY: give the new one as a file"):
        vault_key.rotate(sealed, outside)
    given = new_key()
    assert vault_key.rotate(sealed, outside, given) == 1
    opened(sealed, config.model_copy(update={"vault_key": SecretStr(given)}))


def test_a_change_that_meets_a_damaged_secret_changes_nothing(sealed, config):
    with UnitOfWork(sealed) as work:
        work.session.add(
            SshKey(
                name="bad", key_type="t", bits=1, fingerprint="f", public_line="p", sealed=b"p2v1" + bytes(40)
            )
        )
        work.commit()
    before = place(config).read_text(), fingerprint(sealed)
    with pytest.raises(VaultError, match="'SSH key bad' can't be decrypted"):
        vault_key.rotate(sealed, config)
    assert (place(config).read_text(), fingerprint(sealed)) == before
    opened(sealed, config)


POINTS = ("write_new_key", "_seal_all", "_record", "commit", "replace_key", "end")
"""What the change of the key does, one after the other."""

KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy.orm import Session
from p2ppool.settings import Settings
from p2ppool.store import vault, vault_key
from p2ppool.store.engine import open_engine
url, folder, point, when = sys.argv[1:]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def wrapped(function):
    def around(*given, **named):
        if when == "before":
            die()
        result = function(*given, **named)
        die()
    return around
if point == "commit":
    Session.commit = wrapped(Session.commit)
elif point != "end":
    setattr(vault_key, point, wrapped(getattr(vault_key, point)))
if point == "replace_key":  # also called to finish an earlier change
    original = vault_key._record
    vault_key.replace_key = vault.replace_key
    def recorded(*given):
        vault_key.replace_key = wrapped(vault.replace_key)
        return original(*given)
    vault_key._record = recorded
vault_key.rotate(open_engine(url), Settings(data_folder=Path(folder)))
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
def test_whenever_it_is_killed_every_secret_stays_readable(sealed, config, pair, point, when):
    url = sealed.url.render_as_string(hide_password=False)
    code = run(KILLED, url, config.data_folder, point, when)
    assert code == (0 if point == "end" else -signal.SIGKILL)
    assert opened(sealed, config)[1].get_base64() in pair.public_line
    assert vault_key.rotate(sealed, config) == 1
    assert opened(sealed, config)[1].get_base64() in pair.public_line
    assert [path.name for path in config.data_folder.iterdir() if not path.name.startswith(".")] == [KEY_FILE]


def run(code, *arguments):
    return subprocess.run(python("-c", code, *map(str, arguments)), check=False, timeout=120).returncode


ENDLESS = """
import sys
from pathlib import Path
from p2ppool.settings import Settings
from p2ppool.store import vault_key
from p2ppool.store.engine import open_engine
url, folder = sys.argv[1:]
engine, config = open_engine(url), Settings(data_folder=Path(folder))
print("ready", flush=True)
while True:
    vault_key.rotate(engine, config)
"""


@pytest.mark.slow
def test_killed_at_any_moment_every_secret_stays_readable(sealed, config, pair):
    chance = random.Random(7)  # moments that are spread over what it does
    url = sealed.url.render_as_string(hide_password=False)
    for _ in range(15):
        process = subprocess.Popen(
            python("-c", ENDLESS, url, str(config.data_folder)), stdout=subprocess.PIPE
        )
        assert process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.communicate()
        assert opened(sealed, config)[1].get_base64() in pair.public_line
