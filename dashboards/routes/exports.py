"""Exports for scripts and browsers: `/export/<kind>.<format>?pool=&from=&to=&columns=`.

See docs/reference/exports.md.
"""

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
"""Exports that may run at once: each occupies a thread of the server, and pages need some, too."""
_AGAIN: Final = 5  # seconds
_free: Final = threading.BoundedSemaphore(_AT_ONCE)


@exports.get("/export/<file>")
@for_viewers(Scope.EXPORT)
def download_export(file: str) -> Response:
    """Stream the requested rows; an error is one line of plain text."""
    kind, _, form = file.rpartition(".")
    try:
        return _streamed(_export_request(kind, request.args), get_format(form))
    except NotThereError as error:
        return _message(error, 404)
    except UserError as error:
        return _message(error, 400)


def _export_request(kind: str, arguments: Mapping[str, str]) -> ExportRequest:
    return wanted(
        context.engine(),
        kind,
        arguments.get("pool", ""),
        start=arguments.get("from"),
        end=arguments.get("to"),
        columns=listed(arguments.get("columns")),
    )


def _streamed(export: ExportRequest, form: Format) -> Response:
    if not _free.acquire(blocking=False):
        busy = _message(f"{_AT_ONCE} exports are running: try again later", 503)
        busy.headers["Retry-After"] = str(_AGAIN)
        return busy
    with ExitStack() as stack:
        stack.callback(_free.release)
        # An error while streaming passes through waitress, which then omits the chunk that ends the body.
        answer = Response(blocks(context.engine(), export, form), content_type=form.media_type)
        answer.call_on_close(stack.pop_all().close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{export.file_name(form)}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _message(error: object, status: int) -> Response:
    return Response(f"{error}\n", status=status, mimetype="text/plain")
