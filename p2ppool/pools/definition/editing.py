"""Changes that touch no host: description, role, limits, and the login to hosts."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.keys.keyring import find_key
from p2ppool.pools.definition.spec import validated
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Pool, SshKey
from p2ppool.store.unit_of_work import UnitOfWork


class PoolEdit(BaseModel):
    """The fields to change; empty ones stay as they are."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    description: str | None = Field(None, max_length=2000, description="What the pool is for")
    is_default: bool | None = Field(None, description="The pool that groups and pages begin with")
    is_test: bool | None = Field(None, description="A test pool is left out of scheduled checks")
    failure_limit: int | None = Field(
        None, ge=0, le=100, description="Percent of the hosts that an upgrade may fail on"
    )
    ssh_user: str | None = Field(
        None, pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,31}$", description="User to log in as on every host"
    )
    ssh_key: str | None = Field(None, description="Name of an added SSH key")


def read_edit(**fields: object) -> PoolEdit:
    """Build the edit from these fields.

    Raises:
        UserError: for the first invalid field; or if no field is given.
    """
    found = validated(PoolEdit, fields)
    if not found.model_fields_set:
        raise UserError("nothing to change was given: see `p2ppool pool edit --help`")
    return found


def edit(work: UnitOfWork, pool: Pool, wanted: PoolEdit, who: str) -> dict[str, Any]:
    """Change the pool and record who did; return the changed fields, each as [before, after].

    The caller commits.

    Raises:
        UserError: an unknown key.
    """
    if wanted.is_default:
        one_at_a_time(work.session, "default pool")
    work.session.refresh(pool, with_for_update=True)
    key = None if wanted.ssh_key is None else find_key(work, wanted.ssh_key)
    fields = wanted.model_dump(exclude_none=True)
    changes = audit.differences(_now(work.session, pool), fields)
    if fields.get("is_default"):
        work.session.execute(update(Pool).where(Pool.id != pool.id).values(is_default=False))
    for field in changes.keys() - {"ssh_key"}:
        setattr(pool, field, fields[field])
    if key is not None:
        pool.ssh_key_id = key.id
    if changes:
        audit.note(work.session, Subject.of(pool), who, "edit", changes)
    return changes


def _now(session: Session, pool: Pool) -> dict[str, Any]:
    fields = {field: getattr(pool, field) for field in PoolEdit.model_fields if field != "ssh_key"}
    key = session.scalars(select(SshKey.name).where(SshKey.id == pool.ssh_key_id)).one()
    return {**fields, "ssh_key": key}
