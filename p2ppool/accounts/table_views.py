"""Views of a pool's table of nodes, its columns and sorting: each user's, and the pool's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, TypeGuard

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.records.audit import Subject, note
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Pool, PoolView, UserView
from p2ppool.store.unit_of_work import UnitOfWork, reading

_MOST: Final = 64  # columns
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_DIRECTIONS: Final = ("asc", "desc")


@dataclass(frozen=True)
class NodeView:
    """The columns and sorting of the table.

    Attributes:
        columns: names in their order. Pages leave out unknown names.
        sorting: "asc" or "desc" by column, the most important first.
    """

    columns: tuple[str, ...]
    sorting: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, given: object) -> Self:
        """Read the view from an untrusted dict with `columns` (a list) and `sorting` (pairs).

        Raises:
            UserError: it is no view.
        """
        known = given if isinstance(given, Mapping) else {}
        columns, sorting = known.get("columns"), known.get("sorting")
        if not _are_names(columns) or not _is_sorting(sorting):
            raise UserError("this is no view of nodes: it needs columns, by name, and how they are sorted")
        return cls(tuple(columns), tuple((name, direction) for name, direction in sorting))

    def written(self) -> dict[str, Any]:
        """Return the dict that `read` reads."""
        return {"columns": list(self.columns), "sorting": [list(pair) for pair in self.sorting]}


def pool_view(engine: Engine, pool_name: str) -> NodeView | None:
    """Return the pool's default; None if none is set."""
    query = select(PoolView).join(Pool, Pool.id == PoolView.pool_id).where(Pool.name == pool_name)
    with reading(engine) as work:
        return _of(work.session.scalars(query).one_or_none())


def own_view(engine: Engine, pool_name: str, user_id: int) -> NodeView | None:
    """Return the user's view of that pool; None if there is none."""
    query = (
        select(UserView)
        .join(Pool, Pool.id == UserView.pool_id)
        .where(Pool.name == pool_name, UserView.user_id == user_id)
    )
    with reading(engine) as work:
        return _of(work.session.scalars(query).one_or_none())


def keep_own_view(engine: Engine, pool_name: str, user_id: int, view: NodeView) -> None:
    """Store the user's view.

    Raises:
        UserError: there is no such pool.
    """
    with UnitOfWork(engine) as work:
        pool = get_pool(work.session, pool_name)
        work.session.merge(UserView(pool_id=pool.id, user_id=user_id, **_row(view)))
        work.commit()


def forget_own_view(engine: Engine, pool_name: str, user_id: int) -> None:
    """Delete the user's view, so that the pool's default applies again.

    Raises:
        UserError: there is no such pool.
    """
    with UnitOfWork(engine) as work:
        found = work.session.get(UserView, (get_pool(work.session, pool_name).id, user_id))
        if found is not None:
            work.session.delete(found)
            work.commit()


def set_pool_view(engine: Engine, pool_name: str, view: NodeView, who: str) -> None:
    """Set the pool's default view; `who` did so is recorded in the audit log.

    Raises:
        UserError: there is no such pool.
    """
    with UnitOfWork(engine) as work:
        pool = get_pool(work.session, pool_name)
        _keep_default(work.session, pool, view)
        note(work.session, Subject.of(pool), who, "set default view of nodes", view.written())
        work.commit()


def _keep_default(session: Session, pool: Pool, view: NodeView) -> None:
    session.merge(PoolView(pool_id=pool.id, **_row(view)))


def _row(view: NodeView) -> dict[str, Any]:
    return {"columns": list(view.columns), "sorting": dict(view.sorting)}


def _of(row: PoolView | UserView | None) -> NodeView | None:
    return None if row is None else NodeView(tuple(row.columns), tuple(row.sorting.items()))


def _are_names(given: Any) -> TypeGuard[list[str]]:
    return (
        isinstance(given, list)
        and 0 < len(given) <= _MOST
        and all(isinstance(name, str) and _NAME.fullmatch(name) for name in given)
        and len(set(given)) == len(given)
    )


def _is_sorting(given: Any) -> TypeGuard[list[list[str]]]:
    if not isinstance(given, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in given):  # noqa: PLR2004 - a name and a direction
        return False
    names = [name for name, _ in given]
    return not names or (_are_names(names) and all(direction in _DIRECTIONS for _, direction in given))
