"""What the machine read, what the officer corrected, and the targets found, each kept beside the clauses."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = ("read_nodes", "corrections", "targets")


def upgrade() -> None:
    # plain ADD COLUMN also on SQLite: a rebuilt table would lose its triggers
    for name in COLUMNS:
        op.add_column("draft_version", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("draft_version", name)
