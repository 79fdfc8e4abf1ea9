"""What became of each clause in the next version of a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft_version", sa.Column("change_note", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "lineage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("old_version_id", sa.Integer(), nullable=False),
        sa.Column("new_version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("old_labels", sa.JSON(), nullable=False),
        sa.Column("new_labels", sa.JSON(), nullable=False),
        sa.Column("is_proposed", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["old_version_id"], ["draft_version.id"], name=op.f("fk_lineage_old_version_id")),
        sa.ForeignKeyConstraint(["new_version_id"], ["draft_version.id"], name=op.f("fk_lineage_new_version_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["account.id"], name=op.f("fk_lineage_confirmed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage")),
    )
    op.create_index(op.f("ix_lineage_new_version_id"), "lineage", ["new_version_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_lineage_new_version_id"), table_name="lineage")
    op.drop_table("lineage")
    op.drop_column("draft_version", "change_note")
