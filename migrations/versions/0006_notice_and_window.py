"""Holidays as data, extensions, withdrawal, planned publication; and what of them never changes.

One window is in force, and it can only be followed by one that ends later: a new row supersedes the one before it,
in the database itself, so no act can leave a published consultation without a window or shorten the one it has.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PUBLISHED = "(SELECT first_published_at FROM consultation WHERE id = {row}.consultation_id) IS NOT NULL"

#: name, table, event, condition on OLD/NEW, sentence; as in 0002
RULES = [
    (
        "window_longer",
        "comment_window",
        "INSERT",
        _PUBLISHED.format(row="NEW") + " AND EXISTS (SELECT 1 FROM comment_window AS earlier"
        " WHERE earlier.consultation_id = NEW.consultation_id"
        " AND (earlier.closes_at >= NEW.closes_at OR earlier.opens_at <> NEW.opens_at))",
        "a published window is only ever extended",
    ),
    (
        "window_superseded",
        "comment_window",
        "UPDATE",
        _PUBLISHED.format(row="OLD") + " AND COALESCE(CAST(OLD.superseded_at AS TEXT), '')"
        " <> COALESCE(CAST(NEW.superseded_at AS TEXT), '') AND (OLD.superseded_at IS NOT NULL"
        " OR NOT EXISTS (SELECT 1 FROM comment_window AS later"
        " WHERE later.consultation_id = OLD.consultation_id AND later.closes_at > OLD.closes_at))",
        "a published window ends when it says",
    ),
    (
        "window_words",
        "comment_window",
        "UPDATE",
        "(OLD.consultation_id <> NEW.consultation_id OR OLD.rule_code <> NEW.rule_code"
        " OR OLD.count_mode <> NEW.count_mode OR OLD.shortened_reason <> NEW.shortened_reason"
        " OR OLD.announcement <> NEW.announcement OR OLD.created_at <> NEW.created_at) AND "
        + _PUBLISHED.format(row="OLD"),
        "what a published window says never changes",
    ),
    (
        "notice_words",
        "consultation",
        "UPDATE",
        "OLD.first_published_at IS NOT NULL AND (OLD.notice <> NEW.notice"
        " OR OLD.explanatory_note <> NEW.explanatory_note"
        " OR COALESCE(OLD.document_type_id, -1) <> COALESCE(NEW.document_type_id, -1))",
        "a published notice never changes",
    ),
    (
        "withdrawal_reasoned",
        "consultation",
        "UPDATE",
        "OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL"
        " AND (OLD.first_published_at IS NULL OR NEW.withdrawal_reason = '')",
        "a withdrawal says why",
    ),
    (
        "withdrawal_once",
        "consultation",
        "UPDATE",
        "OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.withdrawn_at <> OLD.withdrawn_at"
        " OR NEW.withdrawal_reason <> OLD.withdrawal_reason)",
        "a withdrawal is written once",
    ),
    (
        "planned_settled",
        "planned_publication",
        "UPDATE",
        "OLD.settled_at IS NOT NULL",
        "what became of a planned publication never changes",
    ),
    (
        "attachment_closed",
        "attachment",
        "INSERT",
        "NEW.purpose = 'published' AND " + _PUBLISHED.format(row="NEW"),
        "a published draft takes no new file",
    ),
    ("planned_kept", "planned_publication", "DELETE", "1 = 1", "a planned publication is kept"),
]


def _create_rules() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition, sentence in RULES:
        if is_sqlite:
            op.execute(
                f"CREATE TRIGGER keep_{name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
            continue
        result = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION keep_{name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {result}; END $body$"
        )
        op.execute(f"CREATE TRIGGER keep_{name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION keep_{name}()")
    supersede = (
        "UPDATE comment_window SET superseded_at = NEW.created_at"
        " WHERE consultation_id = NEW.consultation_id AND id <> NEW.id AND superseded_at IS NULL;"
    )
    if is_sqlite:
        op.execute(f"CREATE TRIGGER supersede_window AFTER INSERT ON comment_window FOR EACH ROW BEGIN {supersede} END")
    else:
        op.execute(
            "CREATE FUNCTION supersede_window() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
            f"{supersede} RETURN NULL; END $body$"
        )
        op.execute(
            "CREATE TRIGGER supersede_window AFTER INSERT ON comment_window FOR EACH ROW"
            " EXECUTE FUNCTION supersede_window()"
        )


def upgrade() -> None:
    op.create_table(
        "holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_rest", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
        sa.UniqueConstraint("day", name=op.f("uq_holiday_day")),
    )
    op.create_table(
        "planned_publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("publishes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by_id", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_planned_publication_consultation_id")
        ),
        sa.ForeignKeyConstraint(["planned_by_id"], ["account.id"], name=op.f("fk_planned_publication_planned_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_publication")),
    )
    op.create_index(op.f("ix_planned_publication_consultation_id"), "planned_publication", ["consultation_id"])
    op.create_index(
        "uq_planned_publication_waiting",
        "planned_publication",
        ["consultation_id"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.add_column("comment_window", sa.Column("announcement", sa.Text(), nullable=False, server_default=""))
    op.add_column("consultation", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("consultation", sa.Column("withdrawal_reason", sa.Text(), nullable=False, server_default=""))
    # a new row now supersedes the one before it by itself; the index would refuse it a moment too early
    op.drop_index("uq_comment_window_in_force", "comment_window")
    _create_rules()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table in [(f"keep_{rule[0]}", rule[1]) for rule in RULES] + [("supersede_window", "comment_window")]:
        if is_sqlite:
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    op.create_index(
        "uq_comment_window_in_force",
        "comment_window",
        ["consultation_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_column("consultation", "withdrawal_reason")
    op.drop_column("consultation", "withdrawn_at")
    op.drop_column("comment_window", "announcement")
    op.drop_index("uq_planned_publication_waiting", "planned_publication")
    op.drop_index(op.f("ix_planned_publication_consultation_id"), "planned_publication")
    op.drop_table("planned_publication")
    op.drop_table("holiday")
