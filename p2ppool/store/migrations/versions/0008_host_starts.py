"""host starts: on which hosts a running action is at work, and at which step."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "work_under_way",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_work_under_way_ticket_id_tickets", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_work_under_way"),
    )


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
