"""What did not come by the website: registrations and their remarks, mail that arrived, sheets of opinions."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: name, table, event, condition on OLD/NEW, sentence
RULES = [
    (
        "submission_late",
        "submission",
        "UPDATE",
        "OLD.late_reason <> NEW.late_reason",
        "a receipt never changes",
    ),
    (
        "registration_confirmed",
        "registration",
        "UPDATE",
        "OLD.state = 'confirmed' AND (NEW.state <> 'confirmed'"
        " OR COALESCE(OLD.confirmed_by_id, -1) <> COALESCE(NEW.confirmed_by_id, -1)"
        " OR COALESCE(OLD.submission_id, -1) <> COALESCE(NEW.submission_id, -1))",
        "what was confirmed stays confirmed",
    ),
    ("registration_kept", "registration", "DELETE", "1 = 1", "a registration is kept"),
    ("incoming_mail_kept", "incoming_mail", "DELETE", "1 = 1", "mail that arrived is kept"),
]


def upgrade() -> None:
    op.create_table(
        "mailbox",
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("validity", sa.String(length=64), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_mailbox_bureau_id")),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("message_trace", sa.String(length=500), nullable=False),
        sa.Column("sender_sealed", sa.Text(), nullable=False),
        sa.Column("subject_sealed", sa.Text(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("same_as_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_incoming_mail_bureau_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_incoming_mail_consultation_id")
        ),
        sa.ForeignKeyConstraint(["same_as_id"], ["incoming_mail.id"], name=op.f("fk_incoming_mail_same_as_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mail")),
        sa.UniqueConstraint("bureau_id", "origin", name=op.f("uq_incoming_mail_bureau_id_origin")),
    )
    op.create_index(op.f("ix_incoming_mail_consultation_id"), "incoming_mail", ["consultation_id"])
    op.create_index("ix_incoming_mail_known", "incoming_mail", ["bureau_id", "digest"])
    op.create_index("ix_incoming_mail_named", "incoming_mail", ["bureau_id", "message_trace"])
    op.create_table(
        "opinion_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("brought_by_id", sa.Integer(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_opinion_sheet_attachment_id")),
        sa.ForeignKeyConstraint(["brought_by_id"], ["account.id"], name=op.f("fk_opinion_sheet_brought_by_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_opinion_sheet_consultation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_sheet")),
    )
    op.create_index(op.f("ix_opinion_sheet_consultation_id"), "opinion_sheet", ["consultation_id"])
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_time", sa.Time(), nullable=True),
        sa.Column("postmarked_on", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=500), nullable=False),
        sa.Column("uscc", sa.String(length=64), nullable=False),
        sa.Column("is_organisation_hidden", sa.Boolean(), nullable=False),
        sa.Column("contact_sealed", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.Column("late_reason", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("sheet_rows", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["account.id"], name=op.f("fk_registration_confirmed_by_id")),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_registration_consultation_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_registration_entered_by_id")),
        sa.ForeignKeyConstraint(["mail_id"], ["incoming_mail.id"], name=op.f("fk_registration_mail_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["opinion_sheet.id"], name=op.f("fk_registration_sheet_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_registration_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_registration_mail_id")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_registration_submission_id")),
    )
    op.create_index(op.f("ix_registration_sheet_id"), "registration", ["sheet_id"])
    op.create_index("ix_registration_state", "registration", ["consultation_id", "state", "id"])
    op.create_table(
        "enclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_enclosure_attachment_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_enclosure_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enclosure")),
    )
    op.create_index(op.f("ix_enclosure_registration_id"), "enclosure", ["registration_id"])
    op.create_table(
        "registered_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cited", sa.String(length=500), nullable=False),
        sa.Column("clause_id", sa.Integer(), nullable=True),
        sa.Column("stance", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("proposed_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_registered_remark_clause_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registered_remark_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_remark")),
        sa.UniqueConstraint("registration_id", "position", name=op.f("uq_registered_remark_registration_id_position")),
    )
    op.add_column("submission", sa.Column("late_reason", sa.String(length=500), nullable=False, server_default=""))
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
    op.drop_column("submission", "late_reason")
    for table in ("registered_remark", "enclosure", "registration", "opinion_sheet", "incoming_mail", "mailbox"):
        op.drop_table(table)
