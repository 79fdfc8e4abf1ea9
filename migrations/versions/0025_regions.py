"""Where a respondent says to be from: a list each bureau keeps, and what was chosen from it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

#: the digest of a receipt covers it, so it is kept as who spoke is
NAME, TABLE, TEST, SENTENCE = (
    "respondent_region",
    "respondent",
    "OLD.region <> NEW.region",
    "who spoke never changes",
)


def columns() -> list[tuple[str, sa.Column]]:
    return [
        ("bureau", sa.Column("regions", sa.JSON(), nullable=False, server_default="[]")),
        ("respondent", sa.Column("region", sa.String(length=64), nullable=False, server_default="")),
        ("registration", sa.Column("region", sa.String(length=64), nullable=False, server_default="")),
    ]


def upgrade() -> None:
    for table, column in columns():
        # plain ADD COLUMN also on SQLite: a rebuilt table would lose its triggers
        op.add_column(table, column)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER keep_{NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN {TEST} "
            f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION keep_{NAME}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
        f"IF {TEST} THEN RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN NEW; END $body$"
    )
    op.execute(f"CREATE TRIGGER keep_{NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION keep_{NAME}()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER keep_{NAME}")
    else:
        op.execute(f"DROP TRIGGER keep_{NAME} ON {TABLE}")
        op.execute(f"DROP FUNCTION keep_{NAME}()")
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
