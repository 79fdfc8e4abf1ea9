"""Endorsements, the place of a quotation, evidence, drafts saved as they are typed, and a tally kept by the database."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = ("pending", "published", "withheld", "merged", "withdrawn")
#: what stands beside the words of a comment changes as little as they do
KEPT = (
    "COALESCE(OLD.quote_start, -1) <> COALESCE(NEW.quote_start, -1)"
    " OR COALESCE(OLD.quote_end, -1) <> COALESCE(NEW.quote_end, -1)"
    " OR OLD.quote_prefix <> NEW.quote_prefix OR OLD.quote_suffix <> NEW.quote_suffix"
    " OR COALESCE(OLD.evidence_id, -1) <> COALESCE(NEW.evidence_id, -1)"
)
SENTENCE = "the words of a comment never change"

# SQLite knows triggers for each row only; PostgreSQL is given one for each statement, because a row of the tally that
# is updated a hundred thousand times in one transaction is slow to find there.
ON_SQLITE = {
    "insert": "AFTER INSERT ON comment FOR EACH ROW BEGIN {added} END",
    "update": "AFTER UPDATE OF state ON comment FOR EACH ROW WHEN OLD.state <> NEW.state BEGIN {removed} {added} END",
}
ON_POSTGRESQL = {
    "insert": ("AFTER INSERT ON comment REFERENCING NEW TABLE AS came", "came", ""),
    "update": (
        "AFTER UPDATE ON comment REFERENCING OLD TABLE AS went NEW TABLE AS came",
        "(SELECT came.consultation_id, came.clause_id, came.state FROM came JOIN went USING (id)"
        " WHERE came.state <> went.state) AS moved",
        "(SELECT went.consultation_id, went.clause_id, went.state FROM went JOIN came USING (id)"
        " WHERE came.state <> went.state) AS moved",
    ),
}


def _on_sqlite(row: str, step: str) -> str:
    columns, values = ", ".join(STATES), ", ".join(f"({step}({row}.state = '{state}'))" for state in STATES)
    sums = ", ".join(f"{state} = {state} + excluded.{state}" for state in STATES)
    return (
        f"INSERT INTO tally (consultation_id, place, {columns})"
        f" VALUES ({row}.consultation_id, COALESCE({row}.clause_id, 0), {values})"
        f" ON CONFLICT (consultation_id, place) DO UPDATE SET {sums};"
    )


def _on_postgresql(rows: str, step: str) -> str:
    columns = ", ".join(STATES)
    values = ", ".join(f"{step}count(*) FILTER (WHERE state = '{state}')" for state in STATES)
    sums = ", ".join(f"{state} = tally.{state} + excluded.{state}" for state in STATES)
    return (
        f"INSERT INTO tally (consultation_id, place, {columns})"
        f" SELECT consultation_id, COALESCE(clause_id, 0), {values} FROM {rows}"
        # always in the same order, so that two statements never wait for one another
        f" GROUP BY 1, 2 ORDER BY 1, 2 ON CONFLICT (consultation_id, place) DO UPDATE SET {sums};"
    )


def create_triggers() -> None:
    """Creates the rules of this migration on `comment`."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER keep_comment_anchor BEFORE UPDATE ON comment FOR EACH ROW WHEN {KEPT} "
            f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        )
        for event, words in ON_SQLITE.items():
            body = words.format(added=_on_sqlite("NEW", ""), removed=_on_sqlite("OLD", "-"))
            op.execute(f"CREATE TRIGGER count_comment_{event} {body}")
        return
    op.execute(
        f"CREATE FUNCTION keep_comment_anchor() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
        f"IF {KEPT} THEN RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN NEW; END $body$"
    )
    op.execute(
        "CREATE TRIGGER keep_comment_anchor BEFORE UPDATE ON comment FOR EACH ROW EXECUTE FUNCTION keep_comment_anchor()"
    )
    for event, (words, came, went) in ON_POSTGRESQL.items():
        body = (_on_postgresql(went, "-") if went else "") + _on_postgresql(came, "")
        op.execute(
            f"CREATE FUNCTION count_comment_{event}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
            f"{body} RETURN NULL; END $body$"
        )
        op.execute(
            f"CREATE TRIGGER count_comment_{event} {words} FOR EACH STATEMENT EXECUTE FUNCTION count_comment_{event}()"
        )


def upgrade() -> None:
    # plain ADD COLUMN also on SQLite: a rebuilt table would lose its triggers
    for table in ("basket_item", "comment"):
        op.add_column(table, sa.Column("quote_prefix", sa.String(length=500), nullable=False, server_default=""))
        op.add_column(table, sa.Column("quote_suffix", sa.String(length=500), nullable=False, server_default=""))
        op.add_column(table, sa.Column("quote_start", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("quote_end", sa.Integer(), nullable=True))
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN evidence_id INTEGER"
            f" CONSTRAINT fk_{table}_evidence_id REFERENCES attachment (id)"
        )
    op.add_column("basket_item", sa.Column("key", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("basket_item", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE basket_item SET key = 'item-' || id")
    with op.batch_alter_table("basket_item") as batch:
        batch.create_unique_constraint(op.f("uq_basket_item_basket_id_key"), ["basket_id", "key"])
    op.add_column("comment", sa.Column("concurrence", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_comment_public", table_name="comment")
    op.create_index("ix_comment_newest", "comment", ["consultation_id", "state", "clause_id", "number"])
    op.create_index(
        "ix_comment_concurring", "comment", ["consultation_id", "state", "clause_id", "concurrence", "number"]
    )
    op.create_table(
        "endorsement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("visitor_trace", sa.String(length=64), nullable=False),
        sa.Column("network_trace", sa.String(length=64), nullable=False),
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_endorsement_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
        sa.UniqueConstraint("comment_id", "visitor_trace", name=op.f("uq_endorsement_comment_id_visitor_trace")),
    )
    op.create_index("ix_endorsement_visitor", "endorsement", ["visitor_trace", "endorsed_at"])
    op.create_index("ix_endorsement_network", "endorsement", ["network_trace", "endorsed_at"])
    op.create_table(
        "tally",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(state, sa.Integer(), nullable=False) for state in STATES),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_tally_consultation_id")),
        sa.PrimaryKeyConstraint("consultation_id", "place", name=op.f("pk_tally")),
    )
    counts = ", ".join(f"SUM(CASE WHEN state = '{state}' THEN 1 ELSE 0 END)" for state in STATES)
    op.execute(
        f"INSERT INTO tally (consultation_id, place, {', '.join(STATES)})"
        f" SELECT consultation_id, COALESCE(clause_id, 0), {counts} FROM comment GROUP BY 1, 2"
    )
    create_triggers()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("keep_comment_anchor", "count_comment_insert", "count_comment_update"):
        op.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else " ON comment"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("tally")
    op.drop_table("endorsement")
    op.drop_index("ix_comment_concurring", table_name="comment")
    op.drop_index("ix_comment_newest", table_name="comment")
    op.create_index("ix_comment_public", "comment", ["consultation_id", "state", "clause_id"])
    op.drop_column("comment", "concurrence")
    added = ("evidence_id", "quote_end", "quote_start", "quote_suffix", "quote_prefix")
    for name in added:
        op.drop_column("comment", name)
    with op.batch_alter_table("basket_item") as batch:
        batch.drop_constraint(op.f("uq_basket_item_basket_id_key"), type_="unique")
        for name in ("revision", "key", *added):
            batch.drop_column(name)
