"""Adds packages within the limits of the settings: the same from the command line and from the pages."""

import re
from pathlib import Path

from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.archive.limits import PackageLimits
from p2ppool.software.package.library import add_package
from p2ppool.software.package.package import read_package
from p2ppool.store.models import Package
from p2ppool.store.unit_of_work import UnitOfWork

_VERSION_DIGITS = 12


def add_package_file(
    work: UnitOfWork, config: Settings, name: str, version: str | None, source: Path | bytes
) -> Package:
    """Add the zip; without a version it is named after its digest. The caller commits.

    Raises:
        UserError: the zip, the name or the version can't be used.
    """
    limits = package_limits(config)
    version = version or read_package(source, limits).digest[:_VERSION_DIGITS]
    return add_package(work, PackageStore(config.data_folder), name, version, source, limits=limits)


def package_limits(config: Settings) -> PackageLimits:
    """Read from the settings how large a package may be."""
    return PackageLimits(
        zip_bytes=config.package_max_bytes,
        total_bytes=config.package_max_unpacked_bytes,
        members=config.package_max_members,
    )


def name_from_file(file: Path) -> str:
    """Derive a package's or key's name from its file's: what can't stand in a name becomes a dash."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("-._")
    return name[:64] or "package"
