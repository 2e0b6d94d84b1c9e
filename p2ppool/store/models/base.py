"""The common base of all tables."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Enum, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from p2ppool.store.states import (
    CertificateState,
    GroupKind,
    HostState,
    LinkKind,
    MemberState,
    PoolRole,
    PoolState,
    Role,
    SubjectKind,
    TicketState,
)
from p2ppool.store.types import UtcDateTime

# Without names of our own, Alembic could not drop a constraint on every database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _by_value(kind: type[StrEnum]) -> Enum:
    """Build a column of short text, so that a later release can add a value without changing the table."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


_STATES = (
    PoolState,
    HostState,
    TicketState,
    Role,
    PoolRole,
    LinkKind,
    GroupKind,
    MemberState,
    CertificateState,
    SubjectKind,
)


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        str: Text,
        **{kind: _by_value(kind) for kind in _STATES},
    }
