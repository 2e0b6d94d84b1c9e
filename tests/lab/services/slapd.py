"""A real LDAP directory on loopback: Debian's slapd, with a certificate of its own authority."""

import datetime as dt
import ipaddress
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.lab.skipping import skip_unless_ci
from tests.lab.waiting import eventually

SLAPD = Path("/usr/sbin/slapd")
SCHEMAS = Path("/etc/ldap/schema")
PEOPLE = "ou=people,dc=example,dc=org"
PASSWORD = "a password of the directory"

_CONFIG = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
pidfile {folder}/pid
database mdb
suffix dc=example,dc=org
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="{people}" by dn.exact="cn=reader,dc=example,dc=org" read by self read by * auth
access to * by * auth
"""

_ENTRIES = """
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Lab

dn: cn=reader,dc=example,dc=org
objectClass: person
cn: reader
sn: reader
userPassword: {password}

dn: {people}
objectClass: organizationalUnit

dn: uid=jane,{people}
objectClass: inetOrgPerson
cn: Jane
sn: Doe
mail: jane@example.org
userPassword: {password}

dn: uid=ada,{people}
objectClass: inetOrgPerson
cn: Ada
sn: Other
userPassword: {password}
"""


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    """The directory: `url` (StartTLS), `tls_url`, and `ca`, the certificates that vouch for it."""
    if not SLAPD.exists():
        skip_unless_ci("no slapd")
    folder = tmp_path_factory.mktemp("slapd")
    (folder / "data").mkdir()
    _certify(folder)
    config = folder / "slapd.conf"
    config.write_text(_CONFIG.format(schemas=SCHEMAS, folder=folder, people=PEOPLE))
    # A copy: some distributions let the program at its own place read a few folders only.
    program = shutil.copy(SLAPD, folder / "slapd")
    entries = _ENTRIES.format(people=PEOPLE, password=PASSWORD)
    add = [program, "-T", "add", "-f", config]
    subprocess.run(add, input=entries.lstrip(), text=True, check=True, capture_output=True)
    plain, tls = _free_port(), _free_port()
    addresses = f"ldap://127.0.0.1:{plain}/ ldaps://127.0.0.1:{tls}/"
    with subprocess.Popen(
        [program, "-d", "0", "-f", config, "-h", addresses], stderr=subprocess.DEVNULL
    ) as process:
        try:
            eventually(lambda: all(map(_listens, (plain, tls))))
            yield Directory(f"ldap://127.0.0.1:{plain}", f"ldaps://127.0.0.1:{tls}", folder / "ca.pem")
        finally:
            process.terminate()


class Directory:
    def __init__(self, url, tls_url, ca):
        self.url, self.tls_url, self.ca = url, tls_url, ca
        self.by_template = {
            "ldap_url": tls_url,
            "ldap_ca_file": ca,
            "ldap_user_dn": f"uid={{name}},{PEOPLE}",
        }
        self.by_search = {
            "ldap_url": url,
            "ldap_ca_file": ca,
            "ldap_search_base": PEOPLE,
            "ldap_bind_dn": "cn=reader,dc=example,dc=org",
            "ldap_bind_password": PASSWORD,
        }


def _certify(folder):
    """An authority, and a certificate by it for 127.0.0.1 alone."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lab")])
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    ca = _certificate(issuer, issuer, authority, authority, x509.BasicConstraints(ca=True, path_length=0))
    server = _certificate(own, issuer, key, authority, address)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(key.private_bytes(pem, *form))


def _certificate(subject, issuer, key, authority, extension):
    moment = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(moment - dt.timedelta(days=1))
    builder = builder.not_valid_after(moment + dt.timedelta(days=1))
    return builder.add_extension(extension, critical=False).sign(authority, hashes.SHA256())


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
