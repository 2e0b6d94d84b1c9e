"""Puts the pages of groups on the server."""

from flask import Blueprint, Flask

from dashboards.groups import (
    certificates,
    create_page,
    decisions,
    downloads,
    edit_page,
    group_page,
    join_page,
    list_page,
    log_page,
    requests_page,
    terms_page,
)
from p2ppool.groups.membership.page_paths import ROOTS
from p2ppool.store.models import GroupKind

_OF_BOTH = (
    list_page.pages,
    create_page.pages,
    group_page.pages,
    join_page.pages,
    decisions.pages,
    edit_page.pages,
    log_page.pages,
    terms_page.pages,
)
_OF_ONE = {
    GroupKind.VPN: (certificates.of_vpns, join_page.of_vpns, edit_page.of_vpns, downloads.of_vpns),
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
