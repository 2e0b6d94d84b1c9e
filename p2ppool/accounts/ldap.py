"""An organisation's LDAP directory (RFC 4511), which checks passwords; over TLS, certificates verified."""

import ssl
from typing import Any, Final
from urllib.parse import urlsplit

from ldap3 import ALL_ATTRIBUTES, BASE, NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.core.results import RESULT_INVALID_CREDENTIALS, RESULT_NO_SUCH_OBJECT
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from p2ppool.accounts import passwords, users
from p2ppool.accounts.identities import Person
from p2ppool.errors import UserError, one_line
from p2ppool.settings import Settings

_CONNECT: Final = 5  # seconds
_ANSWER: Final = 10  # seconds
_PORTS: Final = {"ldap": 389, "ldaps": 636}
_LASTING: Final = ("entryUUID", "objectGUID")
"""Attributes that identify an entry even if it is renamed (RFC 4530; Active Directory)."""


def authenticate(settings: Settings, name: str, password: str) -> Person | None:
    """Return the person with that name and password in the directory; None: there is none.

    Raises:
        UserError: the directory is away, or does not answer as one.
    """
    if not password or len(password) > passwords.LONGEST:
        return None  # an empty password would be an anonymous bind, which succeeds (RFC 4513, 5.1.2)
    try:
        name = users.checked_name(name)
    except UserError:
        return None
    try:
        dn = _dn_of(settings, name)
        return None if dn is None else _vouched_for(settings, name, dn, password)
    except (LDAPException, OSError, ValueError) as error:
        # No exception chain: it could quote a password.
        raise UserError(f"the directory {settings.ldap_url}: {one_line(error)}") from None


def still_there(settings: Settings, name: str, subject: str) -> bool:
    """Tell whether the directory still has the entry of that name and subject.

    Raises:
        UserError: the directory is away, or does not say.
    """
    try:
        dn = _dn_of(settings, users.checked_name(name))
        return dn is not None and _subject_at(settings, dn) == subject
    except (LDAPException, OSError, ValueError) as error:
        raise UserError(f"the directory {settings.ldap_url}: {one_line(error)}") from None


def _subject_at(settings: Settings, dn: str) -> str | None:
    """Return the lasting identifier of the entry; None: there is no such entry."""
    secret = settings.ldap_bind_password
    connection = _connect(
        settings, settings.ldap_bind_dn or None, None if secret is None else secret.get_secret_value()
    )
    if connection is None:
        raise ValueError("P2PPOOL_LDAP_BIND_DN or its password is refused")
    try:
        connection.search(dn, "(objectClass=*)", BASE, attributes=[ALL_ATTRIBUTES, *_LASTING])
        found, result = _entries(connection), connection.result["result"]
    finally:
        connection.unbind()
    if not found and result != RESULT_NO_SUCH_OBJECT:
        raise ValueError(f"the entry {dn} can't be read")
    return _subject(found[0]["raw_attributes"], dn) if found else None


def _dn_of(settings: Settings, name: str) -> str | None:
    """Return the name of the person's entry, from the template or a search."""
    if settings.ldap_user_dn:
        return settings.ldap_user_dn.replace("{name}", escape_rdn(name))
    secret = settings.ldap_bind_password
    connection = _connect(
        settings, settings.ldap_bind_dn or None, None if secret is None else secret.get_secret_value()
    )
    if connection is None:
        raise ValueError("P2PPOOL_LDAP_BIND_DN or its password is refused")
    wanted = settings.ldap_search_filter.replace("{name}", escape_filter_chars(name))
    try:
        connection.search(settings.ldap_search_base, wanted, SUBTREE, attributes=[], size_limit=2)
        found = _entries(connection)
    finally:
        connection.unbind()
    if len(found) > 1:
        raise ValueError(f"more than one entry is called {name}")
    return str(found[0]["dn"]) if found else None


def _vouched_for(settings: Settings, name: str, dn: str, password: str) -> Person | None:
    connection = _connect(settings, dn, password)
    if connection is None:
        return None
    try:
        connection.search(dn, "(objectClass=*)", BASE, attributes=[ALL_ATTRIBUTES, *_LASTING])
        found = _entries(connection)
    finally:
        connection.unbind()
    raw: dict[str, list[bytes]] = found[0]["raw_attributes"] if found else {}
    mails = [value.decode("utf-8", "replace") for value in raw.get("mail", [])]
    return Person(settings.ldap_url, _subject(raw, dn), name, mails[0] if mails else None)


def _subject(raw: dict[str, list[bytes]], dn: str) -> str:
    for attribute in _LASTING:
        if values := raw.get(attribute):
            value = values[0]
            return value.hex() if attribute == "objectGUID" else value.decode("ascii", "replace")
    return dn.lower()


def _connect(settings: Settings, dn: str | None, password: str | None) -> Any:
    """Return a connection bound as `dn`, anonymous without one; None: refused."""
    connection = Connection(
        _server(settings),
        user=dn,
        password=password,
        auto_referrals=False,
        receive_timeout=_ANSWER,
        read_only=True,
        check_names=False,
    )
    try:
        _open(connection, settings)
        if connection.bind():
            return connection
        refused = connection.result["result"] == RESULT_INVALID_CREDENTIALS
        problem = connection.result["description"]
    except BaseException:
        connection.unbind()
        raise
    connection.unbind()
    if not refused:
        raise ValueError(f"the bind: {problem}")
    return None


def _open(connection: Any, settings: Settings) -> None:
    """Open the connection, and start TLS before anything else."""
    connection.open()
    if urlsplit(settings.ldap_url).scheme == "ldap" and not connection.start_tls():
        raise ValueError("it does not speak TLS (StartTLS)")


def _server(settings: Settings) -> Any:
    parts = urlsplit(settings.ldap_url)
    tls = Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=None if settings.ldap_ca_file is None else str(settings.ldap_ca_file),
    )
    return Server(
        parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        use_ssl=parts.scheme == "ldaps",
        tls=tls,
        get_info=NONE,
        connect_timeout=_CONNECT,
    )


def _entries(connection: Any) -> list[dict[str, Any]]:
    """List a search's results, without referrals, which are not followed."""
    return [each for each in connection.response or [] if each.get("type") == "searchResEntry"]
