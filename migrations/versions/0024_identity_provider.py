"""Whose subject at the bureau's identity provider an account is, and which signings in came from there."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("bound_by_id", sa.Integer(), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id")),
        sa.ForeignKeyConstraint(["bound_by_id"], ["account.id"], name=op.f("fk_account_identity_bound_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_account_identity_issuer_subject")),
        sa.UniqueConstraint("account_id", "issuer", name=op.f("uq_account_identity_account_id_issuer")),
    )
    op.add_column("sign_in", sa.Column("is_by_provider", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("sign_in", sa.Column("is_factor_vouched", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("sign_in", "is_factor_vouched")
    op.drop_column("sign_in", "is_by_provider")
    op.drop_table("account_identity")
