"""Writes a .tar.gz whose bytes depend only on its contents.

Compressors differ: zlib, zlib-ng and their versions pack the same bytes differently. An update of the
manager's operating system would thus change the digest of a bundle and reinstall every host. So nothing is
compressed
here: a file is added either uncompressed, or as a finished DEFLATE stream (which is what a zip contains).
Each piece is a gzip member of its own: RFC 1952 section 2.2 allows a file to be a series of members, and
gzip, tar, busybox and Python read it that way.
"""

import struct
import tarfile
import zlib
from collections.abc import Iterable
from typing import BinaryIO

# RFC 1952 section 2.3: DEFLATE, no flags, no time, no name, unknown operating system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_TRAILER = struct.Struct("<LL")
# RFC 1951 section 3.2.4: a block that is stored uncompressed.
_STORED = struct.Struct("<BHH")
_LONGEST_STORED = 0xFFFF


class TgzWriter:
    """Appends folders and files, owned by root and dated 1970; `close` ends the archive."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._plain = bytearray()

    def folder(self, path: str) -> None:
        """Add a folder of mode 0755."""
        self._head(path, 0, 0o755, tarfile.DIRTYPE)

    def file(self, path: str, data: bytes, *, mode: int) -> None:
        """Add a file from its uncompressed bytes."""
        self._head(path, len(data), mode, tarfile.REGTYPE)
        self._plain += data
        self._pad(len(data))

    def packed_file(self, path: str, packed: Iterable[bytes], *, size: int, crc: int, mode: int) -> None:
        """Add a file from its DEFLATE stream, which must be complete and end with its last block.

        Args:
            path: the path in the archive.
            packed: the stream, in blocks.
            size: bytes of the uncompressed file.
            crc: CRC-32 of the uncompressed file.
            mode: permission bits.
        """
        self._head(path, size, mode, tarfile.REGTYPE)
        self._write_plain()
        self._out.write(_HEADER)
        self._out.writelines(packed)
        self._out.write(_TRAILER.pack(crc, size))
        self._pad(size)

    def close(self) -> None:
        """End the archive with tar's two empty blocks; the underlying file stays open."""
        self._plain += bytes(2 * tarfile.BLOCKSIZE)
        self._write_plain()

    def _head(self, path: str, size: int, mode: int, kind: bytes) -> None:
        info = tarfile.TarInfo(path)
        info.size, info.mode, info.type = size, mode, kind
        self._plain += info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")

    def _pad(self, size: int) -> None:
        self._plain += bytes(-size % tarfile.BLOCKSIZE)

    def _write_plain(self) -> None:
        """Write what was collected since the last packed file as one gzip member of stored blocks."""
        plain, self._plain = bytes(self._plain), bytearray()
        self._out.write(_HEADER)
        for start in range(0, len(plain), _LONGEST_STORED):
            block = plain[start : start + _LONGEST_STORED]
            last = start + _LONGEST_STORED >= len(plain)
            self._out.write(_STORED.pack(last, len(block), len(block) ^ 0xFFFF) + block)
        self._out.write(_TRAILER.pack(zlib.crc32(plain), len(plain)))
