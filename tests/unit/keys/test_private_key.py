import shutil
import subprocess

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from p2ppool.keys.private_key import MAX_KEY_BYTES, PrivateKeyError, parse_private_key

PASSPHRASE = "correct hörse"
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
KINDS = {
    "rsa": (RSA, "ssh-rsa", 2048, paramiko.RSAKey),
    "ed25519": (ED25519, "ssh-ed25519", 256, paramiko.Ed25519Key),
    "p256": (ec.generate_private_key(ec.SECP256R1()), "ecdsa-sha2-nistp256", 256, paramiko.ECDSAKey),
    "p384": (ec.generate_private_key(ec.SECP384R1()), "ecdsa-sha2-nistp384", 384, paramiko.ECDSAKey),
    "p521": (ec.generate_private_key(ec.SECP521R1()), "ecdsa-sha2-nistp521", 521, paramiko.ECDSAKey),
}
FORMS = {
    "OpenSSH": PrivateFormat.OpenSSH,
    "PKCS#1 or SEC 1": PrivateFormat.TraditionalOpenSSL,
    "PKCS#8": PrivateFormat.PKCS8,
}


def written(key, form=PrivateFormat.OpenSSH, passphrase=None):
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, lock)


def public_line(key):
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def refused(data, passphrase=None):
    with pytest.raises(PrivateKeyError) as raised:
        parse_private_key(data, passphrase)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["plain", "encrypted"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS)
def test_a_key_is_read_in_every_form(case, form, passphrase):
    key, name, bits, kind = case
    if isinstance(key, ed25519.Ed25519PrivateKey) and form is PrivateFormat.TraditionalOpenSSL:
        pytest.skip("Ed25519 has no traditional form")
    parsed = parse_private_key(written(key, form, passphrase), passphrase)
    assert isinstance(parsed.pkey, kind)
    assert parsed.pkey.can_sign()
    assert (parsed.type, parsed.bits, parsed.public_line) == (name, bits, public_line(key))


@pytest.mark.parametrize("cipher", ["aes256-ctr", "aes256-cbc", "aes256-gcm@openssh.com"])
def test_a_key_that_ssh_keygen_encrypted_is_read_and_named_alike(tmp_path, cipher):
    if shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-keygen here")
    path = tmp_path / "id"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-Z", cipher, "-N", PASSPHRASE, "-C", "me", "-f", path]
    subprocess.run(make, check=True, timeout=60)
    parsed = parse_private_key(path.read_bytes(), PASSPHRASE)
    listed = subprocess.run(
        ["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True
    ).stdout
    assert listed.split()[1] == parsed.fingerprint
    assert (tmp_path / "id.pub").read_text().startswith(parsed.public_line)
    assert "wrong" in refused(path.read_bytes(), "another")
    assert "give its passphrase" in refused(path.read_bytes())


def test_what_is_kept_of_an_encrypted_key_needs_no_passphrase():
    kept = parse_private_key(written(RSA, passphrase=PASSPHRASE), PASSPHRASE).openssh
    assert parse_private_key(kept).public_line == public_line(RSA)


@pytest.mark.parametrize(
    "change", [lambda data: data.replace(b"\n", b"\r\n"), lambda data: b"\xef\xbb\xbf\n " + data + b"\n\n"]
)
def test_line_ends_and_space_around_a_pasted_key_do_not_matter(change):
    assert parse_private_key(change(written(ED25519))).public_line == public_line(ED25519)


def test_a_passphrase_that_is_not_needed_is_ignored():
    assert parse_private_key(written(ED25519), PASSPHRASE).public_line == public_line(ED25519)


def test_a_key_shows_no_secret():
    parsed = parse_private_key(written(ED25519))
    assert "PRIVATE" not in repr(parsed)
    assert parsed.fingerprint in repr(parsed)


@pytest.mark.parametrize(
    "form", [PrivateFormat.OpenSSH, PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8]
)
class TestAPassphrase:
    def test_that_is_missing_is_asked_for(self, form):
        data = written(RSA, form, PASSPHRASE)
        assert refused(data) == "SSH key: it is encrypted; give its passphrase"
        assert refused(data, "") == "SSH key: it is encrypted; give its passphrase"

    def test_that_is_wrong_is_said_to_be(self, form):
        text = refused(written(RSA, form, PASSPHRASE), "another")
        assert text == "SSH key: the passphrase is wrong, or the key is damaged"


def weak_dsa():
    return dsa.generate_private_key(1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


REFUSED = {
    "nothing": (b"", "not a private key in OpenSSH's or PEM form"),
    "a text": (b"hello", "not a private key in OpenSSH's or PEM form"),
    "binary": (bytes(range(256)), "not a private key in OpenSSH's or PEM form"),
    "a public line": (public_line(ED25519).encode(), "this is a public key; give the private one"),
    "a public PEM": (
        ED25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "this is a public key; give the private one",
    ),
    "a security key's public line": (b"sk-ssh-ed25519@openssh.com AAAA", "this is a public key"),
    "a PuTTY key": (b"PuTTY-User-Key-File-3: ssh-ed25519\r\n", "puttygen KEY.ppk -O private-openssh -o KEY"),
    "weak RSA": (
        written(rsa.generate_private_key(65537, 1024)),
        "RSA of 1024 bits is too weak; use 2048 or more",
    ),
    "DSA": (weak_dsa(), "DSA is no longer accepted"),
    "Ed448": (written(ed448.Ed448PrivateKey.generate(), PrivateFormat.PKCS8), "SSH has no keys of this kind"),
    "X25519": (
        written(x25519.X25519PrivateKey.generate(), PrivateFormat.PKCS8),
        "SSH has no keys of this kind",
    ),
    "another curve": (
        written(ec.generate_private_key(ec.SECP256K1()), PrivateFormat.PKCS8),
        "SSH has no keys of this kind",
    ),
    "a damaged one": (written(ED25519)[:100] + b"AAAA" + written(ED25519)[104:], "it is damaged"),
    "a cut off one": (written(RSA)[:500], "it is damaged"),
    "too long": (written(RSA) + b"a" * MAX_KEY_BYTES, f"more than {MAX_KEY_BYTES} bytes"),
}


@pytest.mark.parametrize(("data", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_usable_key_is_one_clear_line(data, text):
    assert text in refused(data)
