"""Deletes packages and runtimes that no pool uses: first the row, and the file once that is committed."""

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import ArtifactStore, PackageStore, RuntimeStore
from p2ppool.software.package.library import find_package
from p2ppool.software.runtime.library import get_runtime
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Package, Pool, Runtime
from p2ppool.store.unit_of_work import UnitOfWork


def delete_package(engine: Engine, config: Settings, wanted: str) -> Package:
    """Delete the package NAME@VERSION, or the last one added of NAME, and its zip.

    Raises:
        UserError: there is none, or pools use it.
    """
    with UnitOfWork(engine) as work:
        row = find_package(work, wanted)
        pools = work.session.scalars(select(Pool.name).where(Pool.package_id == row.id).order_by(Pool.name))
        _delete(work, row, list(pools), f"package {row.name}@{row.version}")
    _remove_file(engine, PackageStore(config.data_folder), row)
    return row


def delete_runtime(engine: Engine, config: Settings, wanted: str) -> Runtime:
    """Delete the runtime NAME@VERSION and its archive.

    Raises:
        UserError: there is none, or pools use it.
    """
    with UnitOfWork(engine) as work:
        row = get_runtime(work, wanted)
        pools = work.session.scalars(select(Pool.name).where(Pool.runtime_id == row.id).order_by(Pool.name))
        _delete(work, row, list(pools), f"runtime {row.name}@{row.version}")
    _remove_file(engine, RuntimeStore(config.data_folder), row)
    return row


def _delete(work: UnitOfWork, row: Package | Runtime, pools: list[str], what: str) -> None:
    if pools:
        raise UserError(f"{what} is in use by pool {', '.join(pools)}: upgrade or delete it first")
    work.session.delete(row)
    work.commit()


def _remove_file(engine: Engine, artifacts: ArtifactStore, row: Package | Runtime) -> None:
    """Remove the file unless a row needs it; nobody adds one meanwhile."""
    kind = type(row)
    with UnitOfWork(engine) as work:
        one_at_a_time(work.session, kind.__tablename__)
        if not _is_needed(work.session, kind, row.digest):
            artifacts.remove(row.digest)
        work.commit()


def _is_needed(session: Session, kind: type[Package] | type[Runtime], digest: str) -> bool:
    return session.scalar(select(kind.id).where(kind.digest == digest).limit(1)) is not None
