"""what a line of the audit is about: its kind becomes a column, and leaves the text.

A release before this one that still runs writes lines without a kind: they count as a pool's, and keep
their text.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KINDS = (("user", "user: "), ("vpn", "vpn group: "), ("appliance", "appliance group: "))


def upgrade() -> None:
    """Bring the schema to this revision."""
    with op.batch_alter_table("audit_log") as table:  # SQLite copies it; nothing refers to it
        table.add_column(sa.Column("subject_kind", sa.String(16), nullable=False, server_default="pool"))
    lines = sa.table("audit_log", sa.column("what", sa.String), sa.column("subject_kind", sa.String))
    for kind, prefix in _KINDS:
        op.execute(
            lines.update()
            .where(lines.c.what.startswith(prefix, autoescape=True))
            .values(subject_kind=kind, what=sa.func.substr(lines.c.what, len(prefix) + 1))
        )
    op.create_index("ix_audit_log_subject_kind_subject_id", "audit_log", ["subject_kind", "subject", "id"])


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
