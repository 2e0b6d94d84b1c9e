"""Files of the original's own library are read, and made again byte for byte from the same inputs."""

import hashlib
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.oid import NameOID

from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.certificate import (
    Digest,
    authority_certificate,
    authority_request,
    member_certificate,
)
from p2ppool.groupvpn.errors import MalformedError
from p2ppool.groupvpn.request import CertificateRequest, read_request, request_id, write_request
from p2ppool.groupvpn.revocation import ticks_of, write_revocations
from tests.lab.groupvpn.certificates import read_certificate
from tests.lab.groupvpn.revocations import read_revocations

GOLDEN = Path(__file__).parents[2] / "data/groupvpn"
GROUP = "MyGroup"
ADDRESS = "brunet:node:PXYSWDL5SZDHDDXJKZCLFENOP2KZDMBU"


def golden(name):
    return (GOLDEN / name).read_bytes()


@pytest.fixture(scope="module")
def authority():
    return csp_blob.read_private(golden("ca_private"))


@pytest.fixture(scope="module")
def stranger():
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("name", ["ca_private", "private_key"])
def test_private_keys(name):
    assert csp_blob.write_private(csp_blob.read_private(golden(name))) == golden(name)


def test_public_keys():
    assert csp_blob.write_public(csp_blob.read_public(golden("pub"))) == golden("pub")
    private = csp_blob.read_private(golden("private_key"))
    assert csp_blob.write_public(private.public_key()) == golden("pub")


def test_the_request():
    request = read_request(golden("req"))
    assert (request.node_address, request.unit, request.organization) == (ADDRESS, "ACIS", "UFL")
    assert (request.country, request.name) == ("United States", "David Wolinsky")
    assert request.key == golden("pub")
    assert write_request(request) == golden("req")
    assert re.fullmatch("[0-9A-F]{40}", request_id(golden("req")))


def test_the_authority_s_certificate(authority):
    assert authority_certificate(GROUP, authority) == golden("cacert")


def test_a_member_s_certificate(authority):
    asked = read_request(golden("req"))
    request = CertificateRequest(
        key=asked.key, node_address=asked.node_address, name="alice", email="alice@example.org"
    )
    assert member_certificate(GROUP, request, authority) == golden("lc.cert")


def test_what_the_certificates_say(authority):
    found = read_certificate(golden("lc.cert"), authority.public_key())
    assert (found.name, found.unit, found.organization, found.node_address) == ("alice", GROUP, "", ADDRESS)
    above = read_certificate(golden("cacert"), authority.public_key())
    assert (above.name, above.unit, above.organization, above.node_address) == ("admin", "", GROUP, "")
    request = write_request(authority_request(GROUP, authority.public_key()))
    assert found.serial == above.serial == hashlib.sha1(request).digest()[::-1]


def test_the_revocation_list(authority):
    found = read_revocations(golden("revocation_list"), authority.public_key())
    assert found.names == ("alice", "mallory")
    assert found.made_at.isoformat().startswith("2026-11-22T10:05:40.19")
    assert write_revocations(found.names, found.ticks, authority) == golden("revocation_list")
    assert ticks_of(found.made_at) == found.ticks


def test_another_authority_s_work_is_refused(authority, stranger):
    for read, name in ((read_certificate, "lc.cert"), (read_revocations, "revocation_list")):
        with pytest.raises(MalformedError, match="another authority"):
            read(golden(name), stranger.public_key())


@pytest.mark.parametrize("name", ["lc.cert", "revocation_list"])
def test_a_changed_byte_is_noticed_wherever_it_is(authority, name):
    data = golden(name)
    read = read_certificate if name == "lc.cert" else read_revocations
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(MalformedError):
            read(changed, authority.public_key())


@pytest.mark.filterwarnings("ignore:Attribute's length")  # a country has two letters, or is empty here
@pytest.mark.parametrize("digest", list(Digest))
def test_another_library_finds_the_chain_right(authority, digest):
    above = load_der_x509_certificate(authority_certificate(GROUP, authority, digest))
    member = load_der_x509_certificate(member_certificate(GROUP, a_request("bob"), authority, digest))
    assert member.signature_hash_algorithm.name == digest
    assert member.issuer == above.subject == above.issuer
    above.public_key().verify(
        member.signature, member.tbs_certificate_bytes, PKCS1v15(), member.signature_hash_algorithm
    )
    assert member.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "bob"


def a_request(name="bob", **fields):
    return CertificateRequest(key=golden("pub"), node_address=ADDRESS, name=name, **fields)


@pytest.mark.parametrize(("text", "kind"), [("bob", "printable"), ("bob_b", "bmp"), ("é@x", "bmp")])
def test_what_is_not_printable_is_written_in_two_bytes_a_character(authority, text, kind):
    der = member_certificate(GROUP, a_request(text), authority)
    form = text.encode("utf-16-be") if kind == "bmp" else text.encode()
    assert form in der
    assert read_certificate(der, authority.public_key()).name == text


@pytest.mark.parametrize("fields", [{"email": "é@x"}, {"name": "\U0001f600"}])
def test_what_a_certificate_can_t_hold_is_refused(authority, fields):
    with pytest.raises(ValueError, match=r"can't|ascii"):
        member_certificate(GROUP, a_request(**fields), authority)


def test_an_address_that_is_too_long_is_refused(authority):
    request = CertificateRequest(key=golden("pub"), node_address="x" * 128)
    with pytest.raises(ValueError, match="128 bytes"):
        member_certificate(GROUP, request, authority)
