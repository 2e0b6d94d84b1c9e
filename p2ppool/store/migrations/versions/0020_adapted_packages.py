"""Pools say whether their package is adapted. Those of earlier releases let it be, as new ones do."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("pools", sa.Column("adapt_package", sa.Boolean, nullable=False, server_default=sa.true()))


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
