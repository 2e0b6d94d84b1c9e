"""The runtimes in the database: collected on this machine, for pools that bring theirs along."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select

from p2ppool.errors import UserError, one_line
from p2ppool.software.archive.artifact_store import RuntimeStore
from p2ppool.software.runtime.mono import find_mono
from p2ppool.software.runtime.mono_archive import CollectedRuntime, collect_mono
from p2ppool.software.runtime.runtime import Runtime as RuntimeName
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Runtime
from p2ppool.store.unit_of_work import UnitOfWork


def collect_runtime(name: str) -> CollectedRuntime:
    """Collect the runtime of that name as it is installed on this machine.

    Raises:
        UserError: it can't be collected, or is missing or incomplete on this machine.
    """
    if name != RuntimeName.MONO:
        raise UserError(f"runtime: only {RuntimeName.MONO} can be collected, not '{one_line(name, 40)}'")
    return collect_mono(find_mono())


def add_runtime(work: UnitOfWork, artifacts: RuntimeStore, name: str, collected: CollectedRuntime) -> Runtime:
    """Put the archive into the artifact store and add its row; harmless if repeated. The caller commits.

    Its version is the runtime's own followed by the archive's digest, as its libraries change, too.

    Raises:
        UserError: it can't be written.
    """
    digest = hashlib.sha256(collected.data).hexdigest()
    one_at_a_time(work.session, "runtimes")  # also: its file might be removed just now, with an equal one
    artifacts.put(collected.data, digest)
    query = select(Runtime).where(Runtime.name == name, Runtime.digest == digest)
    known = work.session.scalar(query)
    if known is not None:
        return known
    row = Runtime(
        name=name,
        version=f"{collected.version}-{digest[:12]}",
        machine=collected.machine,
        digest=digest,
        size=len(collected.data),
    )
    work.session.add(row)
    work.session.flush()
    return row


def list_runtimes(work: UnitOfWork) -> Sequence[Runtime]:
    """List all runtimes by name, the latest added first."""
    return work.session.scalars(select(Runtime).order_by(Runtime.name, Runtime.id.desc())).all()


def get_runtime(work: UnitOfWork, wanted: str) -> Runtime:
    """Return the runtime `NAME@VERSION`, or the only one of `NAME`.

    Raises:
        UserError: there is none, or there are several.
    """
    name, _, version = wanted.partition("@")
    query = select(Runtime).where(Runtime.name == name)
    rows = work.session.scalars(query.where(Runtime.version == version) if version else query).all()
    if len(rows) != 1:
        several = "several are named" if rows else "none is named"
        raise UserError(f"runtime: {several} '{one_line(wanted, 140)}'; see `p2ppool runtime list`")
    return rows[0]


def find_runtime(work: UnitOfWork, name: str, machine: str) -> Runtime:
    """Find the runtime of that name that was added last for that machine type (`uname -m`).

    Raises:
        UserError: there is none.
    """
    query = select(Runtime).where(Runtime.name == name, Runtime.machine == machine)
    row = work.session.scalar(query.order_by(Runtime.id.desc()).limit(1))
    if row is None and name != RuntimeName.MONO:
        raise UserError(
            f"bundle runtime: the package runs on {name}; only {RuntimeName.MONO} can be brought along"
        )
    if row is None:
        raise UserError(f"bundle runtime: no {name} for {machine} was added: p2ppool runtime add {name}")
    return row
