"""Files that are sealed anew, letters that were given up, whether a file was scanned, and when things last ran."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_SENTENCE = "a file never changes"
_SAME = (
    "OLD.digest <> NEW.digest OR OLD.name <> NEW.name OR OLD.purpose <> NEW.purpose OR OLD.size <> NEW.size"
    " OR OLD.consultation_id <> NEW.consultation_id"
)
BEFORE = f"{_SAME} OR OLD.content <> NEW.content"


def _sealed_anew(is_sqlite: bool) -> str:
    """The bytes may change only where they are sealed, and only together with the name of their key before the first
    line feed; what the file is (its digest) stays under the same rule as before."""
    head = (
        "substr({row}.content, 1, instr({row}.content, x'0A'))"
        if is_sqlite
        else "substring({row}.content FROM 1 FOR position('\\x0a'::bytea IN {row}.content))"
    )
    old, new = head.format(row="OLD"), head.format(row="NEW")
    return f"{_SAME} OR (OLD.content <> NEW.content AND (OLD.purpose IN ('published', 'adopted') OR {old} = {new}))"


def _replace_rule(condition: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER keep_attachment_bytes")
        op.execute(
            "CREATE TRIGGER keep_attachment_bytes BEFORE UPDATE ON attachment FOR EACH ROW "
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION keep_attachment_bytes() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $body$"
    )


def upgrade() -> None:
    _replace_rule(_sealed_anew(op.get_bind().dialect.name == "sqlite"))
    op.add_column("attachment", sa.Column("scan", sa.String(length=32), nullable=False, server_default="none"))
    op.add_column("outgoing_email", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "outgoing_email", sa.Column("given_up_note", sa.String(length=500), nullable=False, server_default="")
    )
    op.create_table(
        "last_run",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_last_run")),
    )


def downgrade() -> None:
    op.drop_table("last_run")
    op.drop_column("outgoing_email", "given_up_note")
    op.drop_column("outgoing_email", "given_up_at")
    op.drop_column("attachment", "scan")
    _replace_rule(BEFORE)
