"""Registers the pages of groups with the server."""

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


def register_groups(server: Flask) -> None:
    """Register each view once for every kind of group that has it."""
    for kind in GroupKind:
        for pages in (*_OF_BOTH, *_OF_ONE[kind]):
            _register(server, pages, kind)
    server.register_blueprint(requests_page.pages)


def _register(server: Flask, pages: Blueprint, kind: GroupKind) -> None:
    server.register_blueprint(
        pages, name=f"{kind}_{pages.name}", url_prefix=ROOTS[kind], url_defaults={"kind": kind}
    )
