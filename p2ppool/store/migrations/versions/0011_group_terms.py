"""each version of groups' terms, and which group a line of the audit log is about.

Of earlier versions only the numbers are known: their texts were not kept. Since when a group's text has been
there, is known of a first version alone.
"""

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _keep_terms()
    _tell_groups_apart()


def _keep_terms() -> None:
    op.create_table(
        "group_terms",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name="fk_group_terms_group_id_groups", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "version", name="pk_group_terms"),
    )
    op.execute(
        "INSERT INTO group_terms (group_id, version, text, since) "
        "SELECT id, terms_version, terms, CASE WHEN terms_version = 1 THEN created_at END FROM groups"
    )


def _tell_groups_apart() -> None:
    with op.batch_alter_table("audit_log") as table:  # SQLite copies it; nothing refers to it
        table.add_column(sa.Column("group_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_audit_log_group_id_groups", "groups", ["group_id"], ["id"], ondelete="SET NULL"
        )
    op.execute(
        "UPDATE audit_log SET group_id = (SELECT groups.id FROM groups WHERE groups.name = audit_log.subject "
        "AND audit_log.what LIKE groups.kind || ' group: %' AND audit_log.at >= groups.created_at) "
        "WHERE what LIKE '% group: %'"
    )
    op.create_index("ix_audit_log_group_id_id", "audit_log", ["group_id", "id"])


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
