"""Exports for scripts and browsers: `/export/<kind>.<format>?pool=&from=&to=&columns=` (docs/exports.md)."""

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final

from flask import Blueprint, Response, request

from dashboards.web import context
from dashboards.web.access import for_viewers
from p2ppool.accounts.tokens import Scope
from p2ppool.errors import UserError
from p2ppool.exports.stream import blocks
from p2ppool.exports.tables.names import Format
from p2ppool.exports.wanted import ExportRequest, NotThereError, get_format, listed, wanted

exports = Blueprint("exports", __name__)

_AT_ONCE: Final = 4
"""Exports that may be under way: each has a thread of the server, which needs some for the pages."""
_AGAIN: Final = 5  # seconds
_free: Final = threading.BoundedSemaphore(_AT_ONCE)


@exports.get("/export/<file>")
@for_viewers(Scope.EXPORT)
def export(file: str) -> Response:
    """The rows that the address names, streamed; a mistake is one line of plain text."""
    kind, _, form = file.rpartition(".")
    try:
        return _streamed(_wanted(kind, request.args), get_format(form))
    except NotThereError as error:
        return _said(error, 404)
    except UserError as error:
        return _said(error, 400)


def _wanted(kind: str, asked: Mapping[str, str]) -> ExportRequest:
    return wanted(
        context.engine(),
        kind,
        asked.get("pool", ""),
        start=asked.get("from"),
        end=asked.get("to"),
        columns=listed(asked.get("columns")),
    )


def _streamed(what: ExportRequest, form: Format) -> Response:
    if not _free.acquire(blocking=False):
        busy = _said(f"{_AT_ONCE} exports are under way: come again a little later", 503)
        busy.headers["Retry-After"] = str(_AGAIN)
        return busy
    with ExitStack() as stack:
        stack.callback(_free.release)
        # An error in the middle passes through waitress, which then leaves out the chunk that ends the body.
        answer = Response(blocks(context.engine(), what, form), content_type=form.media_type)
        answer.call_on_close(stack.pop_all().close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{what.file_name(form)}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _said(error: object, status: int) -> Response:
    return Response(f"{error}\n", status=status, mimetype="text/plain")
