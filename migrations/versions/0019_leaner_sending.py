"""Sending writes to fewer indexes: two that others cover are gone, two hold only the comments they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_basket_consultation_id", "basket")
    op.drop_index("ix_basket_item_basket_id", "basket_item")
    op.drop_index("ix_comment_campaign", "comment")
    op.drop_index("ix_comment_response_id", "comment")
    for name, columns, condition in (
        ("ix_comment_campaign", ["campaign_id", "state", "number"], "campaign_id IS NOT NULL"),
        ("ix_comment_response_id", ["response_id"], "response_id IS NOT NULL"),
    ):
        op.create_index(name, "comment", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def downgrade() -> None:
    op.drop_index("ix_comment_response_id", "comment")
    op.drop_index("ix_comment_campaign", "comment")
    op.create_index("ix_comment_response_id", "comment", ["response_id"])
    op.create_index("ix_comment_campaign", "comment", ["campaign_id", "state", "number"])
    op.create_index("ix_basket_item_basket_id", "basket_item", ["basket_id"])
    op.create_index("ix_basket_consultation_id", "basket", ["consultation_id"])
