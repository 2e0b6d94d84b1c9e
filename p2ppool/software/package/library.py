"""The packages in the database: added once, used as NAME or NAME@VERSION."""

import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from p2ppool.errors import UserError, one_line
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.archive.limits import DEFAULT_LIMITS, PackageLimits
from p2ppool.software.package.package import read_package
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Package
from p2ppool.store.unit_of_work import UnitOfWork

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WANTED = re.compile(rf"({_WORD.pattern})(?:@({_WORD.pattern}))?")


def add_package(
    work: UnitOfWork,
    artifacts: PackageStore,
    name: str,
    version: str,
    source: Path | bytes,
    *,
    limits: PackageLimits = DEFAULT_LIMITS,
) -> Package:
    """Check a zip, put it into the artifact store and add its row. The caller commits.

    Adding the same zip again under the same name and version is harmless.

    Raises:
        UserError: an invalid name or version, or one that another zip has.
        PackageError: the zip is unusable.
    """
    _check_word(name, "name")
    _check_word(version, "version")
    package = read_package(source, limits)
    one_at_a_time(work.session, "packages")
    known = work.session.scalar(select(Package).where(Package.name == name, Package.version == version))
    if known is not None and known.digest != package.digest:
        raise UserError(f"package {name}@{version} exists already with other contents: give a new version")
    # Before the row: a zip without a row is harmless, a row without its zip would not be.
    artifacts.put(source, package.digest)
    if known is not None:
        return known
    row = Package(
        name=name,
        version=version,
        digest=package.digest,
        size=package.size,
        runtime=package.program.runtime.value,
        program=package.program.path,
    )
    work.session.add(row)
    work.session.flush()
    return row


def list_packages(work: UnitOfWork) -> Sequence[Package]:
    """List all packages by name, the latest added first."""
    return work.session.scalars(select(Package).order_by(Package.name, Package.id.desc())).all()


def find_package(work: UnitOfWork, wanted: str) -> Package:
    """Find the package `NAME@VERSION`, or the last one added of `NAME`.

    Raises:
        UserError: there is none.
    """
    match = _WANTED.fullmatch(wanted)
    row = _latest(work, *match.groups()) if match else None
    if row is None:
        raise UserError(f"package: no '{one_line(wanted, 140)}' was added; see `p2ppool package list`")
    return row


def _latest(work: UnitOfWork, name: str, version: str | None) -> Package | None:
    query = select(Package).where(Package.name == name).order_by(Package.id.desc()).limit(1)
    return work.session.scalar(query if version is None else query.where(Package.version == version))


def _check_word(text: str, what: str) -> None:
    if not _WORD.fullmatch(text):
        raise UserError(
            f"package: the {what} '{one_line(text, 80)}' is not 1 to 64 letters, digits, '.', '_' or '-', "
            "of which the first is a letter or digit"
        )
