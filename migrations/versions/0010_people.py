"""Passwords with a past, a second factor, roles that somebody else confirms, invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def columns() -> list[sa.Column]:
    """What an account is given beside what it had."""
    return [
        sa.Column("email_sealed", sa.Text(), nullable=False, server_default=""),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("former_passwords", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("totp_sealed", sa.Text(), nullable=False, server_default=""),
        sa.Column("totp_last_step", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("recovery_traces", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
    ]


def upgrade() -> None:
    for column in columns():
        op.add_column("account", column)
    op.execute(
        "ALTER TABLE account ADD COLUMN granted_by_id INTEGER"
        " CONSTRAINT fk_account_granted_by_id REFERENCES account (id)"
    )
    op.execute("UPDATE account SET granted_at = created_at, password_changed_at = created_at")
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_trace", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_trace", name=op.f("uq_invitation_token_trace")),
    )
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"])


def downgrade() -> None:
    op.drop_table("invitation")
    op.drop_column("account", "granted_by_id")
    for column in reversed(columns()):
        op.drop_column("account", column.name)
