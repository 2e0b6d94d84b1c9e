"""The audit becomes a chain: each entry carries the digest of the one before.

Entries of before get their places in the order of their ids. A release before this one that still runs writes
entries without a place, which `p2ppool audit verify` tells.
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_FIRST = "0" * 64
_LINES = sa.table(
    "audit_log",
    sa.column("id", sa.Integer),
    sa.column("at", UtcDateTime),
    sa.column("who", sa.String),
    sa.column("what", sa.String),
    sa.column("subject_kind", sa.String),
    sa.column("subject", sa.String),
    sa.column("details", sa.JSON),
    sa.column("number", sa.BigInteger),
    sa.column("digest", sa.String),
)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("audit_log", sa.Column("number", sa.BigInteger))
    op.add_column("audit_log", sa.Column("digest", sa.String(64)))
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    number, digest = _link()
    op.execute(head.insert().values(id=1, number=number, digest=digest))
    with op.batch_alter_table("audit_log") as table:  # SQLite copies it; nothing refers to it
        table.create_unique_constraint("uq_audit_log_number", ["number"])


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")


def _link() -> tuple[int, str]:
    """Give every entry its place, and return the number and digest of the last."""
    bind, number, digest = op.get_bind(), 0, _FIRST
    for line in bind.execute(sa.select(_LINES).order_by(_LINES.c.id)).all():
        number += 1
        content = [
            digest,
            number,
            line.at.astimezone(UTC).isoformat(timespec="microseconds"),
            *(line.who, line.what, line.subject_kind, line.subject, line.details),
        ]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        place = _LINES.update().where(_LINES.c.id == line.id)
        bind.execute(place.values(number=number, digest=digest))
    return number, digest
