"""The database itself refuses to change what was published, said or decided.

SQLite rebuilds a table to alter it and drops its triggers then: a later migration that uses
batch_alter_table on one of these tables calls `create_triggers` again for it.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: name, table, event, condition on OLD/NEW, sentence
RULES = [
    (
        "version_frozen",
        "draft_version",
        "UPDATE",
        "OLD.published_at IS NOT NULL",
        "a published draft never changes",
    ),
    ("version_kept", "draft_version", "DELETE", "OLD.published_at IS NOT NULL", "a published draft is kept"),
    ("clause_frozen", "clause", "UPDATE", "{published:OLD}", "a published clause never changes"),
    ("clause_kept", "clause", "DELETE", "{published:OLD}", "a published clause is kept"),
    ("clause_closed", "clause", "INSERT", "{published:NEW}", "a published draft takes no new clause"),
    (
        "comment_words",
        "comment",
        "UPDATE",
        "OLD.body <> NEW.body OR OLD.proposed_text <> NEW.proposed_text OR OLD.quote <> NEW.quote"
        " OR OLD.stance <> NEW.stance OR OLD.number <> NEW.number OR OLD.submission_id <> NEW.submission_id"
        " OR OLD.consultation_id <> NEW.consultation_id OR OLD.position <> NEW.position"
        " OR OLD.received_at <> NEW.received_at OR COALESCE(OLD.clause_id, -1) <> COALESCE(NEW.clause_id, -1)",
        "the words of a comment never change",
    ),
    ("comment_kept", "comment", "DELETE", "1 = 1", "a comment is kept"),
    (
        "submission_receipt",
        "submission",
        "UPDATE",
        "OLD.receipt_number <> NEW.receipt_number OR OLD.receipt_digest <> NEW.receipt_digest"
        " OR OLD.received_at <> NEW.received_at OR OLD.channel <> NEW.channel"
        " OR OLD.secret_trace <> NEW.secret_trace OR OLD.consultation_id <> NEW.consultation_id"
        " OR OLD.respondent_id <> NEW.respondent_id",
        "a receipt never changes",
    ),
    ("submission_kept", "submission", "DELETE", "1 = 1", "a submission is kept"),
    (
        "respondent_identity",
        "respondent",
        "UPDATE",
        "OLD.kind <> NEW.kind OR OLD.organisation <> NEW.organisation",
        "who spoke never changes",
    ),
    ("respondent_kept", "respondent", "DELETE", "1 = 1", "a respondent is kept"),
    ("decision_frozen", "moderation_decision", "UPDATE", "1 = 1", "a decision is never rewritten"),
    ("decision_kept", "moderation_decision", "DELETE", "1 = 1", "a decision is kept"),
    ("redaction_frozen", "redaction", "UPDATE", "1 = 1", "a redaction is never rewritten"),
    ("redaction_kept", "redaction", "DELETE", "1 = 1", "a redaction is kept"),
    ("audit_frozen", "audit_event", "UPDATE", "1 = 1", "the audit log is only added to"),
    ("audit_kept", "audit_event", "DELETE", "1 = 1", "the audit log is only added to"),
    (
        "summary_frozen",
        "frozen_summary",
        "UPDATE",
        "OLD.digest <> NEW.digest OR CAST(OLD.content AS TEXT) <> CAST(NEW.content AS TEXT) OR OLD.cut_off_at <> NEW.cut_off_at OR OLD.number <> NEW.number"
        " OR OLD.released_at IS NOT NULL",
        "a summary never changes",
    ),
    ("summary_kept", "frozen_summary", "DELETE", "1 = 1", "a summary is kept"),
    (
        "first_publication",
        "consultation",
        "UPDATE",
        "OLD.first_published_at IS NOT NULL"
        " AND (NEW.first_published_at IS NULL OR NEW.first_published_at <> OLD.first_published_at)",
        "the first publication is written once",
    ),
    (
        "consultation_kept",
        "consultation",
        "DELETE",
        "OLD.first_published_at IS NOT NULL",
        "what was published is kept",
    ),
    (
        "window_dates",
        "comment_window",
        "UPDATE",
        "(OLD.opens_at <> NEW.opens_at OR OLD.closes_at <> NEW.closes_at) AND {opened:OLD}",
        "a published window is extended by a new row",
    ),
    ("window_kept", "comment_window", "DELETE", "{opened:OLD}", "a published window is kept"),
]


def _condition(text: str) -> str:
    for row in ("OLD", "NEW"):
        text = text.replace(
            f"{{published:{row}}}",
            f"(SELECT published_at FROM draft_version WHERE id = {row}.version_id) IS NOT NULL",
        ).replace(
            f"{{opened:{row}}}",
            f"(SELECT first_published_at FROM consultation WHERE id = {row}.consultation_id) IS NOT NULL",
        )
    return text


def create_triggers(tables: set[str] | None = None) -> None:
    """Creates the rules of these tables (all when None)."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition, sentence in RULES:
        if tables is not None and table not in tables:
            continue
        test = _condition(condition)
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


def upgrade() -> None:
    create_triggers()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _event, _condition_text, _sentence in RULES:
        if is_sqlite:
            op.execute(f"DROP TRIGGER keep_{name}")
        else:
            op.execute(f"DROP TRIGGER keep_{name} ON {table}")
            op.execute(f"DROP FUNCTION keep_{name}()")
