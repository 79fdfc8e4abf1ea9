"""The moderation desk: the queue, the comment in hand, one decision at a time."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid, Refusal
from portal.models import Comment
from portal.rules.words import CommentState
from portal.services import (
    appeals,
    claiming,
    colleagues,
    desk,
    followers,
    hiding,
    looking,
    masking,
    moderation,
    proposing,
    queueing,
    telling,
)
from portal.services.masking import Mask
from portal.services.queueing import Place
from portal.web import display, files
from portal.web.gate import actor, commit, database, now, permit, seal, session, settings
from portal.web.office import queue_page
from portal.web.office.forms import DecisionForm
from portal.web.office.queue_page import Asked, asked
from portal.web.refusals import STATUS

blueprint = Blueprint("moderation", __name__, url_prefix="/office")
ONE = "/consultations/<slug>/moderation"
#: what the button says that only hides more of a public comment
HIDE = "hide"
#: what the button says that publishes with every suggestion hidden, sure or not
ALL_MASKED = "published_all"


@blueprint.get("/moderation/")
@permit(Permission.MODERATE)
def all_queue() -> str | Response:
    """What waits across the consultations of the bureau."""
    return _queue(asked())


@blueprint.get(f"{ONE}/")
@permit(Permission.MODERATE)
def queue(slug: str) -> str | Response:
    """The queue of one consultation; with something waiting, the first of it is taken in hand."""
    return _queue(asked(slug))


def _queue(given: Asked) -> str | Response:
    if given.sieve.is_open and not any(name in request.args for name in ("list", "sift", "after")):
        first = queueing.following(session(), actor(), given.among, given.sieve, now(), None)
        if first is not None:
            return redirect(_taking(given, first))
    return queue_page.page(given, None)


def _taking(given: Asked, comment: Comment, **more: object) -> str:
    scope = {} if given.consultation and "consultation" not in given.args else {"scope": "all"}
    args: dict[str, Any] = {**given.args, **scope, **more}
    return url_for("moderation.comment", slug=given.slug_of(comment), number=comment.number, **args)


@blueprint.get(f"{ONE}/<int:number>")
@permit(Permission.MODERATE)
def comment(slug: str, number: int) -> str:
    """One comment in hand: whoever looks at a waiting comment takes it, so that nobody else does."""
    given = asked(slug)
    found = _found(slug, number, given)
    if found.urgency is not None:
        _take(found)
    return queue_page.page(given, found, slug=slug)


def _found(slug: str, number: int, given: Asked | None = None) -> Comment:
    among = {each.slug: each for each in given.among} if given else {}
    consultation = among.get(slug) or desk.consultation(session(), actor(), slug)
    return moderation.comment(session(), actor(), consultation, number)


def _take(found: Comment) -> None:
    """A short transaction of its own beside the look; a busy database is no reason not to show the page."""
    if not claiming.is_due(claiming.holder(session(), found.id, now()), actor(), now()):
        return
    try:
        with database().transaction() as writing:
            mine = writing.get_one(Comment, found.id)
            claiming.take(writing, actor(), mine, now())
    except OperationalError:
        return
    session().rollback()


@blueprint.get(f"{ONE}/<int:number>/next")
@permit(Permission.MODERATE)
def following(slug: str, number: int) -> Response:
    """Leave this one for later: the next that nobody has in hand."""
    given = asked(slug)
    found = _found(slug, number, given)
    place = Place.read(request.args.get("from", "")) or _place(found)
    next_one = queueing.following(session(), actor(), given.among, given.sieve, now(), place)
    if next_one is None or next_one.id == found.id:
        return redirect(given.address(list=1))
    return redirect(_taking(given, next_one))


def _place(found: Comment) -> Place:
    return queueing.place_of(found, found.submission.consultation, now())


def _onwards(given: Asked, place: Place, number: int, **more: object) -> Response:
    """After a decision: the next one in hand, or the list when nothing is left."""
    next_one = queueing.following(session(), actor(), given.among, given.sieve, now(), place)
    if next_one is None:
        return redirect(given.address(list=1, done=number, **more))
    return redirect(_taking(given, next_one, done=number, **more))


# ── deciding ──────────────────────────────────────────────────────────────────────────────────────────


@blueprint.post(f"{ONE}/<int:number>")
@permit(Permission.MODERATE)
def decide(slug: str, number: int) -> str | Response | tuple[str, int]:
    """Do with a comment what the button says, then take the next one in hand."""
    given = asked(slug)
    found = _found(slug, number, given)
    form = DecisionForm()
    place = _place(found)
    act = form.typed("to")
    if act == HIDE:
        return _hide(given, found, form)
    behind = followers.count(session(), found)
    try:
        _act(found, act, form)
    except (NotValid, NotAllowed, AlreadyDone) as refusal:
        session().rollback()
        if isinstance(refusal, AlreadyDone) and _is_done_already(found, act, form):
            return _onwards(given, place, number)
        return _refused(slug, number, form, refusal)
    told = _put_back(found, behind)
    commit()
    if act in (CommentState.PENDING.value, "decline"):
        return redirect(_taking(given, found, **told))
    return _onwards(given, place, number, **told)


def _hide(given: Asked, found: Comment, form: DecisionForm) -> Response | tuple[str, int]:
    """Hide words that have been public, here and wherever else they were published; the comment stays in hand."""
    slug, words = given.slug_of(found), form.typed("hidden_words")
    try:
        done = hiding.hide(
            session(), actor(), found, words, note=form.typed("note"), is_everywhere=form.is_everywhere.data,
            revision=form.revision.data if form.revision.data is not None else -1, at=now(),
        )  # fmt: skip
    except (NotValid, NotAllowed, AlreadyDone) as refusal:
        session().rollback()
        return _refused(slug, found.number, form, refusal)
    commit()
    return redirect(_taking(given, found, hidden=done.comments, left=done.left))


def _put_back(found: Comment, behind: int) -> dict[str, int]:
    """What the next page tells of the comments merged into this one: how many went back into the queue."""
    is_away = found.state not in (CommentState.PUBLISHED, CommentState.MERGED)
    return {"put_back": behind} if behind and is_away else {}


def _is_done_already(found: Comment, act: str, form: DecisionForm) -> bool:
    to = CommentState.PUBLISHED.value if act == ALL_MASKED else act
    return moderation.is_done_already(session(), actor(), found, to, form.revision.data or 0)


def _refused(slug: str, number: int, form: DecisionForm, refusal: Refusal) -> tuple[str, int]:
    """The same screen with what was typed, and the reason. When somebody was faster, it says who decided what."""
    collision = ""
    if isinstance(refusal, AlreadyDone):
        collision = display.sentence(refusal)
    else:
        form.blame(refusal)
    session().expire_all()
    page = queue_page.page(asked(slug), _found(slug, number), slug=slug, form=form, collision=collision)
    return page, STATUS.get(type(refusal), 422)


def _act(found: Comment, act: str, form: DecisionForm) -> None:
    revision = form.revision.data if form.revision.data is not None else -1
    note = form.typed("note")
    match act:
        case "ask":
            colleagues.ask(session(), actor(), found, form.typed("colleague"), note=note, revision=revision, at=now())
        case "confirm":
            made = proposing.confirm(session(), actor(), found, revision=revision, at=now())
            telling.withheld(session(), seal(), found, made, settings().public_url)
        case "decline":
            proposing.decline(session(), actor(), found, note=note, revision=revision, at=now())
        case "uphold" | "reject":
            masks, cleared, own = _spans(found)
            appeals.decide(
                session(), seal(), actor(), found, is_upheld=act == "uphold", words=note, masks=masks, cleared=cleared,
                own=own, public_url=settings().public_url, revision=revision, at=now(),
            )  # fmt: skip
        case CommentState.WITHHELD.value if moderation.needs_second_person(session()):
            proposing.propose(
                session(), actor(), found, reason_code=form.typed("reason_code"), note=note, revision=revision, at=now()
            )
        case _:
            _decide(found, act, form, note, revision)


def _decide(found: Comment, act: str, form: DecisionForm, note: str, revision: int) -> None:
    try:
        to = CommentState.PUBLISHED if act == ALL_MASKED else CommentState(act)
    except ValueError:
        raise NotValid("请选择如何处理这条意见。") from None
    masks, cleared, own = _spans(found) if to is CommentState.PUBLISHED else ([], [], frozenset[str]())
    made = moderation.decide(
        session(),
        actor(),
        found,
        to,
        revision=revision,
        at=now(),
        reason_code=form.typed("reason_code"),
        note=note,
        masks=masks,
        cleared=cleared,
        own=own,
        merged_into=number_of(form.typed("merged_into")),
    )
    if to is CommentState.WITHHELD:
        telling.withheld(session(), seal(), found, made, settings().public_url)


def number_of(reference: str) -> int | None:
    """C-12 or 12, as somebody types it."""
    digits = reference.strip().upper().removeprefix("C-").removeprefix("C")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def _spans(found: Comment) -> tuple[list[Mask], list[Mask], frozenset[str]]:
    """What was decided on every span: hidden, moved, added, or said to be no personal data. Raises NotValid."""
    own = moderation.own_numbers(found.submission.consultation)
    suggestions = masking.suggested_masks(found, own)
    if request.form.get("to") == ALL_MASKED:
        return list(suggestions), [], own
    cleared = [masking.mask_of(found, name, suggestions) for name in request.form.getlist("cleared")]
    masks = []
    for name in request.form.getlist("masks"):
        mask = masking.mask_of(found, name, suggestions)
        # whoever says that it is no personal data has looked; the box beside it was ticked beforehand
        if mask in cleared:
            continue
        words = request.form.get(f"words-{name}", "").strip()
        is_moved = words and words != getattr(found, mask.field)[mask.start : mask.end]
        masks.append(masking.moved(found, mask, words) if is_moved else mask)
    if chosen := request.form.get("extra_mask", "").strip():
        masks += masking.masks_of_words(found, chosen)
    return masks, cleared, own


@blueprint.post(f"{ONE}/<int:number>/undo")
@permit(Permission.MODERATE)
def undo(slug: str, number: int) -> Response:
    """Take back one's own last decision on a comment, and take it in hand again."""
    given = asked(slug)
    found = _found(slug, number, given)
    revision = DecisionForm().revision.data
    behind = followers.count(session(), found)
    moderation.undo(session(), actor(), found, revision=revision if revision is not None else -1, at=now())
    told = _put_back(found, behind)
    commit()
    return redirect(_taking(given, found, **told))


