"""The locations of hosts, as entered by a manager, for the map."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError, one_line
from p2ppool.places.place import LABEL_LIMIT, format_coordinates, parse_coordinates
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import Host, HostState, Pool


def set_place(
    session: Session, pool: Pool, host_name: str, coordinates: str, *, label: str = "", who: str
) -> dict[str, Any]:
    """Record the location of the hosts with that name or address, and return it. The caller commits.

    Args:
        session: the caller's session.
        pool: the pool of the hosts.
        host_name: name or IP address.
        coordinates: degrees north and east, such as "48.14,11.58".
        label: the name of the place; if empty, the formatted coordinates.
        who: the user, for the audit.

    Raises:
        UserError: no such host, or invalid coordinates or label.
    """
    latitude, longitude = parse_coordinates(coordinates)
    text = one_line(label, LABEL_LIMIT + 1)
    if len(text) > LABEL_LIMIT:
        raise UserError(f"the label is longer than {LABEL_LIMIT} characters: give a shorter one")
    place = {
        "latitude": latitude,
        "longitude": longitude,
        "label": text or format_coordinates(latitude, longitude),
    }
    _note(session, pool, host_name, place, who)
    return place


def forget_place(session: Session, pool: Pool, host_name: str, who: str) -> None:
    """Delete the location of the hosts with that name or address; the caller commits.

    Raises:
        UserError: no such host.
    """
    _note(session, pool, host_name, {"latitude": None, "longitude": None, "label": None}, who)


def _note(session: Session, pool: Pool, host_name: str, place: dict[str, Any], who: str) -> None:
    for host in _hosts(session, pool, host_name):
        host.latitude, host.longitude, host.place_label = place.values()
    audit.note(session, Subject.of(pool), who, "place host", {"host": host_name, **place})


def _hosts(session: Session, pool: Pool, name: str) -> Sequence[Host]:
    query = select(Host).where(Host.pool_id == pool.id, (Host.name == name) | (Host.address == name))
    found = session.scalars(query.where(Host.state.not_in([HostState.GONE, HostState.JUMP]))).all()
    if not found:
        raise UserError(f"pool {pool.name} has no host {one_line(name, 60)!r}: see `p2ppool hosts`")
    return found
