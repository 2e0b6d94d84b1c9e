"""CSV of exports: the right rows, the same bytes from both databases, and nothing a spreadsheet would run."""

import csv
import io
import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.errors import UserError
from p2ppool.exports import batches
from p2ppool.exports.formats.numbers import number_text
from p2ppool.exports.stream import blocks
from p2ppool.exports.tables.names import ExportKind, Format
from p2ppool.exports.tables.tables import TABLES
from p2ppool.exports.wanted import wanted
from p2ppool.reports.formulas import BREAKS, SIGNS, guarded
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from tests.lab.database.postgres import fresh_database
from tests.unit.exports.scene import NUMBERS, ODD, make

DANGEROUS = tuple(SIGNS + BREAKS)


def export(engine, kind, start=None, end=None, columns=()):
    return b"".join(
        blocks(engine, wanted(engine, kind, "odd", start=start, end=end, columns=columns), Format.CSV)
    )


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


@pytest.fixture(scope="module")
def both(tmp_path_factory, postgres_url):
    """The same rows in both databases."""
    lite = f"sqlite:///{tmp_path_factory.mktemp('exports') / 'store.db'}"
    with fresh_database(postgres_url) as url:
        engines = [open_engine(lite), open_engine(url)]
        for engine in engines:
            upgrade(engine)
            make(engine)
        yield engines
        for engine in engines:
            engine.dispose()


@pytest.mark.parametrize("kind", ExportKind)
def test_both_databases_give_the_same_bytes_in_batches_of_any_size(both, kind, monkeypatch):
    files = [export(engine, kind) for engine in both]
    assert files[0] == files[1]
    assert len(rows(files[0])) == {ExportKind.NODE_STATS: 3 * len(ODD), ExportKind.HOST_STATS: 9}.get(kind, 3)
    monkeypatch.setattr(batches, "_ROWS", 1)
    assert [export(engine, kind) for engine in both] == files


def test_every_cell_is_what_was_stored(both):
    lines = rows(export(both[0], "node-stats"))[: len(ODD)]
    for place, (line, odd) in enumerate(zip(lines, ODD, strict=True)):
        safe = guarded(odd or "")
        assert [line[name] for name in ("left", "type", "place", "error")] == [safe] * 4
        number = NUMBERS[place % len(NUMBERS)]
        assert line["consistency"] == "" if number is None else float(line["consistency"]) == number
        assert line["crawl_started_utc"] == "2026-03-01T09:30:00.123456Z"
    assert [line["health"] for line in lines[:3]] == ["consistent", "silent", "ghost"]
    assert {line["host"] for line in lines} == {"", "z,first, =a"}
    assert lines[0]["tcp"] == "0"
    assert lines[0]["sas"] == ""


def test_no_field_can_be_a_formula_whatever_reads_it(both):
    for kind in ExportKind:
        for line in rows(export(both[1], kind)):
            for column in TABLES[kind].columns:
                cell = line[column.name]
                numeric = column.type in {"integer", "number"}
                assert not cell.startswith(DANGEROUS) or (numeric and float(cell) <= 0)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_nor_where_a_spreadsheet_splits_lines_by_other_separators(both, separator):
    for engine in both:
        text = export(engine, "node-stats", columns=["left", "type"]).decode()
        split = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=separator)
        assert [cell for line in split for cell in line if cell.lstrip('"').startswith(DANGEROUS)] == []


def test_an_empty_text_differs_from_an_unknown_one(both):
    data = export(both[0], "node-stats", columns=["left"])
    assert b'\r\n""\r\n' in data
    assert data.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("start", "end", "crawls"),
    [
        (None, None, 3),
        ("2026-03-01T09:30:00.123456", None, 3),
        ("2026-03-01T09:30:00.123457", None, 2),
        (None, "2026-03-01T10:30:00.123456Z", 1),
        ("2026-03-01", "2026-03-02", 3),
        ("2026-03-01T11:30:00+01:00", "2026-03-01T12:30+01:00", 1),
        ("2026-04-01", None, 0),
    ],
)
def test_ranges_are_half_open_and_counted_before(both, start, end, crawls):
    for engine in both:
        for kind, each in (("system-stats", 1), ("actions", 1), ("host-stats", 3), ("node-stats", len(ODD))):
            asked = wanted(engine, kind, "odd", start=start, end=end)
            assert len(rows(export(engine, kind, start=start, end=end))) == crawls * each
            assert batches.number_of_rows(engine, asked) == crawls * each


