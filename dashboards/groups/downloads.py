"""Downloads for members: `config.zip`, and an appliance's floppy disk. No copy is kept on the server."""

from typing import Final

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from dashboards.groups.group_context import GroupContext, GroupRole, read_group, vault
from dashboards.groups.group_page import group_page
from dashboards.sign_in.forms.rendering import field
from dashboards.web import context
from dashboards.web.access import for_users
from p2ppool.appliance.config import MachineType
from p2ppool.errors import UserError
from p2ppool.groups.downloads import CONFIG_NAME, FLOPPY_NAME, config_zip, floppy
from p2ppool.groups.server import server_of
from p2ppool.groupvpn.config_zip import zipped
from p2ppool.records.audit import Subject, note
from p2ppool.store.models import GroupKind, Membership
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork

of_vpns = Blueprint("config", __name__)
of_appliances = Blueprint("floppy", __name__)

_ZIP: Final = "application/zip"


@of_vpns.get("/<name>/config.zip")
@for_users
def config(kind: GroupKind, name: str) -> BaseResponse:
    """Send the member's config, which contains their secret."""
    try:
        with read_group(kind, name, GroupRole.MEMBER) as group_context:
            data = config_zip(
                group_context.session,
                vault(group_context.session),
                _own(group_context),
                server_of(context.settings()),
            )
    except UserError as error:
        return group_page(kind, name, status=409, problem=str(error))
    _record(group_context, "download config")
    return _file(data, CONFIG_NAME, _ZIP)


@of_appliances.post("/<name>/floppy")
@for_users
def disk(kind: GroupKind, name: str) -> BaseResponse:
    """Send the member's floppy disk image for the chosen type of machine, plain or zipped.

    By POST, because the appliance's password must not appear in URLs.
    """
    try:
        with read_group(kind, name, GroupRole.MEMBER) as group_context:
            image = floppy(
                group_context.session,
                vault(group_context.session),
                _own(group_context),
                server_of(context.settings()),
                kind=_machine_type(),
                password=field("password"),
            )
    except UserError as error:
        return group_page(kind, name, status=400, problem=str(error))
    _record(group_context, "download floppy")
    if field("as") == "zip":
        return _file(zipped({FLOPPY_NAME: image}, now()), "floppy.zip", _ZIP)
    return _file(image, FLOPPY_NAME, "application/octet-stream")


def _record(group_context: GroupContext, what: str) -> None:
    """Record that the member's secret has left the manager."""
    if request.method == "HEAD":
        return
    with UnitOfWork(context.whole_engine()) as work:
        note(work.session, Subject.of(group_context.group), group_context.me.name, what)
        work.commit()


def _own(group_context: GroupContext) -> Membership:
    assert group_context.own  # noqa: S101 - members have one
    return group_context.own


def _machine_type() -> MachineType:
    try:
        return MachineType(field("type"))
    except ValueError:
        raise UserError(f"choose one of {', '.join(MachineType)}") from None


def _file(data: bytes, name: str, media: str) -> Response:
    answer = Response(data, content_type=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
