"""A group's description and terms as options, and printing groups."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2ppool.cli.group.context import Kind, get_group
from p2ppool.cli.terminal.output import print_json, print_rows, printable
from p2ppool.errors import UserError, one_line

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from p2ppool.groups.definition.registry import About
    from p2ppool.store.models import Group

Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What the group is for.")]
Terms = Annotated[
    Path | None,
    typer.Option("--terms", metavar="FILE", help="Terms of service that new members must accept."),
]
TermsVersion = Annotated[
    int | None,
    typer.Option("--terms", metavar="VERSION", help="Print that version of its terms of service instead."),
]
Detailed = Annotated[
    bool | None,
    typer.Option(
        "--detailed/--no-detailed", help="Ask new members for organization, unit, country and phone."
    ),
]

_LONGEST = 1024 * 1024  # bytes of a file with terms that are read; the group itself takes less


def about_of(
    description: str | None, terms: Path | None, *, detailed: bool | None, now: "Group | None" = None
) -> "About":
    """Combine the options with the current values, which apply to those left out."""
    from p2ppool.groups.definition.registry import About

    before = About(now.description, now.terms, now.detailed) if now else About()
    return About(
        before.description if description is None else description,
        before.terms if terms is None else _text(terms),
        before.detailed if detailed is None else detailed,
    )


def print_list(kind: Kind, *, as_json: bool, empty: str) -> None:
    """Print all groups of that kind."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.groups.definition import registry
    from p2ppool.groups.membership.rules import INSIDE
    from p2ppool.store.models import GroupKind, MemberState
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        rows = []
        for group in registry.all_groups(work.session, GroupKind(kind)):
            states = [membership.state for membership in group.memberships]
            rows.append(
                {
                    "name": group.name,
                    "members": sum(state in INSIDE for state in states),
                    "asking": states.count(MemberState.REQUESTED),
                    **_below(group),
                    "description": group.description if as_json else one_line(group.description, 80),
                }
            )
    print_rows(rows, as_json=as_json, empty=empty)


def print_group(kind: Kind, name: str, terms: int | None, *, as_json: bool) -> None:
    """Print a group without its secrets, or one version of its terms."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        group = get_group(work.session, kind, name)
        if terms is not None:
            _print_terms(work.session, group, terms, as_json=as_json)
            return
        fields = ("name", "description", "terms", "terms_version", "detailed", "created_at")
        facts = {field: getattr(group, field) for field in fields} | _below(group) | _network(group)
        members = [_member(membership) for membership in group.memberships]
    if as_json:
        print_json(facts | {"members": members})
        return
    for field, value in facts.items():
        typer.echo(f"{field.replace('_', ' ')}: {_printable(value)}")
    print_rows(members, as_json=False, empty="no members", title="members")


def _print_terms(session: "Session", group: "Group", version: int, *, as_json: bool) -> None:
    from p2ppool.groups.definition import terms

    found = terms.of(session, group, version)
    if found is None:
        kept = ", ".join(str(each) for each in terms.versions(session, group))
        raise UserError(f"the terms of {group.name} have no version {version}; available: {kept}")
    if as_json:
        print_json({"name": group.name, "version": version, "since": found.since, "text": found.text})
    else:
        typer.echo(_printable(found.text) or f"{group.name} had no terms of service")


def _below(group: "Group") -> dict[str, Any]:
    return {"vpn": group.parent.name} if group.parent else {}


def _network(group: "Group") -> dict[str, Any]:
    network = group.network
    if network is None:
        return {}
    fields = ("ip_namespace", "ip_base", "netmask", "secure", "secure_edges", "approval", "digest")
    carried = {"pool": network.pool.name} if network.pool else {"namespace": network.namespace}
    meeting = {} if network.pool else {"meeting": list(network.addresses)}
    return carried | meeting | {field: getattr(network, field) for field in fields}


def _member(membership: Any) -> dict[str, Any]:
    fields = ("terms_version", "details", "asked_at", "decided_at")
    return {"user": membership.user.name, "state": membership.state.value} | {
        field: getattr(membership, field) for field in fields
    }


def _printable(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(", ".join(value) if isinstance(value, list) else str(value))


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST).decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise UserError(f"{file}: not a text in UTF-8") from None
