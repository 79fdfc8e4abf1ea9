"""Answers: who is to write them, what was published of them, and the document adopted in the end."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

#: what was published is only added to
KEPT = (
    ("published_result", "a published result never changes"),
    ("published_answer", "a published answer never changes"),
)


def upgrade() -> None:
    op.create_table(
        "responsible_office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_responsible_office_consultation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsible_office")),
        sa.UniqueConstraint("consultation_id", "name", name=op.f("uq_responsible_office_consultation_id_name")),
    )
    op.create_table(
        "office_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["responsible_office.id"], name=op.f("fk_office_member_office_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_office_member_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_member")),
        sa.UniqueConstraint("office_id", "account_id", name=op.f("uq_office_member_office_id_account_id")),
    )
    op.create_index(op.f("ix_office_member_account_id"), "office_member", ["account_id"])
    op.create_table(
        "routing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("clause_id", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("routed_by_id", sa.Integer(), nullable=False),
        sa.Column("routed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_routing_consultation_id")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_routing_clause_id")),
        sa.ForeignKeyConstraint(["office_id"], ["responsible_office.id"], name=op.f("fk_routing_office_id")),
        sa.ForeignKeyConstraint(["routed_by_id"], ["account.id"], name=op.f("fk_routing_routed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing")),
        sa.UniqueConstraint("consultation_id", "clause_id", name=op.f("uq_routing_consultation_id_clause_id")),
    )
    op.create_index(op.f("ix_routing_office_id"), "routing", ["office_id"])
    op.create_table(
        "reason_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_reason_template_bureau_id")),
        sa.ForeignKeyConstraint(["kept_by_id"], ["account.id"], name=op.f("fk_reason_template_kept_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reason_template")),
        sa.UniqueConstraint("bureau_id", "name", name=op.f("uq_reason_template_bureau_id_name")),
    )
    op.create_table(
        "published_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("unanswered_reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_published_result_consultation_id")
        ),
        sa.ForeignKeyConstraint(["published_by_id"], ["account.id"], name=op.f("fk_published_result_published_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_result")),
        sa.UniqueConstraint("consultation_id", "number", name=op.f("uq_published_result_consultation_id_number")),
    )
    op.create_table(
        "published_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("label", sa.String(length=500), nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("respondent", sa.String(length=500), nullable=False),
        sa.Column("disposition", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["result_id"], ["published_result.id"], name=op.f("fk_published_answer_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_answer")),
        sa.UniqueConstraint("result_id", "position", name=op.f("uq_published_answer_result_id_position")),
    )
    op.create_index("ix_published_answer_outcome", "published_answer", ["result_id", "disposition", "position"])
    op.create_table(
        "answer_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("workday", sa.Integer(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_answer_reminder_consultation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_reminder")),
        sa.UniqueConstraint("consultation_id", "workday", name=op.f("uq_answer_reminder_consultation_id_workday")),
    )
    op.create_table(
        "adopted_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("document_number", sa.String(length=500), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_adopted_document_consultation_id")
        ),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_adopted_document_attachment_id")),
        sa.ForeignKeyConstraint(["added_by_id"], ["account.id"], name=op.f("fk_adopted_document_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adopted_document")),
    )
    op.create_index(op.f("ix_adopted_document_consultation_id"), "adopted_document", ["consultation_id"])
    # Plain columns: adding one with a foreign key would rebuild the table on SQLite.
    op.add_column("response", sa.Column("clause_id", sa.Integer(), nullable=True))
    op.add_column("response", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("comment", sa.Column("published_response_id", sa.Integer(), nullable=True))
    # what was published before there were versions of it stays public
    op.execute(
        "UPDATE comment SET published_response_id = response_id WHERE response_id IS NOT NULL AND consultation_id IN"
        " (SELECT id FROM consultation WHERE results_published_at IS NOT NULL)"
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, sentence in KEPT:
        for event in ("UPDATE", "DELETE"):
            name = f"keep_{table}_{event.lower()}"
            if is_sqlite:
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
                    f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
                )
            else:
                op.execute(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
                    f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $body$"
                )
                op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    op.drop_column("comment", "published_response_id")
    op.drop_column("response", "note")
    op.drop_column("response", "clause_id")
    for table in (
        "adopted_document",
        "answer_reminder",
        "published_answer",
        "published_result",
        "reason_template",
        "routing",
        "office_member",
        "responsible_office",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table, _sentence in KEPT:
            for event in ("update", "delete"):
                op.execute(f"DROP FUNCTION keep_{table}_{event}()")
