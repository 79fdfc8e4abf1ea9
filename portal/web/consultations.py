"""The public's pages: home, list, the draft with its clauses, the notice, the explanatory note."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid
from portal.models import Consultation
from portal.rules import window
from portal.rules.words import CommentState
from portal.services import attachments, listing, materials, reading, reference
from portal.services import baskets as basket_service
from portal.web import baskets, files
from portal.web.forms import CommentForm
from portal.web.gate import asked_number, commit, now, permit, seal, session
from portal.web.outline import contents, passages

blueprint = Blueprint("consultations", __name__)

#: the label in an address that stands for the draft as a whole
WHOLE = "all"


@blueprint.get("/")
@permit(Permission.READ)
def home() -> str:
    """What is open, what ends soon, what was answered."""
    return render_template(
        "consultations/home.html", shelves=listing.shelves(session(), now()), record=listing.record(session(), now())
    )


@blueprint.get("/consultations/")
@permit(Permission.READ)
def index() -> str:
    """Every consultation, by bureau, kind of document, subject, state and year."""
    asked = {name: request.args.get(name, "")[:64] for name in ("bureau", "type", "subject", "state", "year")}
    found = listing.index(session(), listing.Filters(**asked), now(), asked_number("page") or 1)
    return render_template("consultations/index.html", listing=found)


def shared(consultation: Consultation) -> dict[str, object]:
    """What every page of one consultation shows in its head."""
    current = consultation.window
    counts = reading.counts(session(), consultation)
    return {
        "consultation": consultation,
        "window": current,
        "state": consultation.state(now()),
        "days_left": window.days_left(current.closes_at, now()) if current else 0,
        "received": sum(counts.values()),
        "counts": counts,
        "published": counts[CommentState.PUBLISHED],
        "basket": baskets.current(consultation),
    }


@blueprint.get("/consultations/<slug>/")
@permit(Permission.READ)
def reader(slug: str) -> str:
    """The draft, to read and to comment clause by clause."""
    return _reader(slug, None, CommentForm(formdata=None))


@blueprint.route("/consultations/<slug>/clauses/<label>", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def clause(slug: str, label: str) -> str | Response | tuple[str, int]:
    """One clause in hand: what others said, and the form; a POST puts one comment into the basket."""
    form = CommentForm()
    if request.method == "GET":
        return _reader(slug, label, form)
    consultation = reading.published(session(), slug, now())
    found = None if label == WHOLE else reading.clause(session(), consultation.version, label)
    code = basket_service.usable_code(session(), seal(), consultation.id, baskets.code(consultation))
    remark = basket_service.Remark(
        form.typed("stance"), form.typed("body"), form.typed("proposed_text"), form.typed("quote")
    )
    try:
        item = basket_service.add_item(session(), seal(), consultation, found, remark, code=code, at=now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _reader(slug, label, form), 422
    commit()
    answer = redirect(url_for(".clause", slug=slug, label=label, added=item.id) + f"#c-{label}")
    baskets.remember(answer, consultation, code)
    return answer


def _reader(slug: str, label: str | None, form: CommentForm) -> str:
    consultation = reading.published(session(), slug, now())
    clauses = reading.clauses(session(), consultation.version)
    counts = reading.public_counts(session(), consultation)
    in_hand = next((clause for clause in clauses if clause.label == label), None)
    if label not in (None, WHOLE) and in_hand is None:
        reading.clause(session(), consultation.version, label or "")
    page = None
    if label is not None:
        before = asked_number("before")
        page = reading.published_comments(session(), consultation, in_hand.id if in_hand else None, before)
    if in_hand is not None and form.proposed_text.data is None:
        form.proposed_text.data = in_hand.text or in_hand.heading
    return render_template(
        "consultations/reader.html",
        **shared(consultation),
        contents=contents(clauses, counts),
        passages=passages(clauses),
        public_counts=counts,
        most=max(counts.values(), default=0),
        in_hand=in_hand,
        label=label,
        page=page,
        form=form,
        whole=WHOLE,
    )


@blueprint.get("/consultations/<slug>/notice")
@permit(Permission.READ)
def notice(slug: str) -> str:
    """The notice (征求意见公告)."""
    consultation = reading.published(session(), slug, now())
    beside = attachments.published(session(), consultation.id)
    return render_template("consultations/notice.html", **shared(consultation), files=beside)


@blueprint.get("/consultations/<slug>/note")
@permit(Permission.READ)
def note(slug: str) -> str:
    """The explanatory note (起草说明)."""
    consultation = reading.published(session(), slug, now())
    beside = attachments.published(session(), consultation.id)
    return render_template("consultations/note.html", **shared(consultation), files=beside)


@blueprint.get("/consultations/<slug>/files/<int:file_id>")
@permit(Permission.READ)
def file(slug: str, file_id: int) -> Response:
    """A file the bureau published beside its draft."""
    return files.answer(materials.one(session(), reading.published(session(), slug, now()), file_id))


@blueprint.get("/rules/<name>")
@permit(Permission.READ)
def rules(name: str) -> str:
    """How comments are moderated, how personal information is handled, how to use the site."""
    if name not in ("moderation", "privacy", "help"):
        raise NotThere("没有找到这一页。它可能已移动，请从首页重新进入。")
    return render_template(f"rules/{name}.html", reasons=reference.withholding_reasons(session()))
