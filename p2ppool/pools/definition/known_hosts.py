"""Host keys that are known before first contact: from a known_hosts file, or from a pool that was deleted."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from p2ppool.fleet.transport.host_key import preferred_algorithms
from p2ppool.fleet.transport.known_hosts import KnownKey, matches, pattern_of
from p2ppool.store.models import Host, HostState, KnownHost, Pool


def add_known(session: Session, keys: Iterable[KnownKey], source: str) -> int:
    """Store keys from a file, and pin them for hosts that were never contacted; return how many are new.

    The caller commits.
    """
    known = {(row.pattern, row.host_key) for row in session.scalars(select(KnownHost))}
    fresh = {(key.pattern, key.host_key) for key in keys} - known
    session.add_all(KnownHost(pattern=pattern, host_key=key, source=source) for pattern, key in sorted(fresh))
    session.flush()
    for pool_id in session.scalars(select(Pool.id)).all():
        pin_known(session, pool_id)
    return len(fresh)


def pin_known(session: Session, pool_id: int) -> None:
    """Pin the known keys of the pool's hosts that have none yet; the caller commits."""
    known = session.scalars(select(KnownHost)).all()
    if not known:
        return
    query = select(Host).where(Host.pool_id == pool_id, Host.host_key.is_(None), Host.is_manager.is_(False))
    for host in session.scalars(query).all():
        host.host_key = _known_key(host, known)
    session.flush()


def remember_pins(session: Session, pool: Pool) -> None:
    """Keep the pinned keys of a pool that is about to be deleted; the caller commits."""
    for host in session.scalars(
        select(Host).where(Host.pool_id == pool.id, Host.host_key.is_not(None))
    ).all():
        replace_known(session, host, f"pool {pool.name}")


def replace_known(session: Session, host: Host, source: str) -> None:
    """Make the host's pinned key the only one known of exactly its address; the caller commits."""
    if host.host_key is not None:
        pattern = pattern_of(host.address, _port(host))
        session.execute(delete(KnownHost).where(KnownHost.pattern == pattern))
        session.add(KnownHost(pattern=pattern, host_key=host.host_key, source=source))


def _known_key(host: Host, known: Iterable[KnownHost]) -> str | None:
    """Return the key known of its address, else of its name; of several, that of the best kind."""
    for name in dict.fromkeys((host.address, host.name)):
        keys = [row.host_key for row in known if matches(row.pattern, name, _port(host))]
        if keys:
            return min(keys, key=_rank)
    return None


def _rank(host_key: str) -> int:
    kind = host_key.partition(" ")[0].replace("ssh-rsa", "rsa-sha2-512")
    return preferred_algorithms(None).index(kind)


def _port(host: Host) -> int:
    """Return the port of a host; that of a jump host's row is negative."""
    return -host.port if host.state is HostState.JUMP else host.port
