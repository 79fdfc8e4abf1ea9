"""A basket takes what is in it along when it goes: sending deletes one row instead of asking twice."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NAME = "fk_basket_item_basket_id"


def _key(ondelete: str | None) -> None:
    with op.batch_alter_table("basket_item") as batch:
        batch.drop_constraint(NAME, type_="foreignkey")
        batch.create_foreign_key(NAME, "basket", ["basket_id"], ["id"], ondelete=ondelete)


def upgrade() -> None:
    _key("CASCADE")


def downgrade() -> None:
    _key(None)
