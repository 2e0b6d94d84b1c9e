"""Export data of a pool to a file in the data folder."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from sqlalchemy.orm import Session

from flows.base.run_state import ended
from p2ppool.actions.permissions.requester import require_viewer
from p2ppool.errors import UserError
from p2ppool.exports.tables.names import EXPORT_FLOW, ExportKind, Format
from p2ppool.pools.definition.spec import PoolName
from p2ppool.prefect_client import accepted_runs
from p2ppool.store.models import TicketState
from tasks.export import Exported, ExportParameters, export_rows
from tasks.support.database import read


@flow(name=EXPORT_FLOW, flow_run_name=f"{EXPORT_FLOW} {{kind}} of {{pool}}")
def export_csv(  # noqa: PLR0917 - the fields of its form
    pool: PoolName,
    kind: ExportKind = ExportKind.NODE_STATS,
    from_day: date | None = None,
    to_day: date | None = None,
    columns: list[str] | None = None,
    format: Format = Format.CSV,  # noqa: A002 - as the form and the command line call it
) -> State[Any]:
    """Write rows of the pool to a file that its page offers; this only reads, and waits for nothing.

    Args:
        pool: name of the pool.
        kind: what a row is about.
        from_day: the first day, in UTC; empty: from the beginning.
        to_day: the day after the last one, in UTC; empty: up to now.
        columns: names of columns in the order wanted; empty: all.
        format: how rows are written.
    """
    try:
        read(lambda work: _require_viewer(work.session, pool))
        parameters = ExportParameters(
            pool, kind, _text(from_day), _text(to_day), tuple(columns or ()), format
        )
        exported = export_rows(parameters, _number())
    except UserError as error:
        return ended(TicketState.FAILED, str(error))
    return ended(TicketState.DONE, judge(exported))


def _require_viewer(session: Session, pool: str) -> None:
    """Check that the requester, if a user of the pages, may still look at the pool."""
    accepted = accepted_runs.find(session, str(flow_run.id)) if flow_run.id else None
    if accepted is not None:
        require_viewer(session, accepted.requester, pool)


def judge(exported: Exported) -> str:
    """Build the message: rows, bytes and file."""
    rows = f"{exported.rows:,} row{'' if exported.rows == 1 else 's'}"
    return f"{rows}, {exported.file.size:,} bytes, in {exported.file.path.name}"


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _number() -> int:
    """Return a number from the run's id: two runs that end in the same second write two files."""
    return int(str(flow_run.id or "0")[:8], 16)
