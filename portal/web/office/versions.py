"""The next version of a draft: read in, laid beside the one before it, confirmed line by line, published."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid, Refusal
from portal.models import Consultation, Lineage
from portal.rules.words import LineageKind
from portal.services import desk, lineage, placing, versions
from portal.web import display
from portal.web.gate import actor, commit, now, permit, session
from portal.web.office.drafts import read_draft
from portal.web.office.forms import ImportForm, VersionForm

blueprint = Blueprint("versions", __name__, url_prefix="/office/consultations/<slug>/versions")


@blueprint.get("/")
@permit(Permission.IMPORT_DRAFT)
def show(slug: str) -> str:
    """Every version, and what became of each clause in the newest."""
    consultation = desk.consultation(session(), actor(), slug)
    return _page(consultation, ImportForm(formdata=None), VersionForm(formdata=None))


def _page(consultation: Consultation, form: ImportForm, note: VersionForm) -> str:
    newest = consultation.version_in_preparation
    before = lineage.predecessor(newest)
    rows = lineage.comparison(session(), before, newest) if before else []
    waiting = [row for row in rows if not row.is_confirmed]
    return render_template(
        "office/versions.html",
        consultation=consultation,
        newest=newest,
        before=before,
        rows=rows,
        to_read=[row for row in waiting if row.kind not in lineage.SAME],
        same=[row for row in waiting if row.kind in lineage.SAME],
        settled=[row for row in rows if row.is_confirmed],
        form=form,
        note=note,
        places=placing.waiting(session(), newest) if before else None,
        may_publish=actor().may(Permission.PUBLISH, consultation.bureau_id),
    )


@blueprint.post("/")
@permit(Permission.IMPORT_DRAFT)
def prepare(slug: str) -> str | Response | tuple[str, int]:
    """Begin the next version from a file or a pasted text."""
    form = ImportForm()
    try:
        draft, name = read_draft(form)
        consultation = desk.consultation(session(), actor(), slug)
        versions.prepare(session(), actor(), consultation, draft, source_name=name, at=now())
    except Refusal as refusal:
        session().rollback()
        form.blame(refusal if isinstance(refusal, NotValid) else NotValid(display.sentence(refusal), fault="file"))
        return _page(desk.consultation(session(), actor(), slug), form, VersionForm(formdata=None)), 422
    commit()
    return redirect(url_for("drafts.outline", slug=slug))


@blueprint.get("/lineage/<int:line_id>")
@permit(Permission.IMPORT_DRAFT)
def correct(slug: str, line_id: int) -> str:
    """Say otherwise what became of a clause: both versions' clauses to choose from, the likeliest first."""
    consultation = desk.consultation(session(), actor(), slug)
    line = lineage.find(session(), consultation, line_id)
    return _correction_page(consultation, line, line.old_labels, line.new_labels)


def _correction_page(
    consultation: Consultation, line: Lineage, old_labels: list[str], new_labels: list[str], fault: str = ""
) -> str:
    after = consultation.version_in_preparation
    before = lineage.predecessor(after)
    old = [clause for clause in before.clauses if clause.label in line.old_labels] if before else []
    new = [clause for clause in after.clauses if clause.label in line.new_labels]
    return render_template(
        "office/lineage.html",
        consultation=consultation,
        line=line,
        kind=LineageKind(line.kind),
        before=before,
        after=after,
        old=old,
        new=new,
        pieces=lineage.pieces(old, new),
        near_old=lineage.nearest(before.clauses, new or old) if before else [],
        near_new=lineage.nearest(after.clauses, old or new),
        old_labels=old_labels,
        new_labels=new_labels,
        fault=fault,
    )


@blueprint.post("/lineage/<int:line_id>")
@permit(Permission.IMPORT_DRAFT)
def confirm(slug: str, line_id: int) -> str | Response | tuple[str, int]:
    """Confirm one line, or (`is_said`) say it otherwise: the clauses that were ticked on each side."""
    consultation = desk.consultation(session(), actor(), slug)
    old, new = (request.form.getlist(side) if "is_said" in request.form else None for side in ("old", "new"))
    try:
        line = lineage.confirm(session(), actor(), consultation, line_id, now(), old_labels=old, new_labels=new)
        placing.renew(session(), consultation.version_in_preparation)
    except NotValid as refusal:
        session().rollback()
        line = lineage.find(session(), consultation, line_id)
        return _correction_page(consultation, line, old or [], new or [], display.sentence(refusal)), 422
    commit()
    following = lineage.next_to_read(session(), line)
    return redirect(url_for(".show", slug=slug) + (f"#line-{following.id}" if following else "#line-h"))


@blueprint.post("/lineage")
@permit(Permission.IMPORT_DRAFT)
def confirm_all(slug: str) -> Response:
    """Confirm every line that is still open, or (`only_same`) those whose words stayed."""
    consultation = desk.consultation(session(), actor(), slug)
    lineage.confirm_all(session(), actor(), consultation, now(), only_same="only_same" in request.form)
    placing.renew(session(), consultation.version_in_preparation)
    commit()
    return redirect(url_for(".show", slug=slug) + "#line-h")


@blueprint.post("/publication")
@permit(Permission.PUBLISH)
def publish(slug: str) -> str | Response | tuple[str, int]:
    """Put the next version before the public."""
    consultation = desk.consultation(session(), actor(), slug)
    note = VersionForm()
    try:
        versions.publish(session(), actor(), consultation, note.typed("note"), now())
    except NotValid as refusal:
        session().rollback()
        note.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), ImportForm(formdata=None), note), 422
    commit()
    return redirect(url_for(".show", slug=slug))
