"""A pool's archive: every row of it, none of another pool, and nothing that a spreadsheet would run."""

import io
import stat
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from p2ppool.errors import UserError
from p2ppool.reports.csv_cells import safe_cell
from p2ppool.reports.pools.archive import write_archive
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_pool


def archived(engine, name, place):
    with reading(engine) as work:
        write_archive(engine, work.session.scalars(select(Pool.id).where(Pool.name == name)).one(), place)
    with zipfile.ZipFile(place) as archive:
        return {
            member.removesuffix(".csv"): pd.read_csv(io.BytesIO(archive.read(member)))
            for member in archive.namelist()
        }


def test_it_holds_all_rows_of_the_pool_and_no_others(engine, tmp_path):
    a_pool(engine, "one", nodes=9, failed=2)
    a_pool(engine, "two", nodes=4)
    found = archived(engine, "one", tmp_path / "archives" / "one.zip")
    counts = {name: len(frame) for name, frame in found.items()}
    assert counts == {
        "pool": 1,
        "hosts": 8,
        "actions": 2,
        "host_results": 8,
        "host_samples": 0,
        "snapshots": 1,
        "nodes": 9,
        "node_samples": 9,
        "audit": 0,
    }
    assert list(found["pool"]["name"]) == ["one"]
    assert found["snapshots"]["started_at"][0].endswith("+00:00")


def test_formulas_stay_text(engine, tmp_path):
    a_pool(engine, "one", description='=HYPERLINK("http://example.org")')
    found = archived(engine, "one", tmp_path / "one.zip")
    assert found["pool"]["description"][0] == '\'=HYPERLINK("http://example.org")'


def test_only_its_owner_reads_it_and_nothing_else_is_left(engine, tmp_path):
    a_pool(engine, "one")
    archived(engine, "one", tmp_path / "archives" / "one.zip")
    assert stat.S_IMODE((tmp_path / "archives" / "one.zip").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "archives").iterdir()] == ["one.zip"]


def test_a_place_that_can_not_be_written_is_one_line(engine):
    a_pool(engine, "one")
    with pytest.raises(UserError, match=r"can.t be written to /dev/null/one\.zip"):
        archived(engine, "one", Path("/dev/null/one.zip"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t1", "\r1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", '"=1"']
)
def test_what_could_be_a_formula_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=1;b;-2", "a;'=1;b;'-2"),
        ("a\t=1", "a\t'=1"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("a\n@x", "a\n'@x"),
        ('a;""=1', 'a;\'""=1'),
        ("a;\uff1d1", "a;'\uff1d1"),
        ("a=1; -2", "a=1; -2"),
    ],
)
def test_so_does_what_could_be_one_after_another_separator(text, safe):
    assert safe_cell(text) == safe


@pytest.mark.parametrize("value", ["plain", "", 1.5, -3, None])
def test_everything_else_stays(value):
    assert safe_cell(value) == value
