"""CSV of what a page shows: the parts made on the server (the browser: tests/pages/test_exports.py)."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

from dashboards.components.csv_download import csv_button, csv_file, csv_name, csv_of_grid, csv_payload
from p2ppool.reports.csv_cells import safe_cell

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def rows(frame):
    return list(csv.reader(io.StringIO(csv_payload(frame, "x")["content"], newline=""), strict=True))


def test_a_frame_becomes_rfc_4180_with_crlf_and_no_index():
    frame = pd.DataFrame({"host": ['a "quoted", host\nof two lines', "ü"], "nodes": [1, 2]}, index=[7, 8])
    assert csv_payload(frame, "x")["content"] == (
        'host,nodes\r\n"a ""quoted"", host\nof two lines",1\r\nü,2\r\n'
    )


@pytest.mark.parametrize(
    "times",
    [
        pd.to_datetime([MIDNIGHT, None], utc=True),
        pd.to_datetime(["2026-03-01", None]),
        pd.Series([MIDNIGHT.astimezone(timezone(timedelta(hours=5))), None], dtype="object"),
    ],
)
def test_times_are_iso_8601_in_utc_whatever_pandas_makes_of_them(times):
    assert rows(pd.DataFrame({"at": times, "n": [1, 2]}))[1:] == [
        ["2026-03-01T00:00:00.000000Z", "1"],
        ["", "2"],
    ]


def test_no_text_is_a_formula_and_numbers_stay_numbers():
    frame = pd.DataFrame({"=head()": ["=1+1", "@x"], "offset": [-1.5, 1e-9]})
    assert rows(frame) == [["'=head()", "offset"], ["'=1+1", "-1.5"], ["'@x", "1e-09"]]
    assert safe_cell("\n=1") == "'\n'=1"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("alpha-nodes", "alpha-nodes.csv"),
        ('../../etc/"p"; x\r\ny', "etc-p-x-y.csv"),
        ("…", "table.csv"),
        ("n" * 300, "n" * 100 + ".csv"),
    ],
)
def test_files_get_names_that_files_can_have(text, name):
    assert csv_name(text) == name
    assert csv_payload(pd.DataFrame(), text)["filename"] == name


def test_buttons_say_what_they_belong_to():
    props = csv_of_grid("nodes-table", "alpha nodes").to_plotly_json()["props"]
    assert (props["data-csv-grid"], props["data-csv-file"]) == ("nodes-table", "alpha-nodes.csv")
    button, download = csv_button("system-csv").children
    assert (button.id, download.id) == ("system-csv", csv_file("system-csv"))
