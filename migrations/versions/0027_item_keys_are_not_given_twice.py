"""The key of a comment in a basket is never given twice: a page that stayed open would change or remove another one."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def _made_anew(is_counted: bool) -> None:
    # PostgreSQL's sequences never go back
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("basket_item", recreate="always", table_kwargs={"sqlite_autoincrement": is_counted}):
            pass


def upgrade() -> None:
    _made_anew(True)


def downgrade() -> None:
    _made_anew(False)
