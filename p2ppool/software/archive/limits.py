"""The limits on a package's size, and the error for an unusable package."""

from dataclasses import dataclass

from p2ppool.errors import UserError

MIB = 1024 * 1024


class PackageError(UserError):
    """The zip can't be used as a package; the message gives the reason in one line."""


@dataclass(frozen=True)
class PackageLimits:
    """Limits of a package. They are generous: Brunet's own packages have about 3 MiB in 30 files.

    Attributes:
        zip_bytes: size of the zip itself.
        total_bytes: sum of the members' sizes, unpacked.
        member_bytes: size of one member, unpacked.
        members: number of entries, folders included.
        ratio: unpacked bytes per byte of zip; ordinary programs stay below 10.
        ratio_from_bytes: unpacked size below which the ratio does not matter.
        directory_bytes: size of the zip's central directory (about 100 bytes an entry).
        path_bytes: length of a path in UTF-8.
        name_bytes: length of one part of a path in UTF-8 (255 is the limit of Linux file systems).
        depth: number of parts of a path.
    """

    zip_bytes: int = 256 * MIB
    total_bytes: int = 1024 * MIB
    member_bytes: int = 512 * MIB
    members: int = 10_000
    ratio: int = 100
    ratio_from_bytes: int = 16 * MIB
    directory_bytes: int = 4 * MIB
    path_bytes: int = 512
    name_bytes: int = 255
    depth: int = 32


DEFAULT_LIMITS = PackageLimits()
