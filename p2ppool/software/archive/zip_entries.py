"""Reads an untrusted zip: its list of entries, checked, and their real bytes.

Python's zipfile parses the central directory; this module checks what zipfile would take on trust: the
directory's size (each entry becomes an object in memory), the position of the entries in the file, and their
uncompressed size. Offsets and names of fields are those of PKWARE's APPNOTE.TXT.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from p2ppool.errors import one_line
from p2ppool.software.archive.limits import MIB, PackageError, PackageLimits

CHUNK = 256 * 1024

ZipFileBytes = io.BufferedReader | io.BytesIO

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_LONGEST_COMMENT = 0xFFFF
_ZIP64_LOCATOR_BYTES = 20
_ZIP64_LOCATOR_SIGNATURE = b"PK\x06\x07"
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_CUT = "is cut off or damaged; copy or pack it again"


@dataclass(frozen=True)
class ZipEntry:
    """One entry as the zip describes it; `unpacked` checks whether the description is true.

    Attributes:
        path: without the trailing slash if `folder` is true.
        size: bytes, uncompressed.
        packed_size: bytes in the zip, beginning at `offset`.
        deflated: compressed with DEFLATE; otherwise stored uncompressed.
        executable: whether the owner may execute it.
    """

    path: str
    folder: bool
    size: int
    packed_size: int
    crc: int
    deflated: bool
    executable: bool
    offset: int


def read_entries(file: ZipFileBytes, limits: PackageLimits) -> list[ZipEntry]:
    """Return the entries of the zip in `file`, including folders, in the order of its directory.

    Raises:
        PackageError: not a zip, damaged, over a limit, or with an entry that isn't a plain file or folder.
    """
    _check_end(file, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            infos, directory = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, OSError) as error:
        raise PackageError(_CUT) from error
    entries = [_entry(file, info) for info in infos]
    _check_sizes(entries, limits)
    _check_places(infos, entries, directory)
    return entries


def unpacked(file: ZipFileBytes, entry: ZipEntry) -> Iterator[bytes]:
    """Yield the real bytes of `entry`, block by block, never more than its stated size.

    Raises:
        PackageError: at the first block that shows that size, checksum or data differ from the description.
    """
    size = crc = 0
    for block in _inflated(file, entry) if entry.deflated else packed(file, entry):
        size, crc = size + len(block), zlib.crc32(block, crc)
        if size > entry.size:
            break
        yield block
    if size != entry.size or crc != entry.crc:
        raise PackageError(f"holds '{one_line(entry.path, 80)}' with another size or checksum than stated")


def packed(file: ZipFileBytes, entry: ZipEntry) -> Iterator[bytes]:
    """Yield the bytes of `entry` as they are in the zip."""
    file.seek(entry.offset)
    left = entry.packed_size
    while left:
        block = file.read(min(left, CHUNK))
        if not block:
            raise PackageError(_CUT)
        left -= len(block)
        yield block


def _inflated(file: ZipFileBytes, entry: ZipEntry) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    trailing = b""
    try:
        for block in packed(file, entry):
            if inflater.eof:  # each further block would be added to unused_data
                trailing = block
                break
            yield inflater.decompress(block, CHUNK)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, CHUNK)
        while not inflater.eof and (rest := inflater.decompress(b"", CHUNK)):
            yield rest
    except zlib.error as error:
        raise PackageError(_CUT) from error
    # Bytes after the end of the stream would break the bundle, which copies the stream unchanged.
    if not inflater.eof or inflater.unused_data or trailing:
        raise PackageError(_CUT)


def _check_end(file: ZipFileBytes, limits: PackageLimits) -> None:
    """Check the size of the directory before zipfile reads all of it."""
    size = file.seek(0, io.SEEK_END)
    if size > limits.zip_bytes:
        raise PackageError(f"is larger than {limits.zip_bytes // MIB} MiB")
    start = max(0, size - _END.size - _LONGEST_COMMENT - _ZIP64_LOCATOR_BYTES)
    file.seek(start)
    tail = file.read(size - start)
    at = _end_at(tail)
    if at < 0:
        raise PackageError(_CUT if _starts_as_zip(file) else "is not a zip file")
    _, _, _, _, members, directory_bytes, *_ = _END.unpack_from(tail, at)
    if tail[max(0, at - _ZIP64_LOCATOR_BYTES) : at].startswith(_ZIP64_LOCATOR_SIGNATURE):
        raise PackageError(
            "is in the Zip64 form, which a package of allowed size has no need of; pack it again"
        )
    if members > limits.members or directory_bytes > limits.directory_bytes:
        raise PackageError(f"holds more than {limits.members} files, or a list of them that is too long")


def _end_at(tail: bytes) -> int:
    """Find the end record where zipfile does, too: the last 22 bytes, otherwise the last signature."""
    last = len(tail) - _END.size
    if last >= 0 and tail.startswith(_END_SIGNATURE, last) and tail.endswith(b"\0\0"):
        return last
    at = tail.rfind(_END_SIGNATURE)
    return at if at <= last else -1


def _starts_as_zip(file: ZipFileBytes) -> bool:
    file.seek(0)
    return file.read(2) == b"PK"


def _entry(file: ZipFileBytes, info: zipfile.ZipInfo) -> ZipEntry:
    folder = info.orig_filename.endswith("/")
    _check_kind(info, folder=folder)
    return ZipEntry(
        path=info.orig_filename.removesuffix("/"),
        folder=folder,
        size=info.file_size,
        packed_size=info.compress_size,
        crc=info.CRC,
        deflated=info.compress_type == zipfile.ZIP_DEFLATED,
        executable=bool(info.external_attr >> 16 & stat.S_IXUSR),
        offset=_data_offset(file, info),
    )


def _check_kind(info: zipfile.ZipInfo, *, folder: bool) -> None:
    name = one_line(info.orig_filename, 80)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        raise PackageError(f"holds '{name}' encrypted; pack it again without a password")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise PackageError(
            f"holds '{name}' packed by a rare method; pack it again with the usual one (deflate)"
        )
    if kind == stat.S_IFLNK:
        raise PackageError(f"holds the symbolic link '{name}'; pack the file that it means instead")
    if kind not in {0, stat.S_IFDIR if folder else stat.S_IFREG}:
        raise PackageError(f"holds '{name}', which is not a plain file or folder")
    if folder and info.file_size:
        raise PackageError(f"holds the folder '{name}' with data in it")


def _data_offset(file: ZipFileBytes, info: zipfile.ZipInfo) -> int:
    if info.header_offset < 0:
        raise PackageError(_CUT)
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(_LOCAL_SIGNATURE):
        raise PackageError(_CUT)
    *_, name_bytes, extra_bytes = _LOCAL.unpack(header)
    return info.header_offset + _LOCAL.size + int(name_bytes) + int(extra_bytes)


def _check_sizes(entries: list[ZipEntry], limits: PackageLimits) -> None:
    if len(entries) > limits.members:
        raise PackageError(f"holds more than {limits.members} files")
    total, packed_total = sum(entry.size for entry in entries), sum(entry.packed_size for entry in entries)
    if any(entry.size > limits.member_bytes for entry in entries):
        raise PackageError(f"holds a file of more than {limits.member_bytes // MIB} MiB, unpacked")
    if total > limits.total_bytes:
        raise PackageError(f"is larger than {limits.total_bytes // MIB} MiB, unpacked")
    if total > limits.ratio_from_bytes and total > limits.ratio * packed_total:
        raise PackageError(f"unpacks to more than {limits.ratio} times its size")


def _check_places(infos: list[zipfile.ZipInfo], entries: list[ZipEntry], directory: int) -> None:
    """Check that no entries share bytes, by which small zips can unpack to huge ones."""
    spans = [
        (info.header_offset, entry.offset + entry.packed_size)
        for info, entry in zip(infos, entries, strict=True)
    ]
    for (_, end), (start, _) in pairwise([*sorted(spans), (directory, directory)]):
        if end > start:
            raise PackageError("holds files that overlap each other in the zip")
