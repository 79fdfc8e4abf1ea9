"""The next version of a draft: read in, laid beside the one before it, confirmed line by line, published."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid, Refusal
from portal.models import Consultation
from portal.services import desk, lineage, versions
from portal.web import display
from portal.web.forms import ImportForm, VersionForm
from portal.web.gate import actor, commit, now, permit, session
from portal.web.office.drafts import read_draft

blueprint = Blueprint("versions", __name__, url_prefix="/office/consultations/<slug>/versions")


@blueprint.get("/")
@permit(Permission.IMPORT_DRAFT)
def show(slug: str) -> str:
    """Every version, and what became of each clause in the newest."""
    consultation = desk.consultation(session(), actor(), slug)
    return _page(consultation, ImportForm(formdata=None), VersionForm(formdata=None))


def _page(consultation: Consultation, form: ImportForm, note: VersionForm) -> str:
    newest = consultation.version_in_preparation
    before = next((v for v in reversed(consultation.versions) if v.number < newest.number), None)
    return render_template(
        "office/versions.html",
        consultation=consultation,
        newest=newest,
        before=before,
        rows=lineage.comparison(session(), before, newest) if before else [],
        form=form,
        note=note,
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


@blueprint.post("/lineage/<int:line_id>")
@permit(Permission.IMPORT_DRAFT)
def confirm(slug: str, line_id: int) -> Response:
    """Confirm one line, or say it otherwise: the labels of the clauses it became, parted by spaces."""
    consultation = desk.consultation(session(), actor(), slug)
    typed = request.form.get("new_labels")
    labels = typed.replace("，", " ").replace(",", " ").split() if typed is not None else None
    lineage.confirm(session(), actor(), consultation, line_id, now(), new_labels=labels)
    commit()
    return redirect(url_for(".show", slug=slug) + f"#line-{line_id}")


@blueprint.post("/lineage")
@permit(Permission.IMPORT_DRAFT)
def confirm_all(slug: str) -> Response:
    """Confirm every line that is still open."""
    consultation = desk.consultation(session(), actor(), slug)
    lineage.confirm_all(session(), actor(), consultation, now())
    commit()
    return redirect(url_for(".show", slug=slug))


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
