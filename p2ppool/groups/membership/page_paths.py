"""Where the pages of groups are."""

from typing import Final
from urllib.parse import quote

from p2ppool.store.models import Group, GroupKind

ROOTS: Final = {GroupKind.VPN: "/groups", GroupKind.APPLIANCE: "/appliances"}
CALLED: Final = {GroupKind.VPN: "GroupVPN", GroupKind.APPLIANCE: "GroupAppliance"}


def path_of(group: Group, leaf: str = "") -> str:
    """The path of a page of the group; `leaf` begins with a slash."""
    return path_under(group.kind, group.name, leaf)


def path_under(kind: GroupKind, name: str, leaf: str = "") -> str:
    """The same by kind and name, also for a group that is gone. Names may have spaces and `@`."""
    return f"{ROOTS[kind]}/{quote(name, safe='')}{leaf}"
