"""The forms for creating and editing a group: their initial values, and reading what was typed."""

from typing import Any, Final

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from dashboards.sign_in.forms.confirm_deletion import agreement
from dashboards.sign_in.forms.rendering import field
from dashboards.web.access import may, visitor
from p2ppool.actions.permissions.table import Act
from p2ppool.errors import UserError
from p2ppool.groups.definition import networks
from p2ppool.groups.definition.networks import NetworkSpec
from p2ppool.groups.definition.registry import About
from p2ppool.groupvpn.certificate import Digest
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.records.pools import get_pool, no_such_pool
from p2ppool.store.models import Group, Pool

_FROM_POOL: Final = "pool"
_LONGEST: Final = 20_000  # characters of a value that is shown again


def typed() -> dict[str, str]:
    """Return all fields as they were sent, to show them again."""
    return {name: value[:_LONGEST] for name, value in request.form.items()}


def new_values(session: Session) -> dict[str, str]:
    """Return the initial values for a new group: the defaults of the original, and the default pool."""
    names = pool_names(session)
    default = session.scalar(select(Pool.name).where(Pool.is_default))
    return {
        "carrier": _FROM_POOL if names else "own",
        "pool": default if default in names else "",
        "ip_base": VirtualNetwork("x").base,
        "netmask": VirtualNetwork("x").netmask,
        "secure": "yes",
        "digest": Digest.SHA256,
    }


def values_of(group: Group) -> dict[str, str]:
    """Return the form's values for an existing group."""
    about = {"description": group.description, "terms": group.terms, "detailed": _tick(group.detailed)}
    network = group.network
    if network is None:
        return about
    return about | {
        "carrier": "own" if network.pool is None else _FROM_POOL,
        "pool": network.pool.name if network.pool and not is_hidden(network.pool) else "",
        "has_hidden_pool": _tick(network.pool is not None and is_hidden(network.pool)),
        "namespace": network.namespace,
        "meeting": "\n".join(network.addresses),
        "ip_namespace": network.ip_namespace,
        "ip_base": network.ip_base,
        "netmask": network.netmask,
        "secure": _tick(network.secure),
        "secure_edges": _tick(network.secure_edges),
        "approval": _tick(network.approval),
        "digest": network.digest,
    }


def choices(session: Session) -> dict[str, Any]:
    """Return the choices that the form offers."""
    return {"pools": pool_names(session)}


def pool_names(session: Session) -> list[str]:
    """Return the names of the pools that can carry a group, as far as the visitor may see them."""
    return [name for name in session.scalars(select(Pool.name).order_by(Pool.name)) if may(Act.LOOK, name)]


def is_hidden(pool: Pool) -> bool:
    """Tell whether the visitor may not see the pool, although it carries a group of theirs."""
    return visitor().rights.on(pool.name) is None


def about() -> About:
    """Return what was typed about the group."""
    return About(_text("description"), _text("terms"), detailed=bool(field("detailed")))


def network(session: Session, present: Pool | None = None) -> NetworkSpec:
    """Return what was typed about the group's network, which the pool `present` carries so far.

    Raises:
        UserError: something can't be used.
    """
    addresses = VirtualNetwork(*(field(name).strip() for name in ("ip_namespace", "ip_base", "netmask")))
    return NetworkSpec(
        addresses,
        pool=_carrier(session, present) if field("carrier") == _FROM_POOL else None,
        namespace=field("namespace").strip(),
        meeting=tuple(field("meeting").split()),
        secure=bool(field("secure")),
        secure_edges=bool(field("secure_edges")),
        approval=bool(field("approval")),
        digest=_digest(),
    )


def _carrier(session: Session, present: Pool | None) -> Pool:
    """Return the chosen pool; without a name the present one, whose name the visitor may not see."""
    name = field("pool")
    if present is not None and not name and is_hidden(present):
        return present
    if not may(Act.LOOK, name):
        raise UserError(no_such_pool(name))
    return get_pool(session, name)


def unconfirmed_overlaps(session: Session, spec: NetworkSpec, but: Group | None = None) -> list[str]:
    """Return the groups whose networks overlap, unless the visitor has seen and confirmed exactly these.

    An existing group's current overlaps were confirmed before and do not count.
    """
    known = networks.overlapping(session, networks.spec_of(but.network), but) if but and but.network else []
    names = [name for name in networks.overlapping(session, spec, but) if name not in known]
    return [] if field("overlaps") == agreement(names) else names


def _text(name: str) -> str:
    # Browsers change line ends: unchanged terms must not become a new version.
    return field(name).replace("\r\n", "\n").strip()


def _digest() -> Digest:
    try:
        return Digest(field("digest") or Digest.SHA256)
    except ValueError:
        raise UserError("the digest is sha1 or sha256") from None


def _tick(is_on: bool) -> str:  # noqa: FBT001 - what it ticks
    return "yes" if is_on else ""
