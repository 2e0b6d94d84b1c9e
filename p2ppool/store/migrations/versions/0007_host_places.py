"""places: where on earth a host is, as a manager said.

Every column may be left out by the release before this one: none is without a default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("hosts", sa.Column("latitude", sa.Double(), nullable=True))
    op.add_column("hosts", sa.Column("longitude", sa.Double(), nullable=True))
    op.add_column("hosts", sa.Column("place_label", sa.Text(), nullable=True))


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
