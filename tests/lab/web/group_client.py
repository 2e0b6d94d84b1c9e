"""A member's machine: what it does with its `config.zip`, as BRUNET.md tells it of real clients."""

import base64
import io
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
import xmlrpc.client
import zipfile

from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from tests.lab.groupvpn.certificates import read_certificate
from tests.lab.groupvpn.revocations import read_revocations

ADDRESS = "brunet:node:PXYSWDL5SZDHDDXJKZCLFENOP2KZDMBU"


class Machine:
    """Asks the server that its config names."""

    def __init__(self, config_zip, **changes):
        """`changes` are texts of `ipop.config` that it has instead."""
        with zipfile.ZipFile(io.BytesIO(config_zip)) as archive:
            enrolment = ET.fromstring(archive.read("ipop.config")).find("GroupVPN")
            self.authority_der = archive.read("cacert")
        self.texts = {element.tag: element.text for element in enrolment} | changes
        key = rsa.generate_private_key(65537, 1024)
        self.request = write_request(
            CertificateRequest(key=csp_blob.write_public(key.public_key()), node_address=ADDRESS)
        )
        self.service = xmlrpc.client.ServerProxy(self.texts["ServerURI"], use_builtin_types=True)
        # Serials are raw digests, as the original's: stricter readers refuse one in 256.
        self.authority = load_der_public_key(x509.Certificate.load(self.authority_der).public_key.dump())

    def submit(self, *, as_text=False):
        """The number of the request."""
        data = base64.b64encode(self.request).decode() if as_text else self.request
        who = (self.texts["UserName"], self.texts["Group"], self.texts["Secret"])
        return self.service.SubmitRequest(*who, data)

    def certificate(self, number):
        """The certificate, DER, of which its own reader finds nothing wrong."""
        der = self.service.CheckRequest(self.texts["Group"], number)
        read_certificate(der, self.authority)
        return der

    def list_address(self):
        """Where it looks for who is revoked."""
        end = f"data/{self.texts['Group']}/revocation_list"
        return self.texts["ServerURI"].replace("mono/GroupVPN.rem", end).replace(" ", "%20")

    def revoked(self):
        """The names on the list."""
        with urllib.request.urlopen(self.list_address(), timeout=60) as answer:
            return read_revocations(answer.read(), self.authority).names


def fault_of(call, *arguments):
    """The text of the fault that a call gets."""
    try:
        value = call(*arguments)
    except xmlrpc.client.Fault as fault:
        return fault.faultString
    raise AssertionError(f"no fault but {value!r}")
