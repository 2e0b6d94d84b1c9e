"""The step that exports rows into the data folder, and what Prefect shows of it."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import httpx
from prefect import get_run_logger, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectException

from p2ppool.exports.kept import Kept, keep
from p2ppool.exports.stream import blocks
from p2ppool.exports.tables.names import ExportKind, Format
from p2ppool.exports.wanted import ExportRequest, wanted
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine


@dataclass(frozen=True)
class Asked:
    """What somebody wants, in plain values: Prefect looks into whatever a task is given."""

    pool: str
    kind: ExportKind
    start: str | None
    end: str | None
    columns: tuple[str, ...]
    form: Format


@dataclass(frozen=True)
class Exported:
    """A file of so many rows."""

    file: Kept
    rows: int


@task(name="export the rows", cache_policy=NO_CACHE)
def export_rows(asked: Asked, number: int) -> Exported:
    """Write the file, and let the run show where it is and what it has.

    Args:
        asked: what is wanted.
        number: tells the file apart from others of the same second.

    Raises:
        UserError: what is wanted is not there, or the file can't be written.
    """
    engine, rows = get_engine(), 0
    found = wanted(engine, asked.kind, asked.pool, start=asked.start, end=asked.end, columns=asked.columns)

    def tell(done: int, _total: int) -> None:
        nonlocal rows
        rows = done

    file = keep(blocks(engine, found, asked.form, tell), found, asked.form, number, settings())
    exported = Exported(file, rows)
    _show(lambda: _link(found, exported))
    _show(lambda: _table(found, exported))
    return exported


def _link(what: ExportRequest, exported: Exported) -> None:
    name = exported.file.path.name
    address = f"{settings().web_url}/pools/{quote(what.pool, safe='')}/files/{quote(name, safe='')}"
    create_link_artifact(address, link_text=name, key="export", description="The file, on our pages")


def _table(what: ExportRequest, exported: Exported) -> None:
    start, end = what.period.start, what.period.end
    row = {
        "pool": what.pool,
        "rows about": what.kind.value,
        "from": start.isoformat() if start else "the beginning",
        "to, not included": end.isoformat() if end else "now",
        "rows": exported.rows,
        "columns": len(what.columns),
        "bytes": exported.file.size,
        "file": str(exported.file.path),
    }
    create_table_artifact([row], key="export-rows", description="What was written")


def _show(make: Callable[[], None]) -> None:
    try:
        make()
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the Prefect server takes no artifact: %s", error)
