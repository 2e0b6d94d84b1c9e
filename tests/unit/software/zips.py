"""Zips for tests: honest ones, and raw ones written field by field as PKWARE's APPNOTE.TXT has them."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field

PROGRAM = {"P2PNode.exe": b"MZ the program"}


def zip_of(members, compression=zipfile.ZIP_DEFLATED):
    """An honest zip of {path: bytes}."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for path, data in members.items():
            archive.writestr(zipfile.ZipInfo(path), data, compression)
    return out.getvalue()


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@dataclass
class RawMember:
    """One entry, every field of which may lie."""

    name: str
    data: bytes = b"x"
    method: int = 8
    flags: int = 0x800
    mode: int = 0o100644
    size: int | None = None
    crc: int | None = None
    packed: bytes | None = None
    offset: int | None = None  # where the directory says it lies
    local: bytes | None = field(default=None, repr=False)

    def fields(self):
        packed = (
            self.packed if self.packed is not None else deflate(self.data) if self.method == 8 else self.data
        )
        size = len(self.data) if self.size is None else self.size
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        return packed, size, crc


def raw_zip(*members, count=None, tail=b""):
    """A zip with just these members, as they claim to be; `count` is what the end record says."""
    body, directory = bytearray(), bytearray()
    for member in members:
        name = member.name.encode("utf-8", "surrogatepass")
        packed, size, crc = member.fields()
        at = len(body) if member.offset is None else member.offset
        common = struct.pack(
            "<HHHHHLLLHH", 20, member.flags, member.method, 0, 0x21, crc, len(packed), size, len(name), 0
        )
        if member.offset is None:
            body += b"PK\3\4" + common + name + packed
        directory += b"PK\1\2" + struct.pack("<H", 0x314) + common
        directory += struct.pack("<HHHLL", 0, 0, 0, member.mode << 16, at) + name
    number = len(members) if count is None else count
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, number, number, len(directory), len(body), 0)
    return bytes(body + directory + tail + end)


def program():
    return RawMember("P2PNode.exe")
