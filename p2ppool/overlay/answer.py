"""A node's report about itself, checked: from the raw struct of ``Information.Info`` to a typed record.

Every answer comes from a machine that may be broken or hostile. Only the node's own address is essential.
Other fields become None if they are missing, of a wrong type or out of range, so that one odd field does not
cost the rest. Field names are Brunet's.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from p2ppool.node import address as overlay_address
from p2ppool.overlay.errors import GatewayMalformedError

TEXT_LIMIT = 64
"""The largest number of characters in a node's type or namespace."""

SHORTCUT_LIMIT = 64
"""The largest number of shortcuts read of one node:
it limits how many addresses one answer can add to a crawl.
"""

IP_LIMIT = 64
"""The largest number of IP addresses read of one node."""

COUNT_LIMIT = 100_000
"""Upper bound of a plausible count: sums over the largest crawl stay within 31 bits."""

_SHORTCUT = re.compile(r"shortcut\d*")
_GEO_TEXT_LIMIT = 64
_GEO_DIGITS = 4  # about ten metres
_LATITUDE_LIMIT = 90
_LONGITUDE_LIMIT = 180


@dataclass(frozen=True)
class Neighbours:
    """The nodes that a node names around itself, or None. *Left* is the direction of rising addresses."""

    own: str
    left: str | None = None
    right: str | None = None
    left2: str | None = None
    right2: str | None = None
    shortcuts: tuple[str, ...] = ()

    @property
    def ring(self) -> tuple[str | None, str | None, str | None, str | None]:
        """Left, left2, right and right2: the order of every tuple of four in this package."""
        return (self.left, self.left2, self.right, self.right2)

    def all(self) -> Iterator[str]:
        """Yield every address that is named, except its own."""
        return (name for name in (*self.ring, *self.shortcuts) if name is not None and name != self.own)


@dataclass(frozen=True, kw_only=True)
class Description:
    """The facts in one node's answer; those that its software does not report are None.

    Attributes:
        type: the node's software, such as ``BasicNode`` or ``MultiNode``.
        ip: the first of its IP addresses.
        ips: all of them, by the names of the devices; docker0 may come before eth0.
        virtual_ip: its first address in the virtual network (IPOP nodes only).
        ip_namespace: name of that network (IPOP nodes only).
        geo_loc: ``latitude, longitude`` in degrees.
        tcp: TCP edges of the whole process, which may hold several nodes.
        udp: UDP edges of the whole process.
        tunnel: edges through other nodes.
        cons: connections.
        sas: security associations (reported only by processes with several nodes).
        wedges: wrapped edges (with secure edges only).
        subring: connections of the node's subring.
    """

    type: str | None = None
    ip: str | None = None
    ips: tuple[str, ...] = ()
    virtual_ip: str | None = None
    ip_namespace: str | None = None
    geo_loc: str | None = None
    tcp: int | None = None
    udp: int | None = None
    tunnel: int | None = None
    cons: int | None = None
    sas: int | None = None
    wedges: int | None = None
    subring: int | None = None


@dataclass(frozen=True)
class Answer:
    """One checked answer: the nodes that a node names, and its description of itself."""

    neighbours: Neighbours
    description: Description


def read_information(raw: Mapping[str, object]) -> Answer:
    """Read one ``Information.Info`` struct.

    Raises:
        GatewayMalformedError: it does not say which node it is from.
    """
    return Answer(read_neighbours(raw.get("neighbors")), _description(raw))


def read_neighbours(raw: object) -> Neighbours:
    """Read one ``sys:link.GetNeighbors`` struct, which is also the field `neighbors` of a description.

    Raises:
        GatewayMalformedError: it does not say which node it is from.
    """
    named = raw if isinstance(raw, dict) else {}
    own = _address(named.get("self"))
    if own is None:
        raise GatewayMalformedError("an answer that does not name the node that gave it")
    left, right, left2, right2 = (_address(named.get(key)) for key in ("left", "right", "left2", "right2"))
    return Neighbours(own, left, right, left2, right2, _shortcuts(named))


def _description(raw: Mapping[str, object]) -> Description:
    return Description(
        type=_text(raw.get("type")),
        ip=_first_ip(raw.get("localips")),
        ips=tuple(islice(_ips(_as_list(raw.get("localips"))), IP_LIMIT)),
        virtual_ip=_first_ip(raw.get("VirtualIPs")),
        ip_namespace=_text(raw.get("IpopNamespace")),
        geo_loc=_geo_location(raw.get("geo_loc")),
        tcp=_count(raw.get("tcp")),
        udp=_count(raw.get("udp")),
        tunnel=_count(raw.get("tunnel")),
        cons=_count(raw.get("cons")),
        sas=_count(raw.get("sas")),
        wedges=_count(raw.get("wedges")),
        subring=_count(raw.get("subring")),
    )


def _address(value: object) -> str | None:
    """Return `value` if it is an overlay address in its one spelling:
    another would count as a second node.
    """
    if not isinstance(value, str):
        return None
    try:
        number = overlay_address.parse(value)
    except overlay_address.AddressError:
        return None
    return value if overlay_address.write(number) == value else None


def _shortcuts(named: Mapping[object, object]) -> tuple[str, ...]:
    """Read the shortcuts, sorted and unique: Brunet's field `shortcut`, and also numbered ones and a list."""
    values = (value for key, value in named.items() if isinstance(key, str) and _SHORTCUT.fullmatch(key))
    found = {address for value in values for one in _as_list(value) if (address := _address(one))}
    return tuple(sorted(found))[:SHORTCUT_LIMIT]


def _as_list(value: object) -> list[object]:
    return value[:SHORTCUT_LIMIT] if isinstance(value, list) else [value]


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value.isprintable():
        return None
    return value if 0 < len(value) <= TEXT_LIMIT else None


def _count(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= COUNT_LIMIT else None


def _first_ip(value: object) -> str | None:
    return next(_ips(_as_list(value)), None)


def _ips(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if not isinstance(value, str) or "%" in value:  # an IPv6 zone may hold any text
            continue
        try:
            yield str(ipaddress.ip_address(value))
        except ValueError:
            continue


def _geo_location(value: object) -> str | None:
    """Normalise ``latitude, longitude``; Brunet writes a lone comma if it does not know them."""
    if not isinstance(value, str) or len(value) > _GEO_TEXT_LIMIT:
        return None
    try:
        latitude, longitude = (round(float(part), _GEO_DIGITS) for part in value.split(","))
    except (ValueError, OverflowError):
        return None
    on_earth = abs(latitude) <= _LATITUDE_LIMIT and abs(longitude) <= _LONGITUDE_LIMIT
    return f"{latitude}, {longitude}" if on_earth else None
