"""`p2ppool audit …`: who did what, and whether the record is whole."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError, one_line

if TYPE_CHECKING:
    from p2ppool.store.models import AuditLine

app = typer.Typer(no_args_is_help=True)

_LONGEST: Final = 200  # characters of the details in a table


@app.command("list")
def list_all(
    kind: Annotated[str, typer.Option(help="Only about: pool, user, vpn, appliance, package or key.")] = "",
    subject: Annotated[str, typer.Option(help="Only about the pool, user … of this name.")] = "",
    who: Annotated[str, typer.Option(help="Only by whom this is part of the name.")] = "",
    what: Annotated[str, typer.Option(help="Only events of which this is a part, such as sign-in.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only later ones (UTC)."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the latest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what was done, the latest first, also about what is deleted."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.audit import Filter, lines_of
    from p2ppool.records.audit_chain import as_dict
    from p2ppool.store.models import SubjectKind
    from p2ppool.store.unit_of_work import reading

    if kind and kind not in set(SubjectKind):
        raise typer.BadParameter(f"--kind: one of {', '.join(SubjectKind)}")
    moment = None if since is None else since.replace(tzinfo=UTC)
    with reading(store()) as work:
        found = lines_of(work.session, Filter(kind, subject, who, what, moment), limit)
    rows = [as_dict(line) if as_json else _shown(line) for line in found]
    print_rows(rows, as_json=as_json, empty="nothing that fits was recorded")


@app.command()
def verify(
    known: Annotated[
        str, typer.Option("--known", metavar="DIGEST", help="A digest that an earlier run printed.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check that no entry was changed or deleted, and print the digest of the last one."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.audit_chain import check
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        found = check(work.session, known.strip())
    if as_json:
        print_json({"entries": found.entries, "digest": found.head, "problems": list(found.problems)})
    if found.problems:
        raise UserError("the audit is not whole: " + "; ".join(found.problems[:10]))
    if not as_json:
        typer.echo(
            f"{found.entries} entries, none changed or missing; the digest of the last one:\n{found.head}"
        )


def _shown(line: "AuditLine") -> dict[str, Any]:
    details = ", ".join(f"{name}: {value}" for name, value in line.details.items())
    return {
        "at": f"{line.at:%Y-%m-%d %H:%M:%S}Z",
        "who": one_line(line.who, 64),
        "what": one_line(line.what, 64),
        "kind": str(line.subject_kind),
        "subject": one_line(line.subject, 64),
        "details": one_line(details, _LONGEST) or None,
    }
