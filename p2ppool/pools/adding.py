"""Adding packages and keys within the settings' limits: the same from the command line and from the pages."""

import re
from pathlib import Path

from p2ppool.keys.keyring import add_key
from p2ppool.pools.limits import package_limits
from p2ppool.settings import Settings
from p2ppool.software.library import add_package
from p2ppool.software.package import read_package
from p2ppool.software.shelf import PackageShelf
from p2ppool.store.models import Package, SshKey
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault

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
    return add_package(work, PackageShelf(config.data_folder), name, version, source, limits=limits)


def add_key_data(
    work: UnitOfWork, config: Settings, name: str, data: bytes, passphrase: str | None = None
) -> SshKey:
    """Add the key, encrypted. The caller commits.

    Raises:
        UserError: the key, its passphrase or the name can't be used.
    """
    return add_key(work, Vault.open(config.data_folder, config.vault_key), name, data, passphrase)


def name_from_file(file: Path) -> str:
    """A package's or key's name from its file's: what can't stand in a name becomes a dash."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("-._")
    return name[:64] or "package"
