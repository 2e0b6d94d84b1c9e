"""Tables: AG Grid Community in the pages' own colours, with plain text cells."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag

_THEME = """themeQuartz.withParams({
  fontFamily: 'inherit', fontSize: 13, headerFontSize: 12, headerFontWeight: 600,
  backgroundColor: 'var(--surface)', foregroundColor: 'var(--ink)',
  borderColor: 'var(--line)',
  accentColor: 'var(--consistent)',
  headerBackgroundColor: 'var(--paper)', headerTextColor: 'var(--muted)',
  oddRowBackgroundColor: 'transparent', wrapperBorderRadius: 10, spacing: 6
})"""
_ROW = 36  # px
_HEADER = 40  # px
_SCROLLBAR = 16  # px
_MOST = 15  # rows that show without scrolling

TEXT = {"filter": "agTextColumnFilter"}
NUMBER = {"filter": "agNumberColumnFilter", "type": "rightAligned"}
TWO_DIGITS = NUMBER | {
    "valueFormatter": {"function": "params.value == null ? '' : d3.format('.2f')(params.value)"}
}


def grid(ident: str, columns: Sequence[Mapping[str, Any]], key: str, **options: Any) -> dag.AgGrid:
    """Build an empty table; the column `key` identifies rows, so a refresh keeps sorting and selection."""
    return dag.AgGrid(
        id=ident,
        columnDefs=list(columns),
        rowData=[],
        getRowId=f"params.data.{key}",
        defaultColDef={"sortable": True, "resizable": True, "minWidth": 60, "suppressMovable": True},
        dashGridOptions={
            "theme": {"function": _THEME},
            "rowHeight": _ROW,
            "headerHeight": _HEADER,
            "animateRows": False,
            "enableCellTextSelection": True,
            "suppressCellFocus": False,
            # Arrow keys move between cells; the tab key leaves the table.
            "tabToNextCell": {"function": "false"},
            "tabToNextHeader": {"function": "false"},
            "tooltipShowDelay": 300,
            **options,
        },
        style={"height": height(0)},
        className="grid",
    )


def height(rows: int, most: int = _MOST) -> str:
    """Return the height for so many rows: all of a short table, or `most` rows of a scrolling one."""
    return f"{_HEADER + min(max(rows, 2), most) * _ROW + _SCROLLBAR}px"
