"""Publishing the results, correcting them, and the document that was issued in the end."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid, Refusal
from portal.models import Consultation
from portal.reports.adoption import AdoptionTable
from portal.reports.summary import TotalsDoNotBalance
from portal.rules import uploads
from portal.services import adopting, desk, published_results, reading, responding, results, summaries
from portal.web.gate import actor, begin_writing, commit, look_only, now, permit, seal, session, settings
from portal.web.office.forms import AdoptedForm, PublicationForm

blueprint = Blueprint("publications", __name__, url_prefix="/office/consultations/<slug>")


def _plan(form: PublicationForm) -> results.Plan:
    return results.Plan(form.typed("form"), form.typed("unanswered_reason").strip(), form.typed("correction").strip())


@blueprint.route("/responses/publication", methods=["GET", "POST"])
@permit(Permission.PUBLISH)
def publication(slug: str) -> str | Response | tuple[str, int]:
    """Publish the adoption feedback in one act, or a corrected version of it; look at it first."""
    form = PublicationForm()
    if request.method == "GET":
        return _page(desk.consultation(session(), actor(), slug), PublicationForm(formdata=None))
    if request.form.get("act") == "preview":
        look_only()
        consultation = desk.consultation(session(), actor(), slug)
        try:
            return _page(consultation, form, results.gather(session(), consultation, now(), _plan(form)))
        except (NotValid, TotalsDoNotBalance) as fault:
            form.blame(fault if isinstance(fault, Refusal) else NotValid("合计不相符：%(where)s", where=str(fault)))
            return _page(consultation, form), 422
    try:
        # gathered while others may write, then written down in one short transaction
        look_only()
        looked_at = desk.consultation(session(), actor(), slug)
        prepared = results.prepare(session(), looked_at, now(), _plan(form))
        begin_writing()
        consultation = desk.consultation(session(), actor(), slug)
        act = results.correct if consultation.results_published_at else results.publish
        act(
            session(), seal(), actor(), consultation, now(), _plan(form), public_url=settings().public_url,
            prepared=prepared,
        )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), form), 422
    commit()
    return redirect(url_for("results.show", slug=slug))


def _page(
    consultation: Consultation,
    form: PublicationForm,
    preview: AdoptionTable | None = None,
    adopted: AdoptedForm | None = None,
) -> str:
    plan = _plan(form)
    is_out = consultation.results_published_at is not None
    return render_template(
        "office/publication.html",
        consultation=consultation,
        counts=reading.counts(session(), consultation),
        count=responding.count(session(), consultation),
        obstacles=results.obstacles(session(), consultation, now(), plan) if not form.errors else [],
        must=results.must_be_answered(session(), consultation)[:20],
        versions=published_results.versions(session(), consultation, now()),
        changed=responding.changed_since(session(), consultation) if is_out else [],
        overtaken=summaries.overtaken(session(), consultation, now()),
        document=adopting.current(session(), consultation, now()),
        adopted=adopted or AdoptedForm(formdata=None),
        preview=preview,
        form=form,
    )


@blueprint.post("/adopted")
@permit(Permission.PUBLISH)
def adopt(slug: str) -> Response | tuple[str, int]:
    """Attach or link the document that was issued in the end."""
    form = AdoptedForm()
    consultation = desk.consultation(session(), actor(), slug)
    try:
        form.validate()
        if form.adopted_on.errors:
            form.adopted_on.errors = []
            raise NotValid("请检查印发日期，例如2026年4月10日写作2026-04-10。", fault="adopted_on")
        sent = request.files.get("file")
        upload = uploads.checked(sent.read(), sent.filename) if sent is not None and sent.filename else None
        issued = adopting.Issued(
            form.typed("title"), form.typed("document_number"), form.adopted_on.data, form.typed("link")
        )
        adopting.add(session(), seal(), actor(), consultation, issued, upload, now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        consultation = desk.consultation(session(), actor(), slug)
        return _page(consultation, PublicationForm(formdata=None), adopted=form), 422
    commit()
    return redirect(url_for(".publication", slug=slug, _anchor="adopted-h"))
