"""Registers pools: everything is checked first, then all of it is written at once."""

import platform
import secrets
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.fleet.inventory.hosts_file import read_hosts
from p2ppool.fleet.inventory.resolve import ResolvedHost, resolve
from p2ppool.keys.keyring import find_key
from p2ppool.pools.definition import ports
from p2ppool.pools.definition.confinement import require_confinement
from p2ppool.pools.definition.jump_hosts import keep_jumps
from p2ppool.pools.definition.known_hosts import pin_known
from p2ppool.pools.definition.spec import FORMER_INSTALL_PATH, PoolSpec, default_install_path
from p2ppool.pools.definition.taken_ports import taken_ports
from p2ppool.records.pools import find_pool
from p2ppool.settings import settings
from p2ppool.software.package.library import find_package
from p2ppool.software.runtime.library import find_runtime
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Host, Package, Pool, Runtime, SshKey
from p2ppool.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Prepared:
    """A spec for which every name was found."""

    spec: PoolSpec
    hosts: list[ResolvedHost]
    package: Package
    ssh_key: SshKey
    runtime: Runtime | None
    """The runtime that the pool brings along; it fits this machine, where the local node runs."""


def hosts_of(spec: PoolSpec) -> list[ResolvedHost]:
    """Resolve the hosts that `spec` lists.

    Raises:
        UserError: unusable lines of the hosts file, with their numbers.
    """
    return resolve(read_hosts(spec.hosts, spec.ssh_port, spec.hosts_format))


def prepare(work: UnitOfWork, spec: PoolSpec, hosts: list[ResolvedHost]) -> Prepared:
    """Look up everything else that `spec` names; write nothing.

    Raises:
        UserError: an unknown package or key, no runtime to bring along, or packages can't be confined here.
    """
    require_confinement(settings())
    package = find_package(work, spec.package)
    runtime = find_runtime(work, package.runtime, platform.machine()) if spec.bundle_runtime else None
    return Prepared(spec, hosts, package, find_key(work, spec.ssh_key), runtime)


def register(work: UnitOfWork, prepared: Prepared, local_address: str) -> Pool:
    """Create the pool, or return the existing one if it is exactly as described.

    `local_address` is where the local node will listen, so that its ports can be checked.

    Raises:
        UserError: the existing pool of that name differs, or a port is taken.
    """
    pool = find_pool(work.session, prepared.spec.name)
    if pool is None:
        if prepared.spec.is_default:
            _clear_default(work.session)
        pool = _new_pool(work.session, prepared, local_address)
        work.session.add(pool)
        work.session.flush()
        keep_jumps(work.session, pool.id, prepared.hosts)
        pin_known(work.session, pool.id)
    elif difference := _difference(pool, prepared):
        raise UserError(f"pool {pool.name} exists with another {difference}: choose another name")
    work.session.flush()
    return pool


def new_host(host: ResolvedHost) -> Host:
    """Build the row of a host that was never contacted."""
    return Host(
        name=host.name,
        address=host.address,
        port=host.port,
        jump=str(host.jump) if host.jump else None,
        is_manager=host.is_manager,
    )


def _clear_default(session: Session) -> None:
    """Leave no default pool; before ports are chosen, as upgrades lock their pool before those."""
    one_at_a_time(session, "default pool")
    session.execute(update(Pool).values(is_default=False))


def _new_pool(session: Session, prepared: Prepared, local_address: str) -> Pool:
    spec = prepared.spec
    own = [host.address for host in prepared.hosts if host.is_manager]
    chosen = ports.choose(spec, taken_ports(session), own[0] if own else local_address)
    return Pool(
        name=spec.name,
        token=secrets.token_hex(16),
        description=spec.description,
        namespace=spec.namespace or spec.name,
        udp_port=chosen.udp,
        tcp_port=chosen.tcp,
        rpc_port=chosen.rpc,
        ssh_user=spec.ssh_user,
        ssh_key=prepared.ssh_key,
        package=prepared.package,
        runtime=prepared.runtime,
        install_path=spec.install_path,
        nodes_per_process=spec.nodes_per_process,
        adapt_package=spec.adapt_package,
        is_default=spec.is_default,
        is_test=spec.is_test,
        failure_limit=spec.failure_limit,
        hosts=[new_host(host) for host in prepared.hosts],
    )


def _difference(pool: Pool, prepared: Prepared) -> str | None:
    """Return the first field in which the pool differs from the spec; fields left empty match anything."""
    spec = prepared.spec
    for field in ("udp_port", "tcp_port", "rpc_port"):
        if getattr(spec, field) not in {None, getattr(pool, field)}:
            return field.replace("_", " ")
    former = (default_install_path(spec.name), FORMER_INSTALL_PATH)
    if spec.install_path != pool.install_path and (spec.install_path, pool.install_path) != former:
        return "install path"
    for field in ("namespace", "ssh_user", "nodes_per_process", "adapt_package"):
        if getattr(spec, field) != getattr(pool, field):
            return field.replace("_", " ")
    routes = {_route(new_host(host)) for host in prepared.hosts}
    same = {
        "package": pool.package_id == prepared.package.id,
        "runtime": (pool.runtime_id is not None) == spec.bundle_runtime,
        "SSH key": pool.ssh_key_id == prepared.ssh_key.id,
        "host list": {_route(host) for host in pool.hosts} == routes,
    }
    return next((what for what, is_same in same.items() if not is_same), None)


def _route(host: Host) -> tuple[object, ...]:
    """Return the address of a host and the route to it."""
    return host.address, host.port, host.jump, host.is_manager
