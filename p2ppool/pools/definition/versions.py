"""The version of a pool: its package, its nodes' ports and number, its hosts;
and the change to another version.

A pool has exactly one version. During an upgrade the pool keeps the old one, so that a check repairs towards
it, and a manager process that dies in the middle leaves nothing undecided. Only a successful upgrade makes
the new version the pool's.
"""

import platform
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from p2ppool.errors import UserError
from p2ppool.fleet.inventory.resolve import ResolvedHost
from p2ppool.pools.definition import ports
from p2ppool.pools.definition.jump_hosts import keep_jumps
from p2ppool.pools.definition.known_hosts import pin_known
from p2ppool.pools.definition.registry import new_host
from p2ppool.pools.definition.taken_ports import taken_ports
from p2ppool.pools.definition.upgrade_spec import UpgradeSpec
from p2ppool.software.package.library import find_package
from p2ppool.software.runtime.library import find_runtime
from p2ppool.store.models import Host, HostState, Package, Pool, Runtime
from p2ppool.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Version:
    """A complete version for which every name was found.

    Attributes:
        package: NAME@VERSION.
        runtime: NAME@VERSION of the runtime that the pool brings along; None: the hosts' own.
        adapt_package: whether bundles adapt files of the package.
        hosts: the whole list as a manager gave it; None: the hosts stay.
    """

    package_id: int
    package: str
    udp_port: int | None
    tcp_port: int | None
    nodes_per_process: int
    runtime_id: int | None
    runtime: str | None
    adapt_package: bool
    hosts: tuple[ResolvedHost, ...] | None = None

    def settings(self) -> dict[str, Any]:
        """Return names and numbers for people to read."""
        return {
            "package": self.package,
            "udp_port": self.udp_port,
            "tcp_port": self.tcp_port,
            "nodes_per_process": self.nodes_per_process,
            "runtime": self.runtime,
            "adapt_package": self.adapt_package,
        }


def version_of(pool: Pool) -> Version:
    """Return the pool's current version."""
    return Version(
        package_id=pool.package_id,
        package=_name(pool.package),
        udp_port=pool.udp_port,
        tcp_port=pool.tcp_port,
        nodes_per_process=pool.nodes_per_process,
        runtime_id=pool.runtime_id,
        runtime=_name(pool.runtime) if pool.runtime else None,
        adapt_package=pool.adapt_package,
    )


def read_version(
    work: UnitOfWork, pool: Pool, spec: UpgradeSpec, hosts: Sequence[ResolvedHost] | None, local_address: str
) -> Version:
    """Build the version that `spec` describes; write nothing.

    Raises:
        UserError: an unknown package, no port at all, a port that is taken on this machine, or no runtime to
            bring along.
    """
    wanted = ports.Ports(
        _port(spec.udp_port, pool.udp_port), _port(spec.tcp_port, pool.tcp_port), pool.rpc_port
    )
    ports.check_change(pool, wanted, taken_ports(work.session, besides=pool), local_address)
    package = find_package(work, spec.package) if spec.package else pool.package
    runtime = _runtime(work, pool, package, bring=spec.bundle_runtime)
    return Version(
        package_id=package.id,
        package=_name(package),
        udp_port=wanted.udp,
        tcp_port=wanted.tcp,
        nodes_per_process=spec.nodes_per_process or pool.nodes_per_process,
        runtime_id=runtime.id if runtime else None,
        runtime=_name(runtime) if runtime else None,
        adapt_package=pool.adapt_package if spec.adapt_package is None else spec.adapt_package,
        hosts=None if hosts is None else tuple(hosts),
    )


def admit(session: Session, pool: Pool, version: Version) -> None:
    """Create rows for the hosts that the version adds; they are not members yet. The caller commits."""
    known = {_place(host): host for host in _all_hosts(session, pool)}
    for host in known.values():
        if host.state is HostState.JOINING:  # from an unfinished upgrade
            host.state = HostState.LEAVING
    for listed in version.hosts or ():
        host = known.get(_place(listed)) or _registration(session, pool, listed)
        if host.state is not HostState.MEMBER:
            host.state = HostState.JOINING
            _set_route(host, listed)
    session.flush()
    keep_jumps(session, pool.id, version.hosts or ())
    pin_known(session, pool.id)


