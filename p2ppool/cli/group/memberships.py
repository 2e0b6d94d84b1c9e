"""The steps of memberships, the same for GroupVPNs and GroupAppliances."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from p2ppool.cli.group.context import (
    As,
    DeleteGroups,
    Kind,
    Name,
    confirm_deletion,
    get_group,
    get_membership,
    this_manager,
    write,
    write_and_notify,
)
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.store.models import Membership

Users = Annotated[list[str], typer.Argument(metavar="USER...", help="The users.")]

_DECISIONS: Final = {
    "accept": "Accept users who have asked to join.",
    "deny": "Deny users who have asked to join; they may ask again.",
    "promote": "Make members admins.",
    "demote": "Make admins members again.",
}


def add_to(app: typer.Typer, kind: Kind) -> None:
    """Add the commands to `app`, for groups of that kind."""
    app.command("request")(_request(kind))
    for step, meaning in _DECISIONS.items():
        app.command(step, help=meaning)(_decision(kind, step))
    app.command("revoke")(_revocation(kind))
    app.command("leave")(_leave(kind))
    app.command("requests")(_requests(kind))
    app.command("delete")(_delete(kind))


def _decision(kind: Kind, step: str) -> Callable[..., None]:
    def decide(name: Name, users: Users, as_json: AsJson = False) -> None:
        _decide(kind, step, name, users, delete_groups=False, as_json=as_json)

    return decide


def _revocation(kind: Kind) -> Callable[..., None]:
    def revoke(
        name: Name, users: Users, delete_groups: DeleteGroups = False, as_json: AsJson = False
    ) -> None:
        """Revoke users permanently, including former members; their certificates become invalid."""
        _decide(kind, "revoke", name, users, delete_groups=delete_groups, as_json=as_json)

    return revoke


def _decide(
    kind: Kind, step: str, name: str, users: list[str], *, delete_groups: bool, as_json: bool
) -> None:
    from p2ppool.groups import notices
    from p2ppool.groups.membership import memberships
    from p2ppool.groups.membership.rules import Step

    def change(session: Any, _vault: Any, letters: list[Any]) -> list[dict[str, Any]]:
        group, rows = get_group(session, kind, name), []
        for user in users:
            membership = get_membership(session, group, user)
            decided = partial(memberships.decide, session, Step(step), membership, this_manager())
            confirm_deletion(decided, agrees=delete_groups)
            letters.extend(notices.of_decision(group, membership.user, Step(step)))
            rows.append(_row(membership))
        return rows

    _print(name, write_and_notify(change), as_json=as_json)


def _request(kind: Kind) -> Callable[..., None]:
    def request(
        name: Name,
        user: As,
        accept_terms: Annotated[
            bool, typer.Option("--accept-terms", help="Accept the terms of service for them.")
        ] = False,
        organization: Annotated[str, typer.Option(help="For groups that ask for it.")] = "",
        unit: Annotated[str, typer.Option(help="Organizational unit, for groups that ask for it.")] = "",
        country: Annotated[str, typer.Option(help="For groups that ask for it.")] = "",
        phone: Annotated[str, typer.Option(help="For groups that ask for it.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Ask to join on behalf of a user."""
        from p2ppool.accounts import users
        from p2ppool.groups import notices
        from p2ppool.groups.membership import memberships
        from p2ppool.groups.membership.memberships import Joining

        details = {"organization": organization, "unit": unit, "country": country, "phone": phone}

        def change(session: Any, vault: Any, letters: list[Any]) -> list[dict[str, Any]]:
            group = get_group(session, kind, name)
            if group.terms and not accept_terms:
                raise UserError(
                    f"{name} has terms of service: read them with `show`, then add --accept-terms"
                )
            joining, applicant = Joining(group.terms_version, details), users.get(session, user)
            row = _row(memberships.request(session, vault, group, applicant, joining))
            letters.extend(notices.of_request(session, group, applicant))
            return [row]

        _print(name, write_and_notify(change), as_json=as_json)

    return request


def _leave(kind: Kind) -> Callable[..., None]:
    def leave(
        name: Name,
        user: As,
        delete_groups: DeleteGroups = False,
        as_json: AsJson = False,
    ) -> None:
        """Leave the group, or withdraw the request to join, on behalf of a user."""
        from p2ppool.groups.membership import memberships

        def change(session: Any, _vault: Any) -> dict[str, Any]:
            membership = get_membership(session, get_group(session, kind, name), user)
            row = _row(membership)
            gone = confirm_deletion(partial(memberships.leave, session, membership), agrees=delete_groups)
            return row | {"state": "left", "deleted": gone}

        row = write(change)
        if as_json:
            print_json(row)
        else:
            gone = f"; deleted: {', '.join(row['deleted'])}" if row["deleted"] else ""
            typer.echo(f"{user} has left {name}{gone}")

    return leave


def _requests(kind: Kind) -> Callable[..., None]:
    def requests(
        name: Annotated[str | None, typer.Argument(metavar="GROUP", help="Only of this group.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """List the open requests to join."""
        from p2ppool.cli.terminal.database import store
        from p2ppool.groups.definition import registry
        from p2ppool.store.models import GroupKind, MemberState
        from p2ppool.store.unit_of_work import reading

        with reading(store()) as work:
            some = [get_group(work.session, kind, name)] if name else None
            rows = [
                {"group": group.name} | _row(membership) | {"details": membership.details or None}
                for group in some or registry.all_groups(work.session, GroupKind(kind))
                for membership in group.memberships
                if membership.state is MemberState.REQUESTED
            ]
        print_rows(rows, as_json=as_json, empty="no open requests")

    return requests


def _delete(kind: Kind) -> Callable[..., None]:
    def delete(name: Name, as_json: AsJson = False) -> None:
        """Delete the group with all its memberships and certificates, and the groups on top of it."""
        from p2ppool.groups.definition import registry

        write(lambda session, _: registry.delete(session, get_group(session, kind, name), this_manager()))
        print_json({"name": name, "deleted": True}) if as_json else typer.echo(f"group {name} deleted")

    return delete


def _row(membership: "Membership") -> dict[str, Any]:
    fields = ("asked_at", "decided_at")
    return {"user": membership.user.name, "state": membership.state.value} | {
        field: getattr(membership, field) for field in fields
    }


def _print(group: str, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['user']} in {group}: {row['state']}")
