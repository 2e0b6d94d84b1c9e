"""CSV downloads: a button for any table, and one for any figure with the payload it downloads.

Both produce the same format: RFC 4180 with CRLF, UTF-8, times in ISO 8601 and UTC with a `Z` at their end,
numbers with a decimal point and unrounded, and no text that a spreadsheet would take for a formula.

A table needs no callback, the script assets/csv.js does all in the browser::

    csv_of_grid("nodes-table", f"{pool}-nodes")  # the id of the grid, the name of the file

A figure's page returns its rows in a frame::

    csv_button("system-csv")  # somewhere in the layout
    app.callback(
        Output(csv_file("system-csv"), "data"),
        Input("system-csv", "n_clicks"),
        State(...),
        prevent_initial_call=True,
    )(lambda clicks, ...: csv_payload(frame, f"{pool}-system"))
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from dash import dcc, html

from dashboards.web.ids import ident
from p2ppool.reports.csv_cells import safe_cell, safe_frame

TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
"""ISO 8601 in UTC, to the microsecond."""

_LABEL = "CSV"
_LONGEST_NAME: Final = 100  # characters, without the suffix


def csv_of_grid(grid: str, file_name: str, *, label: str = _LABEL) -> html.Button:
    """Build a button that downloads what an AG Grid shows.

    These are the visible columns in their order, and the filtered and sorted rows, including those on other
    pages or out of view. Cells contain the row data, not the output of a `valueFormatter`; ISO 8601 times
    with a zone are converted to UTC, so pass times as such text.

    Args:
        grid: the id of the grid on the same page.
        file_name: without the suffix; characters that file names can't contain are replaced.
        label: of the button.
    """
    marks: dict[str, Any] = {"data-csv-grid": grid, "data-csv-file": csv_name(file_name)}
    return html.Button(label, type="button", className="csv", title="Download what this table shows", **marks)


def csv_button(button: str, *, label: str = _LABEL) -> html.Span:
    """Build a button with that id, and its download (`csv_file`), which a callback of the page fills."""
    return html.Span(
        [
            html.Button(
                label, id=button, type="button", className="csv", title="Download what this figure shows"
            ),
            dcc.Download(id=csv_file(button)),
        ]
    )


def csv_file(button: str) -> str:
    """Return the id of the download beside the button; its `data` takes a `csv_payload`."""
    return ident(button, "file")


def csv_payload(frame: pd.DataFrame, file_name: str) -> dict[str, Any]:
    """Build the data of a `dcc.Download` from the frame, without its index.

    Args:
        frame: the figure's points, one per row; a time without a zone is UTC.
        file_name: without the suffix; characters that file names can't contain are replaced.
    """
    named = frame.rename(columns=lambda name: safe_cell(str(name)))
    text = safe_frame(_with_iso_times(named)).to_csv(index=False, lineterminator="\r\n")
    return {"content": text, "filename": csv_name(file_name), "type": "text/csv;charset=utf-8"}


def csv_name(text: str) -> str:
    """Return a CSV file name for any text: letters, digits, dots, dashes, underscores."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:_LONGEST_NAME]
    return f"{kept or 'table'}.csv"


def _with_iso_times(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert times to ISO 8601; pandas alone would write several formats (dates if all are midnights)."""
    return frame.assign(**{str(column): _iso_column(frame[column]) for column in frame.columns})


def _iso_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.to_datetime(column, utc=True).dt.strftime(TIME_FORMAT)
    return column.map(_iso) if pd.api.types.is_object_dtype(column) else column


def _iso(value: object) -> object:
    if not isinstance(value, datetime) or pd.isna(value):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).strftime(TIME_FORMAT)
