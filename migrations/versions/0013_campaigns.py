"""Campaigns: near-identical comments of one consultation, and what people decided about them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("representative_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("is_short", sa.Boolean(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("first_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grouped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_campaign_consultation_id")),
        sa.ForeignKeyConstraint(["representative_id"], ["comment.id"], name=op.f("fk_campaign_representative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index("ix_campaign_largest", "campaign", ["consultation_id", "submissions"])
    op.create_table(
        "campaign_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_campaign_decision_consultation_id")
        ),
        sa.ForeignKeyConstraint(["one_id"], ["comment.id"], name=op.f("fk_campaign_decision_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["comment.id"], name=op.f("fk_campaign_decision_other_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_campaign_decision_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_decision")),
    )
    op.create_index(op.f("ix_campaign_decision_consultation_id"), "campaign_decision", ["consultation_id"])
    # A plain column: adding one with a foreign key would rebuild the table on SQLite.
    op.add_column("comment", sa.Column("campaign_id", sa.Integer(), nullable=True))
    op.create_index("ix_comment_campaign", "comment", ["campaign_id", "state", "number"])


def downgrade() -> None:
    op.drop_index("ix_comment_campaign", "comment")
    op.drop_column("comment", "campaign_id")
    op.drop_table("campaign_decision")
    op.drop_table("campaign")
