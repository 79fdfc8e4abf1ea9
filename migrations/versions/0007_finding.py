"""The search index, the site's own settings, and how often a consultation was looked at.

Where there are consultations already, `flask search rebuild` fills the index; `data upgrade` and `serve` do so.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: SQLite's index holds no words of its own: it reads them from search_entry, and these rules keep it in step
SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE search_words USING fts5(tokens, content='search_entry', content_rowid='id',"
    " tokenize='ascii', detail='none', columnsize=0, prefix='1')",
    "CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN"
    " INSERT INTO search_words (rowid, tokens) VALUES (NEW.id, NEW.tokens); END",
    "CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN"
    " INSERT INTO search_words (search_words, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens); END",
    "CREATE TRIGGER search_entry_changed BEFORE UPDATE ON search_entry BEGIN"
    " SELECT RAISE(ABORT, 'an entry of the search is replaced, never changed'); END",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("consultation", sa.Column("views", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "recent_view",
        sa.Column("trace", sa.String(length=64), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("trace", name=op.f("pk_recent_view")),
    )
    op.create_index(op.f("ix_recent_view_counted_at"), "recent_view", ["counted_at"])
    op.create_table(
        "site_setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site_setting")),
    )
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_search_entry_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    op.create_index(op.f("ix_search_entry_consultation_id"), "search_entry", ["consultation_id"])
    if is_sqlite:
        for statement in SQLITE_INDEX:
            op.execute(statement)
    else:
        # no list of pending tokens: a search would have to read it whole
        op.create_index(
            "ix_search_entry_tokens", "search_entry", ["tokens"], postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )  # fmt: skip


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entry")
    op.drop_table("site_setting")
    op.drop_table("recent_view")
    op.drop_column("consultation", "views")
