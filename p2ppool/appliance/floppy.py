"""The image of a 1.44 MB floppy disk (FAT12) with some files in its root folder.

The library creates no floppy that other software recognises, does not notice when it runs over the end, and
breaks chains when a file is changed. So the empty disk is written here (Microsoft, "FAT: General Overview of
On-Disk Format"), and the library only adds each file once to a fresh disk that is known to have enough space.
"""

import io
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from p2ppool.appliance.old_imports import old_pkg_resources
from p2ppool.errors import UserError

SIZE: Final = 1_474_560
"""Bytes of an image: 80 tracks, 2 sides, 18 sectors."""

_SECTOR: Final = 512
_SECTORS: Final = SIZE // _SECTOR
_TRACK: Final = 18
_SIDES: Final = 2
_FAT_SECTORS: Final = 9
_FATS: Final = 2
_ROOT_ENTRIES: Final = 224
_ENTRY: Final = 32  # bytes
_MEDIA: Final = 0xF0  # 3.5 inch, high density
_ROOT_AT: Final = (1 + _FATS * _FAT_SECTORS) * _SECTOR
_CLUSTERS: Final = _SECTORS - (_ROOT_AT + _ROOT_ENTRIES * _ENTRY) // _SECTOR
_LABEL: Final = b"GROUPVPN   "
_VOLUME: Final = 0x47564E50
_BAD: Final = 0xFF7
_ATTRIBUTES: Final = 11  # their offset in an entry of the root folder
_IS_LABEL: Final = 0x08
_IS_LONG_NAME: Final = 0x0F
_EPOCH: Final = datetime(1980, 1, 1, tzinfo=UTC)  # the earliest time in FAT

_BOOT: Final = struct.pack(
    "<3s8sHBHBHHBHHHLLBBBL11s8s",
    b"\xeb\x3c\x90",
    b"MSDOS5.0",
    _SECTOR,
    1,  # sector a cluster
    1,  # sector before the tables: this one
    _FATS,
    _ROOT_ENTRIES,
    _SECTORS,
    _MEDIA,
    _FAT_SECTORS,
    _TRACK,
    _SIDES,
    0,  # sectors before the disk
    0,  # sectors, if 16 bits can't hold their number
    0,  # drive
    0,  # not in use
    0x29,  # the following three fields are present
    _VOLUME,
    _LABEL,
    b"FAT12   ",
)

CAPACITY: Final = _CLUSTERS * _SECTOR
"""Bytes of files that fit, each rounded up to whole sectors."""


def floppy_image(files: Mapping[str, bytes], moment: datetime = _EPOCH) -> bytes:
    """Build the image; the same files and moment always give the same bytes.

    Args:
        files: contents by name; the names differ in more than case.
        moment: the time of all files, to two seconds.

    Raises:
        UserError: they do not fit.
    """
    needed = sum(-(-len(data) // _SECTOR) * _SECTOR for data in files.values())
    if needed > CAPACITY:
        raise UserError(f"a floppy disk holds {CAPACITY} bytes of files, these take {needed}")
    if len({name.casefold() for name in files}) < len(files):
        raise ValueError("two files with one name")
    image = _filled(files)
    _set_times(image, moment)
    return bytes(image)


def _filled(files: Mapping[str, bytes]) -> bytearray:
    with old_pkg_resources():
        from pyfatfs.PyFatFS import PyFatBytesIOFS  # noqa: PLC0415 - slow, so only imported when needed

    stream = io.BytesIO(_empty())
    disk = PyFatBytesIOFS(stream, utc=True)
    fat = disk.fs
    # No cluster beyond the disk's end may be used; the search needs one more entry to find that all are used.
    fat.fat = [*fat.fat[: _CLUSTERS + 2], _BAD]
    for name, data in files.items():
        with disk.openbin(name, "w") as file:
            file.write(data)
    fat.fat[-1] = 0
    fat.flush_fat()
    image = bytearray(stream.getvalue())
    image[: len(_BOOT)] = _BOOT  # the library marks a disk in use
    disk.close()
    return image


def _empty() -> bytes:
    """Return a formatted disk: boot sector, both tables, the label."""
    image = bytearray(SIZE)
    image[: len(_BOOT)] = _BOOT
    image[_SECTOR - 2 : _SECTOR] = b"\x55\xaa"
    for number in range(_FATS):
        at = (1 + number * _FAT_SECTORS) * _SECTOR
        image[at : at + 3] = bytes([_MEDIA, 0xFF, 0xFF])
    image[_ROOT_AT : _ROOT_AT + _ATTRIBUTES + 1] = _LABEL + bytes([_IS_LABEL])
    return bytes(image)


def _set_times(image: bytearray, moment: datetime) -> None:
    """Set the time of all entries of the root folder: the library uses the machine's time."""
    moment = moment.astimezone(UTC)
    date = (moment.year - _EPOCH.year) << 9 | moment.month << 5 | moment.day
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    for at in range(_ROOT_AT, _ROOT_AT + _ROOT_ENTRIES * _ENTRY, _ENTRY):
        if image[at] == 0 or image[at + _ATTRIBUTES] == _IS_LONG_NAME:
            continue
        struct.pack_into("<BHHH", image, at + 13, 0, time, date, date)  # created, accessed
        struct.pack_into("<HH", image, at + 22, time, date)  # modified
