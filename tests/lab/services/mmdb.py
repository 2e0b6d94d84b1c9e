"""Databases in MaxMind's format (MMDB 2.0), as small as can be, to put before those who read them."""

import ipaddress
import struct

_MARKER = b"\xab\xcd\xefMaxMind.com"
_BITS = 24  # of a record: two make a node of six bytes


def mmdb(records, ip_version=6):
    """The bytes of a database with a record (any of dict, str, float, int) for each network in text form."""
    tree, data, values = [[None, None]], b"", []
    for network, record in records.items():
        values.append(len(data))
        data += _value(record)
        _insert(tree, _bits(ipaddress.ip_network(network), ip_version), len(values) - 1)
    nodes = len(tree)

    def pointer(found):
        if found is None:
            return nodes  # nothing is known
        kind, number = found
        return number if kind == "node" else nodes + 16 + values[number]

    search = b"".join(pointer(side).to_bytes(3, "big") for node in tree for side in node)
    return search + bytes(16) + data + _MARKER + _value(_metadata(nodes, ip_version))


def _bits(network, ip_version):
    """IPv4 lies below ::/96 in a database of both."""
    number, length = int(network.network_address), network.prefixlen
    size = 128 if ip_version == 6 else 32
    if network.version == 4 and ip_version == 6:
        length += 96
    return [number >> (size - 1 - place) & 1 for place in range(length)]


def _insert(tree, bits, value):
    at = 0
    for bit in bits[:-1]:
        if tree[at][bit] is None:
            tree.append([None, None])
            tree[at][bit] = ("node", len(tree) - 1)
        at = tree[at][bit][1]
    tree[at][bits[-1]] = ("value", value)


def _metadata(nodes, ip_version):
    return {
        "binary_format_major_version": _Short(2),
        "binary_format_minor_version": _Short(0),
        "build_epoch": _Long(1_700_000_000),
        "database_type": "Test-City",
        "description": {"en": "made by a test"},
        "ip_version": _Short(ip_version),
        "languages": [],
        "node_count": nodes,
        "record_size": _Short(_BITS),
    }


class _Short(int):
    """Stored in 16 bits."""


class _Long(int):
    """Stored in 64 bits."""


def _value(value):
    if isinstance(value, dict):
        return _head(7, len(value)) + b"".join(_value(name) + _value(one) for name, one in value.items())
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(_value, value))
    if isinstance(value, str):
        text = value.encode()
        return _head(2, len(text)) + text
    if isinstance(value, float):
        return _head(3, 8) + struct.pack(">d", value)
    kind, size = (5, 2) if isinstance(value, _Short) else (9, 8) if isinstance(value, _Long) else (6, 4)
    return _head(kind, size) + value.to_bytes(size, "big")


def _head(kind, size):
    """The kinds from 8 on stand in a byte of their own."""
    first = kind << 5 if kind < 8 else 0
    further = b"" if kind < 8 else bytes([kind - 7])
    if size < 29:
        return bytes([first | size]) + further
    return bytes([first | 29]) + further + bytes([size - 29])
