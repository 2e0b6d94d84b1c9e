"""The result of the choices: the number of rows, the download, and equivalent commands."""

from datetime import UTC, datetime
from typing import Any

from dash import dcc, html
from sqlalchemy import Engine

from dashboards.pages.export.lines import Choice
from dashboards.web.ids import ident
from p2ppool.errors import UserError
from p2ppool.exports.batches import number_of_rows
from p2ppool.exports.wanted import ExportRequest, get_format, wanted


def show(engine: Engine, chosen: Choice, base: str) -> list[Any]:
    """Build the panel; `base` is this server's URL without a slash at its end."""
    try:
        form = get_format(chosen.form)
        found = wanted(
            engine,
            chosen.kind,
            chosen.pool,
            start=chosen.start,
            end=chosen.end,
            columns=chosen.columns,
        )
    except UserError as error:  # the pool was deleted meanwhile, or the values are made up
        return nothing(str(error))
    file = found.file_name(form)
    return [
        *_size(number_of_rows(engine, found), found),
        html.A(f"Download {form.upper()}", href=chosen.path, download=file, className="download"),
        html.P(file, className="quiet file"),
        html.H3("Without this page"),
        _line("Address", base + chosen.path),
        _line("Script", chosen.curl(base, file), "API token with the scope export in $TOKEN"),
        _line("Command line", chosen.command(file), "on the manager's machine"),
    ]


def nothing(why: str) -> list[Any]:
    """Build the panel when there is nothing to download."""
    return [html.P(why, className="why")]


def moment(at: datetime | None) -> str:
    """Format a bound for the URL, to the second; empty if there is none."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _size(rows: int, found: ExportRequest) -> list[Any]:
    return [
        html.P([html.B(f"{rows:,}"), " row" if rows == 1 else " rows"], className="rows"),
        html.P(f"{len(found.columns)} columns · {_period(found)}", className="quiet"),
    ]


def _period(found: ExportRequest) -> str:
    start, end = (moment(at) for at in (found.period.start, found.period.end))
    if not start and not end:
        return "all data"
    return " ".join(part for part in (start and f"from {start}", end and f"up to {end}") if part)


def _line(title: str, text: str, hint: str = "") -> html.Div:
    ident_ = ident("export", title.lower().replace(" ", "-"))
    head = [html.Span(title, className="name"), html.Span(hint, className="quiet")]
    copy = dcc.Clipboard(target_id=ident_, title=f"Copy: {title}", className="copy")
    return html.Div(
        [html.Div([*head, copy], className="naming"), html.Pre(text, id=ident_)], className="line"
    )
