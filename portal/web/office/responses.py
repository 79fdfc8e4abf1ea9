"""The drafter's desk: every published comment, clause by clause, with its answer; and publishing the results."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.models import Consultation
from portal.rules.words import Disposition
from portal.services import desk, reading, responding
from portal.web.forms import ActForm, ResponseForm
from portal.web.gate import actor, commit, now, permit, seal, session

blueprint = Blueprint("responses", __name__, url_prefix="/office/consultations/<slug>/responses")


@blueprint.get("/")
@permit(Permission.RESPOND)
def table(slug: str) -> str:
    """Every published comment with its answer."""
    return _page(desk.consultation(session(), actor(), slug), None, ResponseForm(formdata=None))


@blueprint.get("/<int:number>")
@permit(Permission.RESPOND)
def comment(slug: str, number: int) -> str:
    """One comment in hand."""
    return _page(desk.consultation(session(), actor(), slug), number, ResponseForm(formdata=None))


def _page(consultation: Consultation, number: int | None, form: ResponseForm) -> str:
    comments = responding.published_comments(session(), actor(), consultation)
    in_hand = next((c for c in comments if c.number == number), None)
    if in_hand is not None and in_hand.response is not None and not form.is_submitted():
        form.disposition.data = in_hand.response.disposition.value
        form.reason.data = in_hand.response.reason
        form.changed_text.data = in_hand.response.changed_text
    elif in_hand is not None and in_hand.clause is not None and form.changed_text.data is None:
        form.changed_text.data = in_hand.clause.text or in_hand.clause.heading
    return render_template(
        "office/responses.html",
        consultation=consultation,
        comments=comments,
        unanswered=[c for c in comments if c.response_id is None],
        comment=in_hand,
        form=form,
        dispositions=list(Disposition),
        counts=reading.counts(session(), consultation),
    )


@blueprint.post("/<int:number>")
@permit(Permission.RESPOND)
def respond(slug: str, number: int) -> str | Response | tuple[str, int]:
    """Answer one comment, and any others ticked beside it, then take the next unanswered one in hand."""
    consultation = desk.consultation(session(), actor(), slug)
    form = ResponseForm()
    numbers = [
        number,
        *(
            int(also)
            for also in request.form.getlist("also")
            if also.isascii() and also.isdecimal() and len(also) < 10 and int(also) != number
        ),
    ]
    try:
        responding.respond(
            session(),
            actor(),
            consultation,
            numbers,
            disposition=form.typed("disposition"),
            reason=form.typed("reason"),
            changed_text=form.typed("changed_text"),
            at=now(),
        )
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), number, form), 422
    commit()
    rest = responding.unanswered(session(), consultation)
    following = next((c.number for c in rest if c.number > number), rest[0].number if rest else None)
    if following is None:
        return redirect(url_for(".table", slug=slug))
    return redirect(url_for(".comment", slug=slug, number=following))


@blueprint.route("/publication", methods=["GET", "POST"])
@permit(Permission.PUBLISH)
def publication(slug: str) -> str | Response | tuple[str, int]:
    """Publish the adoption feedback in one act."""
    consultation = desk.consultation(session(), actor(), slug)
    form = ActForm()
    status = 200
    if request.method == "POST":
        try:
            responding.publish_results(session(), seal(), actor(), consultation, now())
            commit()
            return redirect(url_for("results.show", slug=slug))
        except NotValid as refusal:
            session().rollback()
            form.blame(refusal)
            status = 422
            consultation = desk.consultation(session(), actor(), slug)
    page = render_template(
        "office/publication.html",
        consultation=consultation,
        counts=reading.counts(session(), consultation),
        unanswered=responding.unanswered(session(), consultation),
        form=form,
    )
    return page, status