@blueprint.post(f"{ONE}/<int:number>/claim")
@permit(Permission.MODERATE)
def claim(slug: str, number: int) -> Response:
    """Take a comment over from the colleague who has it in hand."""
    given = asked(slug)
    found = _found(slug, number, given)
    claiming.take(session(), actor(), found, now(), is_taken_over=True)
    commit()
    return redirect(_taking(given, found))


# ── looks that are logged ─────────────────────────────────────────────────────────────────────────────


@blueprint.post(f"{ONE}/<int:number>/evidence")
@permit(Permission.MODERATE)
def evidence(slug: str, number: int) -> Response:
    """The file handed in with a comment; who took it is logged."""
    attachment = looking.see_evidence(session(), actor(), _found(slug, number), now())
    answer = files.answer(attachment)
    commit()
    return answer


@blueprint.post(f"{ONE}/<int:number>/contact")
@permit(Permission.SEE_CONTACT)
def contact(slug: str, number: int) -> str:
    """Look at the contact data behind a comment; the look is logged."""
    found = _found(slug, number)
    details = looking.see_contact(session(), seal(), actor(), found, now())
    commit()
    return queue_page.page(asked(slug), found, slug=slug, contact=details)


@blueprint.post(f"{ONE}/<int:number>/sealed")
@permit(Permission.MODERATE)
def sealed(slug: str, number: int) -> str:
    """Look at the words of a comment that was sealed as unlawful; the look is logged."""
    found = _found(slug, number)
    if not looking.is_sealed(found, looking.sealing_codes(session())):
        raise NotThere("这条意见没有封存。")
    looking.see_sealed(session(), actor(), found, now())
    commit()
    return queue_page.page(asked(slug), found, slug=slug, is_unsealed=True)


@blueprint.post(f"{ONE}/<int:number>/confidential")
@permit(Permission.SEE_CONFIDENTIAL)
def confidential(slug: str, number: int) -> str:
    """Look at the trade secret told beside a comment; the look is logged."""
    consultation = desk.consultation(session(), actor(), slug)
    words = looking.see_confidential(session(), seal(), actor(), consultation, number, now())
    commit()
    return render_template("office/confidential.html", consultation=consultation, number=number, words=words)


@blueprint.post(f"{ONE}/<int:number>/letter")
@permit(Permission.SEE_CONTACT)
def letter(slug: str, number: int) -> Response:
    """Hand out the scan of the letter with the organisation's seal; the look is logged."""
    kept = looking.see_letter(session(), actor(), _found(slug, number), now())
    commit()
    return files.answer(kept)
