"""The ports that pools have on this machine, and those that upgrades in progress will give them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.actions.catalogue import Action
from p2ppool.pools.definition import ports
from p2ppool.pools.definition.ports import Taken
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Pool, Ticket, TicketState

_KINDS: Final = {"udp_port": "UDP", "tcp_port": "TCP"}


def taken_ports(session: Session, *, besides: Pool | None = None) -> Taken:
    """Return which ports other pools than `besides` have or will have.

    Until the transaction ends, nobody else can take any.
    """
    one_at_a_time(session, "ports")
    own = besides.id if besides else None
    others = session.scalars(select(Pool).where(Pool.id != own) if own else select(Pool))
    taken = {pair: pool.name for pool in others for pair in ports.of_pool(pool)}
    return {**taken, **dict(_of_upgrades(session, own))}


def _of_upgrades(session: Session, own: int | None) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield the ports of upgrades: their pools have them only at the end."""
    query = (
        select(Pool.id, Pool.name, Ticket.parameters)
        .join(Ticket, Ticket.pool_id == Pool.id)
        .where(Ticket.state == TicketState.RUNNING, Ticket.action == Action.UPGRADE)
    )
    for pool, name, parameters in session.execute(query):
        if pool != own:
            yield from ((pair, name) for pair in _wanted(parameters))


def _wanted(parameters: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    spec = parameters.get("spec")
    for field, kind in _KINDS.items():
        port = spec.get(field) if isinstance(spec, dict) else None
        if isinstance(port, int) and port:
            yield kind, port
