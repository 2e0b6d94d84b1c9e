"""kept of Prefect: the schedules of pools, and the runs that were accepted and have not ended."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "pool_schedules",
        sa.Column("slug", sa.String(160), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("prefect_id", sa.String(36), nullable=False),
        sa.Column("deployment", sa.String(36), nullable=False),
        sa.Column("how", sa.JSON(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["pools.id"], name="fk_pool_schedules_pool_id_pools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name="pk_pool_schedules"),
    )
    op.create_index("ix_pool_schedules_pool_id", "pool_schedules", ["pool_id"])
    op.create_table(
        "accepted_runs",
        sa.Column("flow_run", sa.String(36), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("requester", sa.String(64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("process", sa.String(128), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("ended_as", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_accepted_runs_ticket_id_tickets", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("flow_run", name="pk_accepted_runs"),
    )
    op.create_index("ix_accepted_runs_ticket_id", "accepted_runs", ["ticket_id"])


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
