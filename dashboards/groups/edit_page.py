"""Editing and deleting a group, for its admins."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from dashboards.groups import form
from dashboards.groups.group_context import GroupRole, change_group, read_group, vault
from dashboards.groups.group_page import group_page
from dashboards.groups.list_page import listing
from dashboards.sign_in.forms.confirm_deletion import agreement
from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.pages.proof import asks_again
from dashboards.sign_in.session.rate_limits import by_user
from dashboards.web.access import for_users
from p2ppool.errors import UserError
from p2ppool.groups.definition import registry, terms
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of
from p2ppool.store.models import GroupKind

pages = Blueprint("editing", __name__)
of_vpns = Blueprint("network", __name__)


@pages.get("/<name>/edit")
@for_users
def show(kind: GroupKind, name: str) -> Response:
    """Show the forms, filled with the current values."""
    return _form(kind, name)


@pages.post("/<name>/edit")
@for_users
def edit(kind: GroupKind, name: str) -> Response:
    """Change the group's description, terms and questions to those who join."""
    try:
        with change_group(kind, name, GroupRole.ADMIN) as group_context:
            registry.edit(group_context.session, group_context.group, form.about(), group_context.actor)
    except UserError as error:
        return _form(kind, name, status=400, problem=str(error))
    return redirect(path_of(group_context.group))


@of_vpns.post("/<name>/network")
@for_users
@by_user
def edit_network(kind: GroupKind, name: str) -> Response:
    """Change the group's network."""
    overlaps: list[str] = []
    try:
        with change_group(kind, name, GroupRole.ADMIN) as group_context:
            network = group_context.group.network
            spec = form.network(group_context.session, network.pool if network else None)
            overlaps = form.unconfirmed_overlaps(group_context.session, spec, group_context.group)
            if not overlaps:
                registry.edit_network(
                    group_context.session,
                    vault(group_context.session),
                    group_context.group,
                    spec,
                    group_context.actor,
                )
    except UserError as error:
        return _form(kind, name, status=400, problem=str(error))
    if overlaps:
        return _form(kind, name, status=409, overlaps=overlaps)
    return redirect(path_of(group_context.group))


@pages.post("/<name>/delete")
@for_users
@asks_again
def delete(kind: GroupKind, name: str) -> Response:
    """Delete the group and all groups on top of it."""
    try:
        with change_group(kind, name, GroupRole.ADMIN) as group_context:
            _require_confirmation(name)
            registry.delete(group_context.session, group_context.group, group_context.actor)
    except UserError as error:
        return group_page(kind, name, status=400, problem=str(error))
    return listing(kind, f"{name} was deleted.")


def _require_confirmation(name: str) -> None:
    if not field("sure"):
        raise UserError(f"confirm that {name} is to be deleted permanently")


def _form(
    kind: GroupKind, name: str, *, status: int = 200, problem: str = "", overlaps: list[str] | None = None
) -> Response:
    with read_group(kind, name, GroupRole.ADMIN) as group_context:
        return page(
            "group_edit.html",
            status=status,
            kind=kind,
            group=group_context.group,
            path=path_of(group_context.group),
            root=ROOTS[kind],
            called=CALLED[kind],
            versions=terms.versions(group_context.session, group_context.group),
            values=_shown(form.values_of(group_context.group)),
            problem=problem,
            overlaps=overlaps or [],
            agreement=agreement(overlaps or []),
            **form.choices(group_context.session),
        )


def _shown(values: dict[str, str]) -> dict[str, str]:
    """Return the current values, or what was typed if the form was sent; a box missing there is unticked."""
    if not request.form:
        return values
    sent = ("secure", "secure_edges", "approval") if "ip_base" in request.form else ("detailed",)
    return values | dict.fromkeys(sent, "") | form.typed()
