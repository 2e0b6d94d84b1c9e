"""A requested export, checked; each mistake is reported in one line that lists the alternatives."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select

from p2ppool.errors import UserError, one_line
from p2ppool.exports.tables.columns import Column, Table
from p2ppool.exports.tables.names import ExportKind, Format
from p2ppool.exports.tables.tables import TABLES
from p2ppool.reports.period import Period, period
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import reading

_IN_NAMES: Final = "%Y%m%dT%H%MZ"
_QUOTED: Final = 40  # characters of the user's text
_LISTED: Final = 30  # pools


class NotThereError(UserError):
    """The named thing does not exist."""


@dataclass(frozen=True)
class ExportRequest:
    """Rows of one kind of one pool in a period, with these columns."""

    kind: ExportKind
    pool: str
    pool_id: int
    period: Period
    columns: tuple[Column, ...]

    @property
    def table(self) -> Table:
        """The table of that kind."""
        return TABLES[self.kind]

    def file_name(self, form: Format) -> str:
        """Return the name of a file for it; only letters, digits, dots, dashes and underscores."""
        pool = re.sub(r"[^A-Za-z0-9_-]+", "-", self.pool)
        since = f"-from-{self.period.start:{_IN_NAMES}}" if self.period.start else ""
        until = f"-to-{self.period.end:{_IN_NAMES}}" if self.period.end else ""
        return f"{pool}-{self.kind}{since}{until}.{form}"


def wanted(
    engine: Engine, kind: str, pool: str, *, start: str | None, end: str | None, columns: Iterable[str] = ()
) -> ExportRequest:
    """Parse the user's texts; no columns means all of them.

    Raises:
        NotThereError: no such kind or pool.
        UserError: no such column, or an invalid time.
    """
    known = get_kind(kind)
    chosen = _columns(known, list(columns))
    return ExportRequest(known, pool, _pool_id(engine, pool), period(start, end), chosen)


def get_kind(name: str) -> ExportKind:
    """Return the kind with that name.

    Raises:
        NotThereError: there is none.
    """
    try:
        return ExportKind(name)
    except ValueError:
        raise NotThereError(
            f"no kind of export is named {_quoted(name)}: there is {_list(ExportKind)}"
        ) from None


def get_format(name: str) -> Format:
    """Return the format with that name.

    Raises:
        NotThereError: there is none.
    """
    try:
        return Format(name)
    except ValueError:
        raise NotThereError(f"no format is named {_quoted(name)}: there is {_list(Format)}") from None


def listed(text: str | None) -> list[str]:
    """Split a comma-separated list of names; empty for no text."""
    return [name for part in (text or "").split(",") if (name := part.strip())]


def _columns(kind: ExportKind, names: Sequence[str]) -> tuple[Column, ...]:
    there = {column.name: column for column in TABLES[kind].columns}
    unknown = next((name for name in names if name not in there), None)
    if unknown is not None:
        raise UserError(f"{kind} has no column {_quoted(unknown)}: it has {_list(there)}")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise UserError(f"column {twice!r} is named twice: name each once")
    return tuple(there[name] for name in names) or TABLES[kind].columns


def _pool_id(engine: Engine, name: str) -> int:
    with reading(engine) as work:
        pools = dict(work.session.execute(select(Pool.name, Pool.id).order_by(Pool.name)).all())
    if name in pools:
        return pools[name]
    there = f"there is {_list(list(pools)[:_LISTED])}" if pools else "there is none yet"
    more = " …" if len(pools) > _LISTED else ""
    raise NotThereError(f"no pool is named {_quoted(name)}: {there}{more}")


def _quoted(text: str) -> str:
    return repr(one_line(text, _QUOTED))


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
