"""Host keys: their fingerprints, and asking for the pinned type first."""

import base64
import shutil
import subprocess

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.transport.host_key import ALGORITHMS, check, fingerprint, preferred_algorithms, text_of


def new_key():
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs OpenSSH's client")
def test_a_fingerprint_is_what_ssh_keygen_shows():
    key = new_key()
    shown = subprocess.run(["ssh-keygen", "-lf", "-"], input=key, capture_output=True, text=True, check=True)
    assert fingerprint(key) == shown.stdout.split()[1]


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 ***"])
def test_what_is_no_key_has_no_fingerprint(text):
    assert fingerprint(text) == "unreadable"


def test_a_key_s_text_is_that_of_known_hosts():
    key = new_key()
    kind, encoded = key.split()
    assert text_of(paramiko.PKey.from_type_string(kind, base64.b64decode(encoded))) == key


@pytest.mark.parametrize(
    ("pinned", "first"),
    [
        (None, "ssh-ed25519"),
        ("ecdsa-sha2-nistp256 AAAA", "ecdsa-sha2-nistp256"),
        ("ecdsa-sha2-nistp521 AAAA", "ecdsa-sha2-nistp521"),
        ("ssh-rsa AAAA", "rsa-sha2-512"),
    ],
)
def test_the_pinned_type_is_requested_first_and_no_other_is_left_out(pinned, first):
    names = preferred_algorithms(pinned)
    assert names[0] == first
    assert sorted(names) == sorted(ALGORITHMS)


def test_anything_goes_at_first_contact_and_the_same_key_ever_after():
    key = new_key()
    check(key, None)
    check(key, key)
    check(key, f"{key} a comment")


def test_another_key_is_refused_with_both_fingerprints():
    pinned, offered = new_key(), new_key()
    with pytest.raises(HostFault) as refused:
        check(offered, pinned)
    assert refused.value.kind is ErrorKind.HOST_KEY_CHANGED
    assert fingerprint(pinned) in str(refused.value)
    assert fingerprint(offered) in str(refused.value)
