"""To edit a group and to delete it, for its admins."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from dashboards.groups import form
from dashboards.groups.group_context import Part, acting, looking, vault
from dashboards.groups.group_page import group_page
from dashboards.groups.list_page import listing
from dashboards.sign_in.forms.confirm_deletion import agreement
from dashboards.sign_in.forms.rendering import field, page
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
    """The forms, with what is."""
    return _form(kind, name)


@pages.post("/<name>/edit")
@for_users
def edit(kind: GroupKind, name: str) -> Response:
    """Change what the group says."""
    try:
        with acting(kind, name, Part.ADMIN) as here:
            registry.edit(here.session, here.group, form.about(), here.actor)
    except UserError as error:
        return _form(kind, name, status=400, problem=str(error))
    return redirect(path_of(here.group))


@of_vpns.post("/<name>/network")
@for_users
@by_user
def edit_network(kind: GroupKind, name: str) -> Response:
    """Change its network."""
    overlaps: list[str] = []
    try:
        with acting(kind, name, Part.ADMIN) as here:
            spec = form.network(here.session)
            overlaps = form.unconfirmed_overlaps(here.session, spec, here.group)
            if not overlaps:
                registry.edit_network(here.session, vault(), here.group, spec, here.actor)
    except UserError as error:
        return _form(kind, name, status=400, problem=str(error))
    if overlaps:
        return _form(kind, name, status=409, overlaps=overlaps)
    return redirect(path_of(here.group))


@pages.post("/<name>/delete")
@for_users
def delete(kind: GroupKind, name: str) -> Response:
    """Delete it with all on top of it."""
    try:
        with acting(kind, name, Part.ADMIN) as here:
            _see_that_they_are_sure(name)
            registry.delete(here.session, here.group, here.actor)
    except UserError as error:
        return group_page(kind, name, status=400, problem=str(error))
    return listing(kind, f"{name} is deleted.")


def _see_that_they_are_sure(name: str) -> None:
    if not field("sure"):
        raise UserError(f"tick that {name} is to be deleted for good")


def _form(
    kind: GroupKind, name: str, *, status: int = 200, problem: str = "", overlaps: list[str] | None = None
) -> Response:
    with looking(kind, name, Part.ADMIN) as here:
        return page(
            "group_edit.html",
            status=status,
            kind=kind,
            group=here.group,
            path=path_of(here.group),
            root=ROOTS[kind],
            called=CALLED[kind],
            versions=terms.versions(here.session, here.group),
            values=_shown(form.values_of(here.group)),
            problem=problem,
            overlaps=overlaps or [],
            agreement=agreement(overlaps or []),
            **form.choices(here.session),
        )


def _shown(values: dict[str, str]) -> dict[str, str]:
    """What is, or what was typed into the form that was sent; a box that is missing there is off."""
    if not request.form:
        return values
    sent = ("secure", "approval") if "ip_base" in request.form else ("detailed",)
    return values | dict.fromkeys(sent, "") | form.typed()
