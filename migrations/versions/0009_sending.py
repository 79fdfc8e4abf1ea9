"""What a consultation must know of who sends, trade secrets, corrections, appeals, e-mail codes, the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def columns() -> list[tuple[str, sa.Column]]:
    return [
        (
            "consultation",
            sa.Column("identity_needed", sa.String(length=32), nullable=False, server_default="anonymous"),
        ),
        ("consultation", sa.Column("grace_minutes", sa.Integer(), nullable=False, server_default="0")),
        ("respondent", sa.Column("is_minor", sa.Boolean(), nullable=False, server_default=sa.false())),
        ("respondent", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True)),
        ("submission", sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True)),
        ("submission", sa.Column("letter_id", sa.Integer(), sa.ForeignKey("attachment.id"), nullable=True)),
        ("comment", sa.Column("confidential_sealed", sa.Text(), nullable=False, server_default="")),
    ]


#: name, table, event, condition on OLD/NEW, sentence
RULES = [
    (
        "comment_confidential",
        "comment",
        "UPDATE",
        "OLD.confidential_sealed <> NEW.confidential_sealed",
        "the words of a comment never change",
    ),
    (
        "respondent_read",
        "respondent",
        "UPDATE",
        "OLD.notice_version <> NEW.notice_version OR OLD.is_minor <> NEW.is_minor OR OLD.shown_as <> NEW.shown_as"
        " OR OLD.uscc <> NEW.uscc",
        "who spoke never changes",
    ),
    (
        "submission_letter",
        "submission",
        "UPDATE",
        "OLD.registered_at <> NEW.registered_at OR COALESCE(OLD.letter_id, -1) <> COALESCE(NEW.letter_id, -1)",
        "a receipt never changes",
    ),
    ("amendment_frozen", "amendment", "UPDATE", "1 = 1", "an amendment is never rewritten"),
    ("amendment_kept", "amendment", "DELETE", "1 = 1", "an amendment is kept"),
    (
        "appeal_words",
        "appeal",
        "UPDATE",
        "OLD.body <> NEW.body OR OLD.comment_id <> NEW.comment_id OR OLD.revision <> NEW.revision"
        " OR OLD.made_at <> NEW.made_at",
        "the words of an appeal never change",
    ),
    ("appeal_kept", "appeal", "DELETE", "1 = 1", "an appeal is kept"),
    ("ledger_frozen", "ledger_day", "UPDATE", "1 = 1", "a published ledger never changes"),
    ("ledger_kept", "ledger_day", "DELETE", "1 = 1", "a published ledger is kept"),
]


def upgrade() -> None:
    for table, column in columns():
        # plain ADD COLUMN also on SQLite: a rebuilt table would lose its triggers
        op.add_column(table, column, inline_references=True)
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_amendment_comment_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["comment.id"], name=op.f("fk_amendment_replaced_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("comment_id", "revision", name=op.f("uq_amendment_comment_id_revision")),
        sa.UniqueConstraint("replaced_by_id", name=op.f("uq_amendment_replaced_by_id")),
    )
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_appeal_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_appeal_comment_id")),
    )
    op.create_table(
        "email_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("address_trace", sa.String(length=64), nullable=False),
        sa.Column("code_trace", sa.String(length=64), nullable=False),
        sa.Column("basket_trace", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_email_code_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_code")),
    )
    op.create_index("ix_email_code_sent", "email_code", ["consultation_id", "address_trace", "sent_at"])
    op.create_index(op.f("ix_email_code_sent_at"), "email_code", ["sent_at"])
    op.create_table(
        "ledger_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_ledger_day_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_day")),
        sa.UniqueConstraint("consultation_id", "on", name=op.f("uq_ledger_day_consultation_id_on")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, test, sentence in RULES:
        if is_sqlite:
            op.execute(
                f"CREATE TRIGGER keep_{name} BEFORE {event} ON {table} FOR EACH ROW WHEN {test} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        else:
            result = "OLD" if event == "DELETE" else "NEW"
            op.execute(
                f"CREATE FUNCTION keep_{name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
                f"IF {test} THEN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; "
                f"END IF; RETURN {result}; END $body$"
            )
            op.execute(
                f"CREATE TRIGGER keep_{name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION keep_{name}()"
            )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _event, _test, _sentence in RULES:
        if is_sqlite:
            op.execute(f"DROP TRIGGER keep_{name}")
        else:
            op.execute(f"DROP TRIGGER keep_{name} ON {table}")
            op.execute(f"DROP FUNCTION keep_{name}()")
    for table in ("ledger_day", "email_code", "appeal", "amendment"):
        op.drop_table(table)
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
