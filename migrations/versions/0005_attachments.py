"""Files beside a draft and files handed in with comments."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: event, condition, sentence: the bytes never change, and what was published is neither renamed nor taken away
RULES = [
    (
        "attachment_bytes",
        "UPDATE",
        "OLD.digest <> NEW.digest OR OLD.name <> NEW.name OR OLD.purpose <> NEW.purpose OR OLD.size <> NEW.size"
        " OR OLD.content <> NEW.content OR OLD.consultation_id <> NEW.consultation_id",
        "a file never changes",
    ),
    (
        "attachment_published",
        "UPDATE",
        "OLD.purpose = 'published' AND (OLD.title <> NEW.title OR OLD.position <> NEW.position) AND {opened}",
        "a published file never changes",
    ),
    ("attachment_kept", "DELETE", "OLD.purpose = 'published' AND {opened}", "a published file is kept"),
]
OPENED = "(SELECT first_published_at FROM consultation WHERE id = OLD.consultation_id) IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("media_type", sa.String(length=500), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_attachment_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_consultation_id"), "attachment", ["consultation_id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, condition, sentence in RULES:
        test = condition.replace("{opened}", OPENED)
        if is_sqlite:
            op.execute(
                f"CREATE TRIGGER keep_{name} BEFORE {event} ON attachment FOR EACH ROW WHEN {test} "
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
                f"CREATE TRIGGER keep_{name} BEFORE {event} ON attachment FOR EACH ROW EXECUTE FUNCTION keep_{name}()"
            )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_table("attachment")
    if not is_sqlite:
        for name, _event, _condition, _sentence in RULES:
            op.execute(f"DROP FUNCTION keep_{name}()")
