"""The shell: `flask --app wsgi …`. JSON on standard output, messages on standard error, exit code 2 for bad input."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Registers every command."""
    from portal.cli import (
        accounts,
        api_keys,
        audit,
        comments,
        consultations,
        drafts,
        hands,
        keys,
        ledger,
        mail,
        operation,
        rules,
        search,
        submissions,
        summaries,
        webhooks,
        work,
        worker,
    )  # fmt: skip

    for group in (
        accounts.group,
        api_keys.group,
        audit.group,
        comments.group,
        consultations.group,
        drafts.group,
        keys.group,
        ledger.group,
        mail.group,
        operation.group,
        rules.group,
        search.group,
        submissions.group,
        summaries.group,
        webhooks.group,
    ):
        app.cli.add_command(group)
    app.cli.add_command(hands.consumer)
    app.cli.add_command(operation.serve)
    app.cli.add_command(operation.setup)
    app.cli.add_command(worker.worker)
    app.cli.add_command(work.work)