def update_routes(session: Session, pool: Pool, version: Version) -> None:
    """Update the routes to members as the list gives them; routes are no part of a version.

    The caller commits.
    """
    known = {_place(host): host for host in hosts_in(session, pool, HostState.MEMBER)}
    for listed in version.hosts or ():
        if host := known.get(_place(listed)):
            _set_route(host, listed)


def adopt(session: Session, pool: Pool, version: Version) -> None:
    """Make it the pool's version; hosts that it does not list are to leave. The caller commits."""
    pool.package_id = version.package_id
    pool.udp_port, pool.tcp_port = version.udp_port, version.tcp_port
    pool.nodes_per_process, pool.runtime_id = version.nodes_per_process, version.runtime_id
    pool.adapt_package = version.adapt_package
    if version.hosts is None:
        return
    listed = {_place(host) for host in version.hosts}
    for host in _all_hosts(session, pool):
        if _place(host) in listed:
            host.state = HostState.MEMBER
        elif host.state is HostState.MEMBER:
            host.state = HostState.LEAVING


def abort(session: Session, pool: Pool, reached: Collection[int] = ()) -> None:
    """Let no host join; joining hosts whose ids are in `reached` may have files of the pool and are to leave.

    The caller commits.
    """
    for host in _all_hosts(session, pool):
        if host.state is HostState.JOINING:
            host.state = HostState.LEAVING if host.id in reached else HostState.GONE


def with_version(session: Session, pool: Pool, version: Version) -> Pool:
    """Return the pool with that version, to build its bundles; for a session that is never committed."""
    with session.no_autoflush:
        adopt(session, pool, version)
        members = [host for host in _all_hosts(session, pool) if host.state is HostState.MEMBER]
        package = session.get_one(Package, version.package_id)
        runtime = version.runtime_id and session.get_one(Runtime, version.runtime_id)
    set_committed_value(pool, "hosts", members)
    set_committed_value(pool, "package", package)
    set_committed_value(pool, "runtime", runtime)
    return pool


def hosts_in(session: Session, pool: Pool, *states: HostState) -> list[Host]:
    """Return the pool's hosts in these states."""
    return [host for host in _all_hosts(session, pool) if host.state in states]


def _registration(session: Session, pool: Pool, listed: ResolvedHost) -> Host:
    host = new_host(listed)
    host.pool_id, host.state = pool.id, HostState.JOINING
    session.add(host)
    return host


def _set_route(host: Host, listed: ResolvedHost) -> None:
    host.jump, host.is_manager = str(listed.jump) if listed.jump else None, listed.is_manager


def _all_hosts(session: Session, pool: Pool) -> list[Host]:
    return list(session.scalars(select(Host).where(Host.pool_id == pool.id).order_by(Host.id)))


def _runtime(work: UnitOfWork, pool: Pool, package: Package, *, bring: bool | None) -> Runtime | None:
    """Return the runtime for the pool to bring along; `bring` is None if that stays unchanged."""
    if bring:
        return find_runtime(work, package.runtime, platform.machine())
    kept = pool.runtime if bring is None else None
    if kept is not None and kept.name != package.runtime:
        raise UserError(
            f"package {_name(package)} runs on {package.runtime}, and the pool brings {kept.name} along: "
            "give that up with --no-bundle-runtime"
        )
    return kept


def _name(thing: Package | Runtime) -> str:
    return f"{thing.name}@{thing.version}"


def _place(host: Host | ResolvedHost) -> tuple[str, int]:
    return host.address, host.port


def _port(wanted: int | None, current: int | None) -> int | None:
    """Interpret a port: 0 turns it off, None leaves it."""
    return current if wanted is None else wanted or None
