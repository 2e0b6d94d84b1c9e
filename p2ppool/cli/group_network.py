"""The virtual network of a group, as options."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from p2ppool.groups.networks import NetworkSpec
    from p2ppool.store.models import GroupNetwork, Pool

_ODD: Final = re.compile(r"[^A-Za-z0-9_.-]")

PoolName = Annotated[str | None, typer.Option("--pool", metavar="NAME", help="The pool that carries it.")]
Namespace = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Without a pool: the namespace of the overlay.")
]
Meeting = Annotated[
    list[str] | None,
    typer.Option("--ta", metavar="ADDRESS", help="Without a pool: where its nodes may be met; repeat it."),
]
IpNamespace = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Name of the virtual network (the group's).")
]
IpBase = Annotated[
    str | None, typer.Option(metavar="IP", help="First address of the virtual network (5.0.0.0).")
]
Netmask = Annotated[str | None, typer.Option(metavar="IP", help="Its netmask (255.0.0.0).")]
Secure = Annotated[
    bool | None, typer.Option("--secure/--open", help="Whether members have certificates, and talk secured.")
]
Approval = Annotated[
    bool | None,
    typer.Option("--approval/--no-approval", help="Whether an admin has to allow each certificate."),
]
Digest = Annotated[
    str | None, typer.Option(metavar="NAME", help="What is signed: sha256, or sha1 for clients of 2009.")
]


def like(name: str) -> str:
    """The IP namespace that a group of that name gets where none is chosen."""
    return _ODD.sub("_", name)


def chosen_of(
    ip_namespace: str | None, ip_base: str | None, netmask: str | None, **others: Any
) -> dict[str, Any]:
    """What the options say of the virtual network; nothing of those that were left out."""
    given = {"ip_namespace": ip_namespace, "ip_base": ip_base, "netmask": netmask} | others
    return {field: value for field, value in given.items() if value is not None}


def spec_of(
    session: "Session",
    given: Mapping[str, Any],
    pool: str | None,
    namespace: str | None,
    meeting: list[str] | None,
) -> "NetworkSpec":
    """The network that the options describe.

    Raises:
        UserError: there is no such pool, or an address can't be used.
    """
    from p2ppool.groups.networks import NetworkSpec
    from p2ppool.groupvpn.network import VirtualNetwork

    carrier = _pool(session, pool)
    if carrier and (namespace or meeting):
        raise typer.BadParameter("either --pool, or --namespace with --ta")
    rest = dict(given)
    places = {"base": rest.pop("ip_base", None), "netmask": rest.pop("netmask", None)}
    addresses = VirtualNetwork(
        rest.pop("ip_namespace"), **{field: value for field, value in places.items() if value is not None}
    )
    if "digest" in rest:
        rest["digest"] = _digest(rest["digest"])
    return NetworkSpec(addresses, carrier, namespace or "", tuple(meeting or ()), **rest)


def edited_spec(
    session: "Session",
    now: "GroupNetwork",
    chosen: Mapping[str, Any],
    pool: str | None,
    namespace: str | None,
    meeting: list[str] | None,
) -> "NetworkSpec":
    """The network as it is now, but for what the options say.

    Raises:
        UserError: there is no such pool, or an address can't be used.
    """
    fields = ("ip_namespace", "ip_base", "netmask", "secure", "approval", "digest")
    given = {field: getattr(now, field) for field in fields} | dict(chosen)
    if pool is None and namespace is None and not meeting:
        pool = now.pool.name if now.pool else None
    if pool is None:
        namespace, meeting = namespace or now.namespace, meeting or list(now.addresses)
    return spec_of(session, given, pool, namespace, meeting)


def _pool(session: "Session", name: str | None) -> "Pool | None":
    from p2ppool.pools.register import the_pool

    return the_pool(session, name) if name else None


def _digest(name: str) -> Any:
    from p2ppool.groupvpn.certificate import Digest as Known

    if name not in set(Known):
        raise typer.BadParameter(f"--digest: one of {', '.join(Known)}")
    return Known(name)
