"""`/audit`: who did what, for managers."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.rendering import page
from dashboards.web import context
from dashboards.web.access import for_managers
from dashboards.web.converters import LARGEST
from p2ppool.errors import one_line
from p2ppool.records.audit import Filter, lines_of
from p2ppool.store.models import AuditLine, SubjectKind
from p2ppool.store.unit_of_work import reading

pages = Blueprint("audit", __name__)

_SHOWN: Final = 100  # entries on a page
_FIELD: Final = 100  # characters
_DETAILS: Final = 300
_FIELDS: Final = ("kind", "subject", "who", "what", "since")
_DIGITS: Final = 10


@pages.get("/audit")
@for_managers
def show() -> Response:
    """Show the entries that fit the filter in the query, the latest first."""
    given = {name: one_line(request.args.get(name, ""), _FIELD) for name in _FIELDS}
    kind = given["kind"] if given["kind"] in set(SubjectKind) else ""
    wanted = Filter(kind, given["subject"], given["who"], given["what"], _day(given["since"]), _before())
    with reading(context.whole_engine()) as work:
        lines = lines_of(work.session, wanted, _SHOWN + 1)
    shown = lines[:_SHOWN]
    older = (
        {name: value for name, value in given.items() if value} | {"before": shown[-1].id} if shown else {}
    )
    return page(
        "audit.html",
        lines=[(line, _details(line)) for line in shown],
        kinds=list(SubjectKind),
        given=given | {"kind": kind},
        older=urlencode(older) if len(lines) > _SHOWN else "",
    )


def _details(line: AuditLine) -> str:
    return one_line(", ".join(f"{name}: {value}" for name, value in line.details.items()), _DETAILS)


def _day(text: str) -> datetime | None:
    """Return the beginning of the day in UTC; None if it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _before() -> int | None:
    digits = request.args.get("before", "")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS
    return int(digits) if is_number and int(digits) <= LARGEST else None
