"""The auditor's page: the log, and whether its chain holds."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.models import AuditEvent
from portal.services import audit
from portal.web.gate import asked_number, permit, session

blueprint = Blueprint("audit", __name__, url_prefix="/office/audit")

PAGE = 100


@blueprint.get("/")
@permit(Permission.READ_AUDIT)
def log() -> str:
    """The newest events first."""
    before = asked_number("before")
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(PAGE)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    events = list(session().scalars(query))
    return render_template(
        "office/audit.html", events=events, before=events[-1].id if len(events) == PAGE else None,
        breaks=list(audit.verify(session())) if before is None else None,
    )  # fmt: skip


@blueprint.get("/log.jsonl")
@permit(Permission.READ_AUDIT)
def export() -> Response:
    """The whole log as a file, to be kept and checked elsewhere."""
    answer = Response("".join(audit.exported(session())), mimetype="application/x-ndjson")
    answer.headers["Content-Disposition"] = "attachment; filename=audit-log.jsonl"
    return answer
