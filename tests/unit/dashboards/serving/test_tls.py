"""https by the server itself."""

import socket
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dashboards.serving.tls import Certificate
from p2ppool.errors import UserError
from tests.lab.waiting import eventually
from tests.lab.web.served import SECONDS, connected, is_closed_by_server, served

LARGE = 3 * 1024 * 1024


def app(environ, start_response):
    sent = environ["wsgi.input"].read()
    body = bytes(LARGE) if environ["PATH_INFO"] == "/large" else b"%d" % len(sent)
    start_response("200 OK", [("Content-Length", str(len(body))), ("X-Scheme", environ["wsgi.url_scheme"])])
    return [body]


def make_pair(folder):
    """A new certificate for localhost and its key, in the files of that folder; returns its serial number."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    moment, serial = datetime.now(UTC), x509.random_serial_number()
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), serial)
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "cert.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    return serial


@contextmanager
def https(folder, **settings):
    files = {"tls_certificate": folder / "cert.pem", "tls_key": folder / "key.pem"}
    with served(app, **files, **settings) as port:
        yield port


@contextmanager
def encrypted(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        yield line


def serial_of(port):
    with encrypted(port) as line:
        return x509.load_der_x509_certificate(line.getpeercert(binary_form=True)).serial_number


def test_pages_come_by_https_whatever_their_size(tmp_path):
    make_pair(tmp_path)
    trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    with (
        https(tmp_path, web_form_max_bytes=LARGE + 1) as port,
        httpx.Client(verify=trust, trust_env=False, timeout=SECONDS) as client,
    ):
        base = f"https://localhost:{port}"
        answer = client.get(f"{base}/large")
        assert (len(answer.content), answer.headers["X-Scheme"]) == (LARGE, "https")
        assert client.post(base, content=bytes(LARGE)).text == str(LARGE)
        assert client.get(base).text == "0"


def test_a_new_certificate_is_taken_and_no_connection_is_lost(tmp_path):
    first = make_pair(tmp_path)
    with https(tmp_path) as port, encrypted(port) as kept:
        assert serial_of(port) == first
        second = make_pair(tmp_path)
        eventually(lambda: serial_of(port) == second, SECONDS)
        kept.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert kept.recv(100).startswith(b"HTTP/1.1 200")


def test_a_half_written_certificate_changes_nothing(tmp_path):
    make_pair(tmp_path)
    found = Certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    before = found.context
    (tmp_path / "key.pem").write_text("-----BEGIN")
    found.refresh()
    assert found.context is before
    (tmp_path / "cert.pem").unlink()
    found.refresh()
    assert found.context is before
    make_pair(tmp_path)
    found.refresh()
    assert found.context is not before


def test_files_that_cannot_be_used_are_one_line(tmp_path):
    (tmp_path / "key.pem").write_text("no key")
    (tmp_path / "cert.pem").write_text("no certificate")
    with pytest.raises(UserError, match="P2PPOOL_TLS_CERTIFICATE") as error:
        Certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", bytes(100)])
def test_what_does_no_tls_is_closed_and_others_are_served(tmp_path, first):
    serial = make_pair(tmp_path)
    with https(tmp_path, web_head_timeout=0.5) as port, connected(port, first) as line:
        assert serial_of(port) == serial
        eventually(lambda: is_closed_by_server(line), SECONDS)
