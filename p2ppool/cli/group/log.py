"""`p2ppool group log` and `p2ppool appliance log`: the audit log of groups, including deleted ones."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from p2ppool.cli.group.context import Kind, Name
from p2ppool.cli.terminal.output import AsJson, print_rows
from p2ppool.errors import UserError, one_line

if TYPE_CHECKING:
    from p2ppool.store.models import AuditLine

_SHOWN: Final = ("user", "request", "why")  # of a line's details, besides what an edit has changed
_LONGEST: Final = 2000  # characters


def add_to(app: typer.Typer, kind: Kind) -> None:
    """Add the command to `app`, for groups of that kind."""
    app.command("log")(_log(kind))


def _log(kind: Kind) -> Callable[..., None]:
    def log(
        name: Name,
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the latest first.")] = 100,
        as_json: AsJson = False,
    ) -> None:
        """Show who did what in a group, including deleted groups of that name."""
        from p2ppool.cli.terminal.database import store
        from p2ppool.groups.membership import group_log
        from p2ppool.store.models import GroupKind
        from p2ppool.store.unit_of_work import reading

        with reading(store()) as work:
            lines = group_log.lines_under(work.session, GroupKind(kind), name, limit)
        if not lines:
            raise UserError(f"no group is or was named '{one_line(name, 80)}'")
        show = _whole if as_json else _shown
        print_rows([show(line) for line in lines], as_json=as_json, empty="")

    return log


def _whole(line: "AuditLine") -> dict[str, Any]:
    from p2ppool.groups.membership import group_log

    return {
        "at": line.at,
        "who": line.who,
        "what": line.what,
        "details": line.details,
        "group_is_gone": group_log.is_of_deleted(line),
    }


def _shown(line: "AuditLine") -> dict[str, Any]:
    from p2ppool.groups.membership import group_log

    details = [str(line.details[field]) for field in _SHOWN if line.details.get(field)] + group_log.changes(
        line
    )
    return {
        "at": f"{line.at:%Y-%m-%d %H:%M:%S}Z",
        "who": line.who,
        "what": line.what,
        # Users have written it: it must not send control sequences to a terminal.
        "details": one_line("; ".join(details), _LONGEST) or None,
        "group": "deleted" if group_log.is_of_deleted(line) else "exists",
    }
