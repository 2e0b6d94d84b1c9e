"""Takes a pool over whose hosts have seen later turns than this database has given."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.actions import tickets
from p2ppool.errors import UserError
from p2ppool.fleet.agent.verbs import reported_fence
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.pools.rollout import local_node
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.store.models import Host, HostResult, Pool


@dataclass(frozen=True)
class LaterTurn:
    """The last turn that this database has given, and the later one that hosts have seen."""

    pool: str
    here: int
    there: int


def find_later_turn(session: Session, name: str, config: Settings) -> LaterTurn:
    """Find the latest turn that hosts have named in a refusal.

    Raises:
        UserError: there is no such pool, or none of its hosts has named a later turn.
    """
    pool = get_pool(session, name)
    there = max([local_node.kept_fence(pool, config), *_named_by_hosts(session, pool)])
    if there <= pool.fence:
        raise UserError(
            f"no host of pool {name} has seen a later turn than {pool.fence}: nothing to take over"
        )
    return LaterTurn(name, pool.fence, there)


def take_over(session: Session, later: LaterTurn, who: str) -> None:
    """Let the pool's turns go on above that one; the caller commits. An action in progress keeps its turn.

    Raises:
        UserError: there is no such pool any more.
    """
    pool = tickets.lock(session, get_pool(session, later.pool).id)
    pool.fence = max(pool.fence, later.there)
    audit.note(
        session, Subject.of(pool), who, "take over", {"turn": {"before": later.here, "after": later.there}}
    )


def _named_by_hosts(session: Session, pool: Pool) -> list[int]:
    query = (
        select(HostResult.facts)
        .join(Host, Host.id == HostResult.host_id)
        .where(Host.pool_id == pool.id, HostResult.error == ErrorKind.FENCED)
    )
    return [seen for facts in session.scalars(query) if (seen := reported_fence(facts)) is not None]
