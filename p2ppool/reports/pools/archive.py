"""All data about a pool, as CSV files in one zip."""

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine, Select, select

from p2ppool.errors import UserError
from p2ppool.reports.csv_cells import safe_frame
from p2ppool.store.durable import sync_folder
from p2ppool.store.models import (
    AuditLine,
    Base,
    Host,
    HostResult,
    HostSample,
    Node,
    NodeSample,
    Pool,
    Snapshot,
    Ticket,
)

_ROWS = 10_000  # at a time


def write_archive(engine: Engine, pool_id: int, place: Path) -> None:
    """Write the zip, readable by its owner only, either completely or not at all.

    Raises:
        UserError: it can't be written there.
    """
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".", suffix=".part", delete=False) as part:
            try:
                _write(engine, pool_id, part)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).rename(place)
            except BaseException:
                Path(part.name).unlink()
                raise
        sync_folder(place.parent)
    except OSError as error:
        raise UserError(f"the archive can't be written to {place}: {error.strerror}") from error


def _write(engine: Engine, pool_id: int, out: Any) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, engine.connect() as connection:
        for name, query in _queries(pool_id):
            with archive.open(f"{name}.csv", "w", force_zip64=True) as member:
                text = io.TextIOWrapper(member, encoding="utf-8", newline="")
                for number, frame in enumerate(pd.read_sql_query(query, connection, chunksize=_ROWS)):
                    _plain(frame).to_csv(text, index=False, header=number == 0)
                text.flush()


def _queries(pool_id: int) -> Iterator[tuple[str, Select[Any]]]:
    """Yield each table's name and its rows of this pool."""
    yield "pool", _columns(Pool).where(Pool.id == pool_id)
    yield "hosts", _columns(Host).where(Host.pool_id == pool_id).order_by(Host.id)
    yield "actions", _columns(Ticket).where(Ticket.pool_id == pool_id).order_by(Ticket.id)
    tickets = select(Ticket.id).where(Ticket.pool_id == pool_id)
    yield "host_results", _columns(HostResult).where(HostResult.ticket_id.in_(tickets))
    yield "host_samples", _columns(HostSample).where(HostSample.ticket_id.in_(tickets))
    yield "snapshots", _columns(Snapshot).where(Snapshot.pool_id == pool_id).order_by(Snapshot.id)
    yield "nodes", _columns(Node).where(Node.pool_id == pool_id).order_by(Node.id)
    snapshots = select(Snapshot.id).where(Snapshot.pool_id == pool_id)
    yield "node_samples", _columns(NodeSample).where(NodeSample.snapshot_id.in_(snapshots))
    yield "audit", _columns(AuditLine).where(AuditLine.pool_id == pool_id).order_by(AuditLine.id)


def _columns(model: type[Base]) -> Select[Any]:
    return select(*model.__table__.columns)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert nested values to JSON, then make all cells safe for spreadsheets."""
    for column in frame.columns:
        if any(isinstance(value, (dict, list)) for value in frame[column]):
            frame[column] = [json.dumps(value, default=str, ensure_ascii=False) for value in frame[column]]
    return safe_frame(frame)
