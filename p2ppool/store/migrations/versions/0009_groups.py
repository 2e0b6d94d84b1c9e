"""groups of users: networks, memberships, certificates, revocations."""

import sqlalchemy as sa
from alembic import op

from p2ppool.store.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    _make_groups()
    _make_networks()
    _make_memberships()
    _make_revocations()
    _make_certificates()


def _make_groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Integer(), nullable=False),
        sa.Column("detailed", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        _points("groups", "parent_id", "groups"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("kind", "name", name="uq_groups_kind_name"),
    )
    op.create_index("ix_groups_parent_id", "groups", ["parent_id"])


def _make_networks() -> None:
    op.create_table(
        "group_networks",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("namespace", sa.String(length=64), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("ip_namespace", sa.String(length=64), nullable=False),
        sa.Column("ip_base", sa.String(length=15), nullable=False),
        sa.Column("netmask", sa.String(length=15), nullable=False),
        sa.Column("secure", sa.Boolean(), nullable=False),
        sa.Column("approval", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("authority", sa.LargeBinary(), nullable=True),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("revocations", sa.LargeBinary(), nullable=True),
        sa.Column("revocations_at", UtcDateTime(timezone=True), nullable=True),
        _points("group_networks", "group_id", "groups"),
        _points("group_networks", "pool_id", "pools", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("group_id", name="pk_group_networks"),
    )
    op.create_index("ix_group_networks_pool_id", "group_networks", ["pool_id"])


def _make_memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("terms_version", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        _points("memberships", "group_id", "groups"),
        _points("memberships", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.UniqueConstraint("group_id", "user_id", name="uq_memberships_group_id_user_id"),
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"])


def _make_revocations() -> None:
    op.create_table(
        "revocations",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        _points("revocations", "group_id", "groups"),
        sa.PrimaryKeyConstraint("group_id", "name", name="pk_revocations"),
    )


def _make_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        _points("certificates", "group_id", "groups"),
        _points("certificates", "membership_id", "memberships"),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
        sa.UniqueConstraint("group_id", "request_id", name="uq_certificates_group_id_request_id"),
    )
    op.create_index("ix_certificates_membership_id", "certificates", ["membership_id"])


def _points(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete
    )


def downgrade() -> None:
    """Refuse: history is never taken away; restore the copy made before the migration."""
    raise NotImplementedError("restore the copy of the database that was made before the migration")
