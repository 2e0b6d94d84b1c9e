"""The fields that all formats of hosts files share: names, ports, jump hosts.

Each reader raises ValueError.
"""

import re
from ipaddress import IPv6Address, ip_address
from typing import Final

from p2ppool.errors import one_line
from p2ppool.fleet.inventory.host_line import HostLine, JumpHost

MANAGER_NAMES: Final = frozenset({"manager", "local"})
"""Names that stand for the manager's own machine where a host is expected."""
SSH_PORT: Final = 22
# RFC 1123, 2.1, and RFC 1035, 2.3.4; the underscore is in use though it should not be.
_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*"
)
_BRACKETED: Final = re.compile(r"\[([^\[\]]*)\](?::(.*))?")
_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")


def read_place(entry: str, default_port: int) -> tuple[str, int]:
    """Read host and port; only an IPv6 address has more than one colon (RFC 3986, 3.2.2, brackets it)."""
    name, port = _split(entry)
    return read_name(name), default_port if port is None else read_port(port)


def read_jump(text: str) -> JumpHost:
    """Read `[user@]host[:port]`, the form of ProxyJump in ssh_config(5)."""
    if "," in text:
        raise ValueError(f"{quoted(text)}: one jump host only, not a chain of them")
    user, at, place = text.removeprefix("ssh://").rpartition("@")
    if at and not _USER.fullmatch(user):
        raise ValueError(f"{quoted(user)} is not a user name")
    return JumpHost(user, *read_place(place, SSH_PORT))


def read_name(name: str) -> str:
    """Normalise a host name or an address."""
    try:
        address = ip_address(name)
    except ValueError:
        plain = name.lower().removesuffix(".")
    else:
        if isinstance(address, IPv6Address) and address.scope_id:
            raise ValueError(f"{quoted(name)} has a zone: write a global address")
        return str(address)
    # Only addresses end in a label of digits (RFC 1123, 2.1), and this is none.
    if not _NAME.fullmatch(plain) or plain.rpartition(".")[2].isdigit():
        raise ValueError(f"{quoted(name)} is not a host name or address")
    return plain


def read_port(text: str) -> int:
    """Read a port from 1 to 65535."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:  # noqa: PLR2004 - RFC 9293
        raise ValueError(f"{quoted(text)} is not a port from 1 to 65535")
    return int(text)


def manager_machine(line: int, address: str = "") -> HostLine:
    """Return the manager's own machine; `address` is where its node is reached,
    if that is not to be detected.
    """
    if address:
        try:
            address = str(ip_address(address))
        except ValueError:
            raise ValueError(f"{quoted(address)} is not an IP address of this machine") from None
    return HostLine("manager", SSH_PORT, line, where=address, is_manager=True)


def is_ipv6(text: str) -> bool:
    """Return whether the text is an IPv6 address."""
    try:
        return isinstance(ip_address(text), IPv6Address)
    except ValueError:
        return False


def quoted(text: str) -> str:
    """Quote the text for a message, on one line and shortened."""
    return f"“{one_line(text, 60)}”"


def _split(entry: str) -> tuple[str, str | None]:
    bracketed = _BRACKETED.fullmatch(entry)
    if bracketed:
        if not is_ipv6(bracketed[1]):
            raise ValueError(f"{quoted(bracketed[1])} in brackets is not an IPv6 address")
        return bracketed[1], bracketed[2]
    if entry.count(":") > 1:
        if not is_ipv6(entry):
            raise ValueError(f"{quoted(entry)} is not host or host:port; write IPv6 as [address]:port")
        return entry, None
    name, colon, port = entry.partition(":")
    return name, port if colon else None
