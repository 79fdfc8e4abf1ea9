"""The distinct texts of campaigns, what finds them, and how far grouping has come."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WRITTEN = sa.text("text_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "distinct_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("is_centre", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_distinct_text_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distinct_text")),
    )
    op.create_index("ix_distinct_text_digest", "distinct_text", ["consultation_id", "digest"])
    op.create_index("ix_distinct_text_most_frequent", "distinct_text", ["campaign_id", "comments", "id"])
    op.create_table(
        "text_band",
        sa.Column("consultation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "key", "text_id", name=op.f("pk_text_band")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "campaign_grouping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("whole_upto", sa.Integer(), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_campaign_grouping_consultation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_grouping")),
        sa.UniqueConstraint("consultation_id", name=op.f("uq_campaign_grouping_consultation_id")),
    )
    op.add_column("campaign", sa.Column("comments", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("campaign", sa.Column("came", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("comment", sa.Column("text_id", sa.Integer(), nullable=True))
    # only of those that have one: sending writes nothing here
    op.create_index("ix_comment_text", "comment", ["text_id"], sqlite_where=WRITTEN, postgresql_where=WRITTEN)


def downgrade() -> None:
    op.drop_index("ix_comment_text", "comment")
    op.drop_column("comment", "text_id")
    op.drop_column("campaign", "came")
    op.drop_column("campaign", "comments")
    op.drop_table("campaign_grouping")
    op.drop_table("text_band")
    op.drop_table("distinct_text")
