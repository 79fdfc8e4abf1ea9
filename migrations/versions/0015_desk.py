"""The moderation desk: what the queue is sifted and ordered by, with an exact tally kept by the database; claims,
questions to colleagues, proposals for a second person, acts on many, appeals decided, spans that are not personal."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEYS = "consultation_id, state, urgency, place, channel, kind, stance, flags"
VALUES = (
    "{row}consultation_id, {row}state, COALESCE({row}urgency, 9), COALESCE({row}clause_id, 0),"
    " COALESCE({row}channel, ''), COALESCE({row}respondent_kind, ''), {row}stance, {row}flags"
)
#: the columns whose change moves a comment from one row of the tally to another
MOVING = ("state", "urgency", "flags", "channel", "respondent_kind")

#: rows that are only added: table, sentence
ADDED_ONLY = {
    "cleared_span": "what was cleared is never rewritten",
    "appeal_decision": "a decision is never rewritten",
}


def _differs(one: str, other: str) -> str:
    return " OR ".join(
        f"COALESCE(CAST({one}.{name} AS TEXT), '') <> COALESCE(CAST({other}.{name} AS TEXT), '')" for name in MOVING
    )


def _on_sqlite(row: str, step: int) -> str:
    return (
        f"INSERT INTO desk_tally ({KEYS}, count) VALUES ({VALUES.format(row=row + '.')}, {step})"
        f" ON CONFLICT ({KEYS}) DO UPDATE SET count = count + excluded.count;"
    )


def _on_postgresql(rows: str, sign: str) -> str:
    return (
        f"INSERT INTO desk_tally ({KEYS}, count) SELECT {VALUES.format(row='r.')}, {sign}count(*) FROM {rows}"
        # always in the same order, so that two statements never wait for one another
        f" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
        f" ON CONFLICT ({KEYS}) DO UPDATE SET count = desk_tally.count + excluded.count;"
    )


def create_triggers() -> None:
    """Creates the rules of this migration."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER sift_comment_insert AFTER INSERT ON comment FOR EACH ROW BEGIN {_on_sqlite('NEW', 1)} END"
        )
        op.execute(
            f"CREATE TRIGGER sift_comment_update AFTER UPDATE OF {', '.join(MOVING)} ON comment FOR EACH ROW"
            f" WHEN {_differs('OLD', 'NEW')} BEGIN {_on_sqlite('OLD', -1)} {_on_sqlite('NEW', 1)} END"
        )
        for table, sentence in ADDED_ONLY.items():
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER keep_{table}_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW"
                    f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
                )
        return
    moved = f"{{0}} AS r JOIN {{1}} AS o USING (id) WHERE {_differs('r', 'o')}"
    bodies = {
        "insert": ("AFTER INSERT ON comment REFERENCING NEW TABLE AS came", _on_postgresql("came AS r", "")),
        "update": (
            "AFTER UPDATE ON comment REFERENCING OLD TABLE AS went NEW TABLE AS came",
            _on_postgresql(moved.format("went", "came"), "-") + _on_postgresql(moved.format("came", "went"), ""),
        ),
    }
    for event, (words, body) in bodies.items():
        op.execute(
            f"CREATE FUNCTION sift_comment_{event}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {body}"
            f" RETURN NULL; END $body$"
        )
        op.execute(
            f"CREATE TRIGGER sift_comment_{event} {words} FOR EACH STATEMENT EXECUTE FUNCTION sift_comment_{event}()"
        )
    for table, sentence in ADDED_ONLY.items():
        op.execute(
            f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN"
            f" RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $body$"
        )
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        )


