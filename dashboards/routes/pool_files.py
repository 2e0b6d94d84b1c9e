"""Downloads of a pool: `/pools/<pool>/files/<name>` and `/pools/<pool>/node.config`."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, Final

from flask import Blueprint, Response, request

from dashboards.web import context
from dashboards.web.access import for_pool, visitor
from p2ppool.accounts.tokens import Scope
from p2ppool.actions.permissions.table import Act
from p2ppool.errors import UserError
from p2ppool.exports.tables.names import Format
from p2ppool.pools.recording.pool_files import opened
from p2ppool.records.audit import Subject, note
from p2ppool.records.pools import find_pool
from p2ppool.reports.hosts.joining import joining_config
from p2ppool.store.models import SubjectKind
from p2ppool.store.unit_of_work import UnitOfWork, reading

downloads = Blueprint("downloads", __name__)

_BLOCK: Final = 256 * 1024
_MEDIA: Final = {".zip": "application/zip"} | {f".{form}": form.media_type for form in Format}


@downloads.get("/pools/<pool>/files/<name>")
@for_pool(Act.DOWNLOAD)
def download(pool: str, name: str) -> Response:
    """Send the file if the listing has it by exactly that name, else 404.

    Hosts' logs may contain what only those who run the hosts should read, so those who only look get none.
    """
    with ExitStack() as stack:
        try:
            file, stream = stack.enter_context(opened(context.settings().data_folder, pool, name))
        except UserError:
            return _nothing()
        _record(pool, file.name)
        size = os.fstat(stream.fileno()).st_size
        answer = Response(_blocks(stream, size), content_type=_MEDIA[file.path.suffix])
        answer.call_on_close(stack.pop_all().close)
    # The name is one of ours, and needs no quoting (RFC 6266, 4.1).
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    answer.content_length = size
    return answer


def _record(pool: str, file: str) -> None:
    """Record the download: logs of hosts may hold secrets."""
    if request.method == "HEAD":
        return
    with UnitOfWork(context.engine()) as work:
        found = find_pool(work.session, pool)
        subject = Subject(SubjectKind.POOL, pool) if found is None else Subject.of(found)
        note(work.session, subject, f"page {visitor().name}", "download", {"file": file})
        work.commit()


@downloads.get("/pools/<pool>/node.config")
@for_pool(Act.LOOK, Scope.VIEW)
def node_config(pool: str) -> Response:
    """Send a config with which a node joins the pool."""
    with reading(context.engine()) as work:
        found = find_pool(work.session, pool)
        if found is None:
            return _nothing()
        answer = Response(joining_config(work.session, found), mimetype="application/xml")
    answer.headers["Content-Disposition"] = 'attachment; filename="node.config"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _nothing() -> Response:
    return Response("There is no such file.\n", status=404, mimetype="text/plain")


def _blocks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield at most the announced size, even if the file grows."""
    while size > 0 and (block := stream.read(min(_BLOCK, size))):
        size -= len(block)
        yield block
