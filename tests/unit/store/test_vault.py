import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from p2ppool.store.vault import Vault, VaultError, new_key

KEY = SecretStr(new_key())
SECRET = b"a private key"


@pytest.fixture
def vault(tmp_path):
    return Vault.open(tmp_path, None)


@given(st.binary(max_size=1000), st.text(max_size=50))
def test_what_is_sealed_is_unsealed(plain, purpose):
    vault = Vault(bytes(32))
    assert vault.unseal(vault.seal(plain, purpose), purpose) == plain


class TestSealing:
    def test_hides_the_secret(self, vault):
        assert SECRET not in vault.seal(SECRET, "SSH key lab")

    def test_the_same_secret_twice_looks_different(self, vault):
        assert vault.seal(SECRET, "SSH key lab") != vault.seal(SECRET, "SSH key lab")

    def test_says_its_form_first_for_later_ones(self, vault):
        assert vault.seal(SECRET, "SSH key lab").startswith(b"p2v1")

    def test_a_vault_shows_nothing(self):
        assert KEY.get_secret_value() not in repr(Vault.open(None, KEY))


class TestUnsealing:
    def test_is_refused_for_another_row(self, vault):
        sealed = vault.seal(SECRET, "SSH key lab")
        with pytest.raises(VaultError):
            vault.unseal(sealed, "SSH key other")

    def test_is_refused_where_any_bit_was_changed(self, vault):
        sealed = vault.seal(SECRET, "SSH key lab")
        for at in range(len(sealed)):
            changed = bytearray(sealed)
            changed[at] ^= 1
            with pytest.raises(VaultError):
                vault.unseal(bytes(changed), "SSH key lab")

    def test_is_refused_where_the_end_is_missing(self, vault):
        sealed = vault.seal(SECRET, "SSH key lab")
        for kept in range(len(sealed)):
            with pytest.raises(VaultError):
                vault.unseal(sealed[:kept], "SSH key lab")

    def test_with_another_key_says_what_to_restore(self, vault):
        sealed = vault.seal(SECRET, "SSH key lab")
        with pytest.raises(VaultError) as raised:
            Vault.open(None, KEY).unseal(sealed, "SSH key lab")
        assert str(raised.value) == (
            "'SSH key lab' can't be decrypted: restore the vault's key it was sealed with "
            "(vault.key in the data folder, or P2PPOOL_VAULT_KEY), or add it again"
        )


class TestTheKeysFile:
    def test_is_made_at_first_use_for_its_owner_alone(self, tmp_path):
        Vault.open(tmp_path / "data", None)
        place = tmp_path / "data" / "vault.key"
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert [path.name for path in place.parent.iterdir()] == ["vault.key"]

    def test_serves_the_next_start(self, tmp_path):
        sealed = Vault.open(tmp_path, None).seal(SECRET, "a")
        assert Vault.open(tmp_path, None).unseal(sealed, "a") == SECRET

    def test_is_the_same_key_as_in_the_environment(self, tmp_path, vault):
        sealed = vault.seal(SECRET, "a")
        key = SecretStr((tmp_path / "vault.key").read_text())
        assert Vault.open(tmp_path / "none", key).unseal(sealed, "a") == SECRET

    def test_is_neither_read_nor_made_beside_the_environments(self, tmp_path):
        Vault.open(tmp_path, KEY)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
    def test_that_others_may_read_is_refused(self, tmp_path, vault, mode):
        (tmp_path / "vault.key").chmod(mode)
        with pytest.raises(VaultError, match=r"others may read the vault's key: chmod 600 .*vault\.key"):
            Vault.open(tmp_path, None)

    def test_that_is_a_folder_is_refused(self, tmp_path):
        (tmp_path / "vault.key").mkdir()
        with pytest.raises(VaultError, match="can't be used: Is a directory"):
            Vault.open(tmp_path, None)

    def test_that_cannot_be_made_is_one_line(self, tmp_path):
        (tmp_path / "data").write_text("a file in the way")
        with pytest.raises(VaultError, match=r"vault\.key can't be used: "):
            Vault.open(tmp_path / "data", None)

    def test_is_one_for_all_processes_that_start_at_the_same_time(self, tmp_path):
        code = (
            "import sys; from pathlib import Path; from p2ppool.store.vault import Vault;"
            "print('ready', flush=True); sys.stdin.readline();"
            "print(Vault.open(Path(sys.argv[1]), None).seal(b'x', 'a').hex())"
        )
        command = [sys.executable, "-c", code, str(tmp_path)]
        starters = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for starter in starters:
            assert starter.stdout.readline() == "ready\n"
        for starter in starters:
            starter.stdin.write("go\n")
            starter.stdin.flush()
        sealed = [bytes.fromhex(starter.communicate(timeout=60)[0]) for starter in starters]
        vault = Vault.open(tmp_path, None)
        assert [vault.unseal(each, "a") for each in sealed] == [b"x"] * 4
        assert [path.name for path in tmp_path.iterdir()] == ["vault.key"]


BAD_KEYS = {
    "empty": "",
    "too short": new_key()[:-4],
    "too long": new_key() * 2,
    "no base64": "not base64 !!!",
    "no ASCII": "é" * 44,
    "huge": "x" * 100_000,
}


@pytest.mark.parametrize("text", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_bad_key_in_the_environment_is_refused_and_not_shown(text):
    with pytest.raises(VaultError) as raised:
        Vault.open(None, SecretStr(text))
    assert str(raised.value) == "the vault's key in P2PPOOL_VAULT_KEY is not 32 bytes in URL-safe base64"
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("text", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_bad_key_in_the_file_is_refused(tmp_path, text):
    place = tmp_path / "vault.key"
    with os.fdopen(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    with pytest.raises(VaultError, match=r"the vault's key in .*vault\.key is not 32 bytes"):
        Vault.open(tmp_path, None)