def _partial(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    # plain numbers on `comment` and `moderation_decision`: a foreign key would rebuild the tables on SQLite
    op.add_column("comment", sa.Column("channel", sa.String(length=32), nullable=True))
    op.add_column("comment", sa.Column("respondent_kind", sa.String(length=32), nullable=True))
    op.add_column("comment", sa.Column("flags", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("comment", sa.Column("urgency", sa.Integer(), nullable=True))
    op.add_column("comment", sa.Column("assignee_id", sa.Integer(), nullable=True))
    op.add_column("comment", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE comment SET"
        " channel = (SELECT s.channel FROM submission s WHERE s.id = comment.submission_id),"
        " respondent_kind = (SELECT r.kind FROM submission s JOIN respondent r ON r.id = s.respondent_id"
        " WHERE s.id = comment.submission_id),"
        " urgency = CASE WHEN state = 'pending' THEN 3"
        " WHEN state = 'withheld' AND EXISTS (SELECT 1 FROM appeal a WHERE a.comment_id = comment.id) THEN 0 END"
    )
    sieve = ["clause_id", "channel", "respondent_kind", "stance", "flags"]
    _partial(
        "ix_comment_waiting",
        "comment",
        ["consultation_id", "urgency", "received_at", "id", *sieve],
        "urgency IS NOT NULL",
    )
    op.create_index("ix_comment_state", "comment", ["consultation_id", "state", "number", *sieve])
    _partial("ix_comment_assignee", "comment", ["assignee_id", "urgency"], "assignee_id IS NOT NULL")
    _partial("ix_comment_merged_into", "comment", ["merged_into_id"], "merged_into_id IS NOT NULL")
    for column in ("merged_into_id", "undoes_id", "bulk_act_id", "proposed_by_id"):
        op.add_column("moderation_decision", sa.Column(column, sa.Integer(), nullable=True))
    op.create_index("ix_moderation_decision_last", "moderation_decision", ["decided_by_id", "id"])
    _partial("ix_moderation_decision_bulk", "moderation_decision", ["bulk_act_id", "id"], "bulk_act_id IS NOT NULL")
    op.add_column(
        "withholding_reason", sa.Column("is_sealing", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("withholding_reason", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        f"UPDATE withholding_reason SET is_sealing = {'1' if _is_sqlite() else 'true'} WHERE code LIKE 'M%' OR code = 'P7'"
    )
    op.create_table(
        "desk_tally",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("urgency", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("stance", sa.String(length=64), nullable=False),
        sa.Column("flags", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        _reference("desk_tally", "consultation_id", "consultation"),
        sa.PrimaryKeyConstraint(*KEYS.split(", "), name=op.f("pk_desk_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "claim",
        sa.Column("comment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _reference("claim", "comment_id", "comment"),
        _reference("claim", "account_id", "account"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_claim")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("colleague_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _reference("assignment", "comment_id", "comment"),
        _reference("assignment", "asked_by_id", "account"),
        _reference("assignment", "colleague_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_comment_id"), "assignment", ["comment_id"])
    op.create_table(
        "withholding_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_note", sa.Text(), nullable=False),
        _reference("withholding_proposal", "comment_id", "comment"),
        _reference("withholding_proposal", "proposed_by_id", "account"),
        _reference("withholding_proposal", "settled_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withholding_proposal")),
    )
    op.create_index("ix_withholding_proposal_comment", "withholding_proposal", ["comment_id"])
    _partial("uq_withholding_proposal_open", "withholding_proposal", ["comment_id"], "settled_at IS NULL", unique=True)
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("sieve", sa.JSON(), nullable=False),
        sa.Column("up_to_number", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        _reference("bulk_act", "consultation_id", "consultation"),
        _reference("bulk_act", "merged_into_id", "comment"),
        _reference("bulk_act", "made_by_id", "account"),
        _reference("bulk_act", "job_id", "job"),
        _reference("bulk_act", "undoes_id", "bulk_act"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_bulk_act_undoes_id")),
    )
    op.create_index(op.f("ix_bulk_act_consultation_id"), "bulk_act", ["consultation_id"])
    op.create_table(
        "bulk_exception",
        sa.Column("bulk_act_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        _reference("bulk_exception", "bulk_act_id", "bulk_act"),
        _reference("bulk_exception", "comment_id", "comment"),
        sa.PrimaryKeyConstraint("bulk_act_id", "comment_id", name=op.f("pk_bulk_exception")),
    )
    op.create_table(
        "cleared_span",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        _reference("cleared_span", "decision_id", "moderation_decision"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cleared_span")),
    )
    op.create_index(op.f("ix_cleared_span_decision_id"), "cleared_span", ["decision_id"])
    op.create_table(
        "appeal_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_upheld", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _reference("appeal_decision", "appeal_id", "appeal"),
        _reference("appeal_decision", "decided_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_decision")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_appeal_decision_appeal_id")),
    )
    op.execute(
        f"INSERT INTO desk_tally ({KEYS}, count) SELECT {VALUES.format(row='')}, count(*) FROM comment"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
    )
    create_triggers()


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    for name in ("sift_comment_insert", "sift_comment_update"):
        op.execute(f"DROP TRIGGER {name}" + ("" if _is_sqlite() else " ON comment"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("appeal_decision", "cleared_span", "bulk_exception", "bulk_act", "withholding_proposal", "assignment",
                  "claim", "desk_tally"):  # fmt: skip
        op.drop_table(table)
    if not _is_sqlite():
        for table in ADDED_ONLY:
            op.execute(f"DROP FUNCTION keep_{table}()")
    op.drop_column("withholding_reason", "retired_at")
    op.drop_column("withholding_reason", "is_sealing")
    op.drop_index("ix_moderation_decision_bulk", "moderation_decision")
    op.drop_index("ix_moderation_decision_last", "moderation_decision")
    for column in ("proposed_by_id", "bulk_act_id", "undoes_id", "merged_into_id"):
        op.drop_column("moderation_decision", column)
    for index in ("merged_into", "assignee", "state", "waiting"):
        op.drop_index(f"ix_comment_{index}", "comment")
    for column in ("merged_into_id", "assignee_id", "urgency", "flags", "respondent_kind", "channel"):
        op.drop_column("comment", column)