def test_columns_come_as_they_are_requested_and_nothing_secret_can_be(both):
    data = export(both[1], "actions", columns=["state", "ticket"])
    assert data.splitlines()[0] == b"state,ticket"
    everything = b"".join(export(both[1], kind) for kind in ExportKind)
    assert b"hidden" not in everything


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "nodes"}, "there is node-stats, system-stats, host-stats, actions"),
        ({"pool": "x\n=y"}, "no pool is named 'x =y': there is odd, other"),
        (
            {"columns": ["left", "password"]},
            "has no column 'password': it has snapshot, crawl_started_utc, pool",
        ),
        ({"columns": ["left", "left"]}, "named twice"),
        ({"start": "yesterday"}, "is not a time"),
        ({"start": "2026-03-02", "end": "2026-03-01"}, "must be after"),
    ],
)
def test_a_mistake_is_one_line_that_lists_what_there_is(both, given, said):
    values = {"kind": "node-stats", "pool": "odd", "start": None, "end": None} | given
    with pytest.raises(UserError) as error:
        wanted(both[0], values.pop("kind"), values.pop("pool"), **values)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_numbers_are_written_as_postgresql_does(both):
    values = [
        *filter(None, NUMBERS),
        1e14,
        999999999999999.9,
        1e-4,
        1e-5,
        1.5e15,
        -2e22,
        9007199254740993.0,
    ]
    with both[1].connect() as connection:
        for value in values:
            text = connection.exec_driver_sql("SELECT (%s)::float8::text", (value,)).scalar()
            assert number_text(value) == text


@given(st.floats(allow_nan=False))
def test_a_written_number_is_read_back_to_the_bit(value):
    assert struct.pack("d", float(number_text(value))) == struct.pack("d", value + 0.0)


def test_progress_is_reported_up_to_the_end(both, monkeypatch):
    monkeypatch.setattr(batches, "_ROWS", 1)
    told = []
    asked = wanted(both[0], "node-stats", "odd", start=None, end=None)
    for _ in blocks(both[0], asked, Format.CSV, lambda *numbers: told.append(numbers)):
        pass
    size = len(ODD)
    assert told == [(0, 3 * size), (size, 3 * size), (2 * size, 3 * size), (3 * size, 3 * size)]


def test_parquet_is_typed_and_has_the_texts_as_they_are(both):
    import pyarrow.parquet as pq  # noqa: PLC0415

    for engine in both:
        asked = wanted(engine, "node-stats", "odd", start=None, end=None)
        table = pq.read_table(io.BytesIO(b"".join(blocks(engine, asked, Format.PARQUET))))
        assert table.num_rows == 3 * len(ODD)
        assert table.column_names == [column.name for column in TABLES[ExportKind.NODE_STATS].columns]
        assert str(table.schema.field("crawl_started_utc").type) == "timestamp[us, tz=UTC]"
        first = table.slice(0, len(ODD)).to_pydict()
        assert first["left"] == ODD
        assert first["crawl_started_utc"][0] == datetime.fromisoformat("2026-03-01T09:30:00.123456Z")
        assert first["consistency"] == [NUMBERS[place % len(NUMBERS)] for place in range(len(ODD))]
        assert table.schema.field("seconds").metadata[b"unit"] == b"seconds"


def test_an_export_of_nothing_is_a_header_or_an_empty_table(both):
    import pyarrow.parquet as pq  # noqa: PLC0415

    assert len(export(both[0], "node-stats", start="2030-01-01").splitlines()) == 1
    asked = wanted(both[0], "actions", "odd", start="2030-01-01", end=None)
    assert pq.read_table(io.BytesIO(b"".join(blocks(both[0], asked, Format.PARQUET)))).num_rows == 0
