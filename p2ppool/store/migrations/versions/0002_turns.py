"""turns: the order of the queue, the lease, the fence, and who made way for whom.

Every column may be left out by the release before this one: none is without a default.
"""

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("pools", sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
    for column in (
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False, server_default="1970-01-01 00:00:00"),
        sa.Column("fence", sa.Integer(), nullable=True),
        sa.Column("holder", sa.String(length=128), nullable=True),
        sa.Column("beat", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("cancel", sa.Text(), nullable=True),
        sa.Column("preempted_by", sa.Integer(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("retry_of", sa.Integer(), nullable=True),
        # Prefect was told by the flow itself how older runs ended.
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.true()),
    ):
        op.add_column("tickets", column)
    op.execute("UPDATE tickets SET due_at = requested_at")
    op.create_index("ix_tickets_state_pool_id", "tickets", ["state", "pool_id"])
    op.create_index("ix_tickets_pool_id_ended_at", "tickets", ["pool_id", "ended_at"])
    op.create_index("ix_tickets_told", "tickets", ["told"])


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
