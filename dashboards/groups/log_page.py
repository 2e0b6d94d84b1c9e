"""`/groups/<name>/log`: the group's audit log, for its admins; of deleted groups, for managers."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupRole, read_group
from dashboards.sign_in.forms.rendering import page
from dashboards.web import context
from dashboards.web.access import for_users, visitor
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import group_log
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_under
from p2ppool.store.models import AuditLine, GroupKind
from p2ppool.store.unit_of_work import reading

pages = Blueprint("log", __name__)

_LINES: Final = 500


@pages.get("/<name>/log")
@for_users
def show(kind: GroupKind, name: str) -> Response:
    """Show the latest entries. Only managers see deleted groups of that name, which had other admins."""
    gone = _of_gone(kind, name) if visitor().is_manager else []
    if gone and ("gone" in request.args or not _is_there(kind, name)):
        return _page(kind, name, gone, is_gone=True)
    with read_group(kind, name, GroupRole.ADMIN) as group_context:
        lines = group_log.lines_of(group_context.session, group_context.group, _LINES)
    return _page(kind, name, lines, has_gone=bool(gone))


def _of_gone(kind: GroupKind, name: str) -> Sequence[AuditLine]:
    with reading(context.whole_engine()) as work:
        return group_log.lines_of_deleted(work.session, kind, name, _LINES)


def _is_there(kind: GroupKind, name: str) -> bool:
    with reading(context.whole_engine()) as work:
        return registry.find(work.session, kind, name) is not None


def _shown(pool: str) -> str:
    """Return the name of a pool that carries or carried the group, if the visitor may see that pool."""
    return pool if not pool or visitor().rights.on(pool) is not None else "a pool"


def _page(
    kind: GroupKind, name: str, lines: Sequence[AuditLine], *, is_gone: bool = False, has_gone: bool = False
) -> Response:
    return page(
        "group_log.html",
        name=name,
        path=path_under(kind, name),
        root=ROOTS[kind],
        called=CALLED[kind],
        lines=[(line, line.what, group_log.changes(line, _shown)) for line in lines],
        most=_LINES,
        is_gone=is_gone,
        has_gone=has_gone,
    )
