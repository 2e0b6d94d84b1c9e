"""Where members' machines are sent, and which certificate they are told to trust there."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from p2ppool.errors import UserError
from p2ppool.groups.server import SERVICE, server_of
from p2ppool.settings import Settings

PUBLIC = "https://pools.example.org"


@pytest.fixture(scope="module")
def certificate():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pools.example.org")])
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + dt.timedelta(days=9))
    return made.sign(key, hashes.SHA256())


def test_it_is_the_public_address(tmp_path):
    assert server_of(Settings(data_folder=tmp_path)).service == f"http://127.0.0.1:8050{SERVICE}"
    found = server_of(Settings(data_folder=tmp_path, public_url=PUBLIC + "/"))
    assert (found.service, found.certificate) == (PUBLIC + SERVICE, None)


@pytest.mark.parametrize("form", ["pem", "der", "chain"])
def test_the_certificate_is_read_in_each_form(tmp_path, certificate, form):
    der, pem = certificate.public_bytes(Encoding.DER), certificate.public_bytes(Encoding.PEM)
    data = {"pem": b"words before\n" + pem, "der": der, "chain": pem + pem}[form]
    (tmp_path / "web").write_bytes(data)
    options = {"data_folder": tmp_path, "web_certificate": tmp_path / "web"}
    assert server_of(Settings(public_url=PUBLIC, **options)).certificate == der
    assert server_of(Settings(**options)).certificate is None  # nobody sees it over http


@pytest.mark.parametrize("data", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nxx\n"])
def test_a_file_that_is_none_is_named(tmp_path, data):
    if data is not None:
        (tmp_path / "web").write_bytes(data)
    with pytest.raises(UserError, match=f"P2PPOOL_WEB_CERTIFICATE: {tmp_path}/web: "):
        server_of(Settings(data_folder=tmp_path, public_url=PUBLIC, web_certificate=tmp_path / "web"))
