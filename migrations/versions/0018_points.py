"""Points with their members and decisions; who signed a summary, its files, and the paragraphs staff write for it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: name, table, event, sentence; as in 0002
RULES = [
    ("point_decision_frozen", "point_decision", "UPDATE", "a decision is never rewritten"),
    ("point_decision_kept", "point_decision", "DELETE", "a decision is kept"),
    ("signature_frozen", "summary_signature", "UPDATE", "a signature is never rewritten"),
    ("signature_kept", "summary_signature", "DELETE", "a signature is kept"),
]


def create_triggers() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, sentence in RULES:
        if is_sqlite:
            op.execute(
                f"CREATE TRIGGER keep_{name} BEFORE {event} ON {table} FOR EACH ROW "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        else:
            op.execute(
                f"CREATE FUNCTION keep_{name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
                f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $body$"
            )
            op.execute(
                f"CREATE TRIGGER keep_{name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION keep_{name}()"
            )


def upgrade() -> None:
    op.create_table(
        "point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("clause_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("key_phrases", sa.JSON(), nullable=False),
        sa.Column("representative_id", sa.Integer(), nullable=False),
        sa.Column("is_key", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_point_consultation_id")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_point_clause_id")),
        sa.ForeignKeyConstraint(["representative_id"], ["comment.id"], name=op.f("fk_point_representative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
        sa.UniqueConstraint("consultation_id", "key", name=op.f("uq_point_consultation_id_key")),
    )
    op.create_index("ix_point_clause", "point", ["consultation_id", "clause_id"])
    op.create_table(
        "point_member",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_point_member_comment_id")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_point_member_point_id")),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_point_member")),
    )
    op.create_index(op.f("ix_point_member_point_id"), "point_member", ["point_id"])
    op.create_table(
        "point_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("point_key", sa.String(length=64), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=True),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_point_decision_consultation_id")
        ),
        sa.ForeignKeyConstraint(["one_id"], ["comment.id"], name=op.f("fk_point_decision_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["comment.id"], name=op.f("fk_point_decision_other_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_point_decision_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_decision")),
    )
    op.create_index(op.f("ix_point_decision_consultation_id"), "point_decision", ["consultation_id"])
    op.create_table(
        "summary_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["summary_id"], ["frozen_summary.id"], name=op.f("fk_summary_signature_summary_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["account.id"], name=op.f("fk_summary_signature_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_signature")),
        sa.UniqueConstraint("summary_id", "state", name=op.f("uq_summary_signature_summary_id_state")),
    )
    op.create_table(
        "summary_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=500), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["summary_id"], ["frozen_summary.id"], name=op.f("fk_summary_file_summary_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_file")),
        sa.UniqueConstraint("summary_id", "name", name=op.f("uq_summary_file_summary_id_name")),
    )
    op.create_table(
        "narrative_paragraph",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("is_proposed", sa.Boolean(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_narrative_paragraph_consultation_id")
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["account.id"], name=op.f("fk_narrative_paragraph_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narrative_paragraph")),
    )
    op.create_index(op.f("ix_narrative_paragraph_consultation_id"), "narrative_paragraph", ["consultation_id"])
    op.add_column("consultation", sa.Column("outreach", sa.Text(), nullable=False, server_default=""))
    create_triggers()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _event, _sentence in RULES:
        if is_sqlite:
            op.execute(f"DROP TRIGGER keep_{name}")
        else:
            op.execute(f"DROP TRIGGER keep_{name} ON {table}")
            op.execute(f"DROP FUNCTION keep_{name}()")
    op.drop_column("consultation", "outreach")
    for table in (
        "narrative_paragraph", "summary_file", "summary_signature", "point_decision", "point_member", "point",
    ):  # fmt: skip
        op.drop_table(table)
