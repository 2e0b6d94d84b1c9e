"""Puts the pages of groups on the server."""

from flask import Blueprint, Flask

from dashboards.groups import (
    deciding,
    downloads,
    editing,
    group_page,
    joining,
    listing,
    log_page,
    making,
    requests_page,
    signing,
    terms_page,
)
from p2ppool.groups.addresses import ROOTS
from p2ppool.store.models import GroupKind

_OF_BOTH = (
    listing.pages,
    making.pages,
    group_page.pages,
    joining.pages,
    deciding.pages,
    editing.pages,
    log_page.pages,
    terms_page.pages,
)
_OF_ONE = {
    GroupKind.VPN: (signing.of_vpns, joining.of_vpns, editing.of_vpns, downloads.of_vpns),
    GroupKind.APPLIANCE: (downloads.of_appliances,),
}


def put_groups_on(server: Flask) -> None:
    """Each view once for each kind of group that has it."""
    for kind in GroupKind:
        for pages in (*_OF_BOTH, *_OF_ONE[kind]):
            _put_on(server, pages, kind)
    server.register_blueprint(requests_page.pages)


def _put_on(server: Flask, pages: Blueprint, kind: GroupKind) -> None:
    server.register_blueprint(
        pages, name=f"{kind}_{pages.name}", url_prefix=ROOTS[kind], url_defaults={"kind": kind}
    )
