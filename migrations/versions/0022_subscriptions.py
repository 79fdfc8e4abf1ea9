"""Who asked to be told by mail, and letters that can be left with one press."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_sealed", sa.Text(), nullable=False),
        sa.Column("address_trace", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=True),
        sa.Column("bureau_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_subscription_consultation_id")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_subscription_bureau_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("address_trace", "topic", name=op.f("uq_subscription_address_trace_topic")),
    )
    op.create_index(op.f("ix_subscription_topic"), "subscription", ["topic"])
    op.create_index(op.f("ix_subscription_asked_at"), "subscription", ["asked_at"])
    op.add_column("outgoing_email", sa.Column("subscription_id", sa.Integer(), nullable=True))
    op.add_column("outgoing_email", sa.Column("leave_sealed", sa.Text(), nullable=False, server_default=""))
    op.create_index(op.f("ix_outgoing_email_subscription_id"), "outgoing_email", ["subscription_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_outgoing_email_subscription_id"), "outgoing_email")
    op.drop_column("outgoing_email", "leave_sealed")
    op.drop_column("outgoing_email", "subscription_id")
    op.drop_table("subscription")
