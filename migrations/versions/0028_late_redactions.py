"""Words that were hidden after they had been published, so that what was frozen before is shown without them too."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SENTENCE = "what was hidden stays hidden"


def upgrade() -> None:
    op.create_table(
        "late_redaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("redaction_id", sa.Integer(), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_late_redaction_consultation_id")
        ),
        sa.ForeignKeyConstraint(["redaction_id"], ["redaction.id"], name=op.f("fk_late_redaction_redaction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_redaction")),
        sa.UniqueConstraint("redaction_id", name=op.f("uq_late_redaction_redaction_id")),
    )
    op.create_index(op.f("ix_late_redaction_consultation_id"), "late_redaction", ["consultation_id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for event in ("UPDATE", "DELETE"):
        name = f"keep_late_redaction_{event.lower()}"
        if is_sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON late_redaction FOR EACH ROW "
                f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
            )
        else:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
                f"RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $body$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON late_redaction FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    op.drop_table("late_redaction")
    if op.get_bind().dialect.name != "sqlite":
        for event in ("update", "delete"):
            op.execute(f"DROP FUNCTION keep_late_redaction_{event}()")
