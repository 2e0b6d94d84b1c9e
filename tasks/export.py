"""The step that exports rows into the data folder, and its artifacts in Prefect."""

from dataclasses import dataclass
from urllib.parse import quote

from prefect import task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from p2ppool.exports.kept import Kept, keep
from p2ppool.exports.stream import blocks
from p2ppool.exports.tables.names import ExportKind, Format
from p2ppool.exports.wanted import ExportRequest, wanted
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from tasks.support import artifacts

_SENDING = 3.0  # seconds that the artifacts may take


@dataclass(frozen=True)
class ExportParameters:
    """The export's parameters as plain values, because Prefect inspects a task's parameters."""

    pool: str
    kind: ExportKind
    start: str | None
    end: str | None
    columns: tuple[str, ...]
    form: Format


@dataclass(frozen=True)
class Exported:
    """A file and its number of rows."""

    file: Kept
    rows: int


@task(name="export the rows", cache_policy=NO_CACHE)
def export_rows(parameters: ExportParameters, number: int) -> Exported:
    """Write the file, and show its location and content in the run.

    Args:
        parameters: what to export.
        number: distinguishes files of the same second.

    Raises:
        UserError: the requested data does not exist, or the file can't be written.
    """
    engine, rows = get_engine(), 0
    found = wanted(
        engine,
        parameters.kind,
        parameters.pool,
        start=parameters.start,
        end=parameters.end,
        columns=parameters.columns,
    )

    def report(done: int, _total: int) -> None:
        nonlocal rows
        rows = done

    file = keep(blocks(engine, found, parameters.form, report), found, parameters.form, number, settings())
    exported = Exported(file, rows)
    artifacts.send("link", lambda: _link(found, exported))
    artifacts.send("table", lambda: _table(found, exported))
    artifacts.flush(_SENDING)
    return exported


def _link(request: ExportRequest, exported: Exported) -> None:
    name = exported.file.path.name
    address = f"{settings().web_url}/pools/{quote(request.pool, safe='')}/files/{quote(name, safe='')}"
    create_link_artifact(address, link_text=name, key="export", description="The file, on our pages")


def _table(request: ExportRequest, exported: Exported) -> None:
    start, end = request.period.start, request.period.end
    row = {
        "pool": request.pool,
        "rows about": request.kind.value,
        "from": start.isoformat() if start else "the beginning",
        "to, not included": end.isoformat() if end else "now",
        "rows": exported.rows,
        "columns": len(request.columns),
        "bytes": exported.file.size,
        "file": str(exported.file.path),
    }
    create_table_artifact([row], key="export-rows", description="What was written")
