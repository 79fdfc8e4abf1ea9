"""The moderation desk: the queue, the comment in hand, one decision at a time."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid
from portal.models import Comment, Consultation
from portal.rules.words import CommentState
from portal.services import desk, moderation, reading, reference, registry
from portal.web import files
from portal.web.forms import ActForm, DecisionForm
from portal.web.gate import actor, asked_number, commit, now, permit, seal, session

blueprint = Blueprint("moderation", __name__, url_prefix="/office/consultations/<slug>/moderation")


@blueprint.get("/")
@permit(Permission.MODERATE)
def queue(slug: str) -> str | Response:
    """The queue; with something waiting, the first of it is taken in hand."""
    consultation = desk.consultation(session(), actor(), slug)
    state = _state()
    if state is CommentState.PENDING and "list" not in request.args:
        first = moderation.next_waiting(session(), consultation, 0)
        if first is not None:
            return redirect(url_for(".comment", slug=slug, number=first))
    return _page(consultation, None, DecisionForm(formdata=None), state)


def _state() -> CommentState:
    try:
        return CommentState(request.args.get("state", CommentState.PENDING.value))
    except ValueError:
        return CommentState.PENDING


@blueprint.get("/<int:number>")
@permit(Permission.MODERATE)
def comment(slug: str, number: int) -> str:
    """One comment in hand."""
    consultation = desk.consultation(session(), actor(), slug)
    return _page(consultation, number, DecisionForm(formdata=None), _state())


def _page(
    consultation: Consultation,
    number: int | None,
    form: DecisionForm,
    state: CommentState,
    contact: dict[str, str] | None = None,
) -> str:
    in_hand = moderation.comment(session(), actor(), consultation, number) if number is not None else None
    after = asked_number("after") or 0
    own = moderation.own_numbers(consultation)
    return render_template(
        "office/queue.html",
        consultation=consultation,
        counts=reading.counts(session(), consultation),
        queue=moderation.queue(session(), actor(), consultation, state, after),
        state=state,
        comment=in_hand,
        masks=moderation.suggested_masks(in_hand, own) if in_hand else [],
        decisions=moderation.decisions(session(), in_hand) if in_hand else [],
        done=_done(consultation),
        reasons=reference.withholding_reasons(session()),
        form=form,
        contact=contact,
        registration_id=registry.of_submission(session(), in_hand.submission_id) if in_hand else None,
        appeal=moderation.appeal(session(), in_hand) if in_hand else None,
        appealed=moderation.appealed(session(), consultation),
        states=list(CommentState),
        act=ActForm(formdata=None),
    )


@blueprint.post("/<int:number>/evidence")
@permit(Permission.MODERATE)
def evidence(slug: str, number: int) -> Response:
    """The file handed in with a comment; who took it is logged."""
    consultation = desk.consultation(session(), actor(), slug)
    found = moderation.comment(session(), actor(), consultation, number)
    attachment = moderation.see_evidence(session(), actor(), found, now())
    answer = files.answer(attachment)
    commit()
    return answer


def _done(consultation: Consultation) -> Comment | None:
    """The comment that was decided just before, for the word of confirmation; rubbish in the address is no fault."""
    number = asked_number("done")
    try:
        return moderation.comment(session(), actor(), consultation, number) if number is not None else None
    except NotThere:
        return None


@blueprint.post("/<int:number>")
@permit(Permission.MODERATE)
def decide(slug: str, number: int) -> str | Response | tuple[str, int]:
    """Decide on one comment, then take the next one in hand."""
    consultation = desk.consultation(session(), actor(), slug)
    found = moderation.comment(session(), actor(), consultation, number)
    form = DecisionForm()
    try:
        to = CommentState(form.typed("to"))
    except ValueError:
        raise NotValid("请选择如何处理这条意见。") from None
    own = moderation.own_numbers(consultation)
    suggestions = moderation.suggested_masks(found, own)
    try:
        masks = [moderation.mask_of(found, name, suggestions) for name in request.form.getlist("masks")]
        if chosen := request.form.get("extra_mask", "").strip():
            masks += moderation.masks_of_words(found, chosen)
        moderation.decide(
            session(),
            actor(),
            found,
            to,
            revision=form.revision.data if form.revision.data is not None else -1,
            at=now(),
            reason_code=form.typed("reason_code"),
            note=form.typed("note"),
            masks=masks,
            own=own,
        )
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), number, form, _state()), 422
    commit()
    if to is CommentState.PENDING:
        return redirect(url_for(".comment", slug=slug, number=number))
    following = moderation.next_waiting(session(), consultation, number)
    if following is None:
        return redirect(url_for(".queue", slug=slug, done=number, list=1))
    return redirect(url_for(".comment", slug=slug, number=following, done=number))


@blueprint.post("/<int:number>/contact")
@permit(Permission.SEE_CONTACT)
def contact(slug: str, number: int) -> str:
    """Look at the contact data behind a comment; the look is logged."""
    consultation = desk.consultation(session(), actor(), slug)
    found = moderation.comment(session(), actor(), consultation, number)
    details = moderation.see_contact(session(), seal(), actor(), found, now())
    commit()
    return _page(consultation, number, DecisionForm(formdata=None), _state(), contact=details)


@blueprint.post("/<int:number>/confidential")
@permit(Permission.SEE_CONFIDENTIAL)
def confidential(slug: str, number: int) -> str:
    """Look at the trade secret told beside a comment; the look is logged."""
    consultation = desk.consultation(session(), actor(), slug)
    words = moderation.see_confidential(session(), seal(), actor(), consultation, number, now())
    commit()
    return render_template("office/confidential.html", consultation=consultation, number=number, words=words)


@blueprint.post("/<int:number>/letter")
@permit(Permission.SEE_CONTACT)
def letter(slug: str, number: int) -> Response:
    """Hand out the scan of the letter with the organisation's seal; the look is logged."""
    consultation = desk.consultation(session(), actor(), slug)
    found = moderation.comment(session(), actor(), consultation, number)
    kept = moderation.see_letter(session(), actor(), found, now())
    commit()
    return files.answer(kept)
