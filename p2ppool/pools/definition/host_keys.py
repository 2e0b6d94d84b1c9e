"""Accepts a new host key in place of the pinned one, but only a key that the host has shown."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError, one_line
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.fleet.transport.host_key import fingerprint
from p2ppool.pools.definition import known_hosts
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import Host, HostResult, HostState, Pool

_OFFERED = "offered_host_key"
_OFFERED_BY_JUMP = "offered_jump_key"


@dataclass(frozen=True)
class Offer:
    """A key that a host has shown in place of the pinned one."""

    host: Host
    pinned: str
    offered: str

    @property
    def old(self) -> str:
        """The fingerprint of the pinned key."""
        return fingerprint(self.pinned)

    @property
    def new(self) -> str:
        """The fingerprint of the key that was shown."""
        return fingerprint(self.offered)


def find_offer(session: Session, pool: Pool, name: str) -> Offer:
    """Find the other key that the host of that name, or the jump host, has shown last.

    Raises:
        UserError: no such host, or it has shown no other key since it last showed the pinned one.
    """
    query = select(Host).where(Host.pool_id == pool.id, (Host.name == name) | (Host.address == name))
    hosts = [host for host in session.scalars(query) if host.state is not HostState.GONE]
    if not hosts:
        raise UserError(f"pool {pool.name} has no host {one_line(name, 60)!r}: see `p2ppool hosts`")
    offers = [offer for host in hosts if (offer := _offer(session, host))]
    if not offers:
        raise UserError(f"host {name} of pool {pool.name} has shown no other key than the pinned one")
    if len(offers) > 1:
        raise UserError(f"several hosts of pool {pool.name} are named {name}: give the address of one")
    return offers[0]


def list_offers(session: Session, pool: Pool) -> list[Offer]:
    """List the other keys that hosts and jump hosts of the pool have shown last, by name."""
    query = select(Host).where(Host.pool_id == pool.id, Host.state != HostState.GONE)
    hosts = session.scalars(query.order_by(Host.name, Host.id)).all()
    return [offer for host in hosts if (offer := _offer(session, host))]


def accept(session: Session, pool: Pool, offer: Offer, who: str) -> None:
    """Pin the key that was shown, and record who did that; the caller commits."""
    offer.host.host_key = offer.offered
    known_hosts.replace_known(session, offer.host, f"pool {pool.name}")
    audit.note(
        session,
        Subject.of(pool),
        who,
        "accept key",
        {"host": offer.host.name, "fingerprint": [offer.old, offer.new]},
    )


def _offer(session: Session, host: Host) -> Offer | None:
    """Consider only results after the last success, as the host showed the pinned key then."""
    fact = _OFFERED_BY_JUMP if host.state is HostState.JUMP else _OFFERED
    for result in session.scalars(_results_about(host)):
        if result.error is None:
            return None
        offered = result.facts.get(fact)
        if result.error == ErrorKind.HOST_KEY_CHANGED and isinstance(offered, str):
            known = host.host_key is not None and offered != host.host_key
            return Offer(host, host.host_key or "", offered) if known else None
    return None


def _results_about(host: Host) -> Select[HostResult]:
    """Select the latest results first; a jump host is known by the results of the hosts behind it."""
    query = select(HostResult).join(Host, Host.id == HostResult.host_id)
    if host.state is HostState.JUMP:
        query = query.where(Host.pool_id == host.pool_id, Host.jump == host.jump, Host.id != host.id)
    else:
        query = query.where(Host.id == host.id)
    return query.order_by(HostResult.ticket_id.desc(), HostResult.host_id).limit(1000)
