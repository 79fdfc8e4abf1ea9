"""The basket: look over what was written, change or remove it, say who one is, send it once."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid, Refusal, TooMany, WindowNotOpen
from portal.models import BasketItem, Consultation
from portal.rules import uploads
from portal.rules.uploads import Upload
from portal.rules.window import WindowState
from portal.rules.words import IdentityNeed, Signing
from portal.services import baskets as basket_service
from portal.services import commenting, email_codes, identity, reading
from portal.services.identity import Identity
from portal.services.receipts import Receipt
from portal.web import baskets, challenges, display, limits, refusals, tracking
from portal.web.consultations import WHOLE, shared
from portal.web.forms import ActForm, CommentForm, IdentityForm, ResumeForm, regions
from portal.web.gate import commit, commit_together, look_only, now, permit, seal, session, settings

blueprint = Blueprint("comments", __name__)


@blueprint.get("/consultations/<slug>/comment")
@permit(Permission.COMMENT)
def review(slug: str) -> str:
    """Everything in the basket, in the order of the draft, with who sends it."""
    return _review(reading.published(session(), slug, now()), IdentityForm(formdata=None))


@blueprint.post("/consultations/<slug>/comment")
@permit(Permission.COMMENT)
def submit(slug: str) -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Send it all, once."""
    code = request.form.get("code", "") or _held_code(slug)
    try:
        if request.form.get("act") == "send_code":
            return _send_code(slug, code)
        limits.require(limits.SUBMIT, limits.visitor())
        challenges.require(slug, code)
        if request.form.get("email_code", "").strip():
            _confirm_email(slug, code)
        receipt = _sent(slug, code)
    except (NotValid, WindowNotOpen, TooMany) as refusal:
        look_only()
        sent = commenting.sent_before(session(), seal(), code)
        if sent is None:
            return _refused(slug, refusal)
        receipt = sent
    # without the page that Flask's redirect brings: a browser goes on at once
    answer = Response(status=302, headers={"Location": url_for("receipts.show", number=receipt.number, sent=1)})
    tracking.remember(answer, receipt.number, receipt.secret)
    # the code stays with the browser: a second press of the button finds the same receipt
    return answer


def _sent(slug: str, code: str) -> Receipt:
    """Sends what is in the basket, with others who press at the same time; with a scan of a letter by itself."""
    letter = _letter()
    sending = partial(
        commenting.submit,
        seal=seal(),
        slug=slug,
        code=code,
        identity=_identity(),
        at=now(),
        confidential=_confidential(),
        letter=letter,
        seen=request.form.get("seen", ""),
        public_url=settings().public_url,
    )
    if letter is None:
        return commit_together(slug, sending)
    receipt = sending(session())
    commit()
    return receipt


def _held_code(slug: str) -> str:
    """The code of this browser's cookie, for a form that came without it."""
    found = session().scalar(select(Consultation).where(Consultation.slug == slug))
    return baskets.code(found) if found else ""


def _identity() -> Identity:
    """Who sends, as typed. Read from the form at hand: no page has to be drawn while a city is sending."""
    typed = request.form.to_dict().get  # a field that is not there is found out without an exception
    return Identity(
        kind=typed("kind", ""),
        organisation=typed("organisation", ""),
        uscc=typed("uscc", ""),
        is_organisation_hidden=typed("signing") == Signing.KIND.value,
        name=typed("name", ""),
        phone=typed("phone", ""),
        email=typed("email", ""),
        region=typed("region", ""),
        is_name_public=bool(typed("is_name_public")),
        is_minor=bool(typed("is_minor")),
        guardian_name=typed("guardian_name", ""),
        guardian_contact=typed("guardian_contact", ""),
        has_guardian_consent=bool(typed("has_guardian_consent")),
        has_read_notice=bool(typed("has_read_notice")),
        notice_version=typed("notice_version", identity.NOTICE_VERSION),
    )


def _confidential() -> dict[int, str]:
    """The trade secrets told beside the comments, by the key of the comment in the basket."""
    return {
        int(key): text
        for name, text in request.form.items()
        if (key := name.removeprefix("confidential-")) != name and key.isdecimal() and text.strip()
    }


def _letter() -> Upload | None:
    """The scan of a sealed letter, when one was chosen."""
    chosen = request.files.get("letter")
    if chosen is None or not chosen.filename:
        return None
    return uploads.checked(chosen.read(), chosen.filename, fault="letter")


def _send_code(slug: str, code: str) -> str:
    """Send six digits to the address that was typed; the page comes back with everything that was."""
    limits.require(limits.EMAIL_CODE, limits.visitor())
    consultation = reading.published(session(), slug, now())
    trace = basket_service.trace(seal(), code)
    address = email_codes.send(session(), seal(), consultation, request.form.get("email", ""), trace, now())
    commit()
    form = IdentityForm()
    form.email_code.data = ""  # of the letter before
    return _review(reading.published(session(), slug, now()), form, code_sent_to=address)


def _confirm_email(slug: str, code: str) -> None:
    consultation = reading.published(session(), slug, now())
    trace = basket_service.trace(seal(), code)
    typed = request.form.get
    fault = email_codes.confirm(
        session(), seal(), consultation.id, typed("email", ""), trace, typed("email_code", ""), now()
    )
    # a wrong try counts whatever becomes of the rest
    commit()
    if fault:
        raise fault


def _confirmed_until(consultation: Consultation, email: str, code: str) -> datetime | None:
    """Until when the address on the page needs no code; None when it needs one."""
    if consultation.identity_needed is not IdentityNeed.VERIFIED or not email.strip():
        return None
    trace = basket_service.trace(seal(), code)
    shown_at = email_codes.confirmed(session(), seal(), consultation.id, email, trace, now())
    return shown_at + email_codes.CONFIRMED_FOR if shown_at else None


def _refused(slug: str, refusal: Refusal) -> tuple[str, int, dict[str, str]]:
    """The page again with everything that was typed, and one sentence on what to do."""
    form = IdentityForm()
    if isinstance(refusal, NotValid):
        form.blame(refusal)
    page = _review(reading.published(session(), slug, now()), form, refusal)
    return page, refusals.STATUS.get(type(refusal), 422), refusals.waiting(refusal)


def _review(
    consultation: Consultation, form: IdentityForm, refusal: Refusal | None = None, code_sent_to: str = ""
) -> str:
    # what was on the page that was sent, also when the cookie is gone
    code = request.form.get("code", "") or baskets.code(consultation)
    return _drawn(consultation, form, code, refusal, code_sent_to)


def _drawn(
    consultation: Consultation,
    form: IdentityForm,
    code: str,
    refusal: Refusal | None = None,
    code_sent_to: str = "",
    resuming: ResumeForm | None = None,
) -> str:
    basket = basket_service.basket(session(), seal(), consultation.id, code)
    items = sorted(basket.items, key=lambda i: (i.clause.position if i.clause else -1, i.id)) if basket else []
    form.region.choices = regions(consultation.bureau.regions, gettext("不填"))
    is_asked = isinstance(refusal, NotValid) and refusal.fault == "answer"
    confirmed_until = _confirmed_until(consultation, form.typed("email"), code)
    if confirmed_until:
        form.email_code.data = ""  # has done its work
    return render_template(
        "comments/review.html",
        **shared(consultation),
        items=items,
        # nothing is left here: a page that stayed open elsewhere may forget what was typed on it
        form=form,
        code=code,
        seen=commenting.stamp(items) if items else "",
        sent=None if items else commenting.sent_before(session(), seal(), code),
        resuming=resuming or ResumeForm(formdata=None),
        confidential=_confidential() if request.method == "POST" else {},
        notice_version=identity.NOTICE_VERSION,
        refusal=refusal,
        is_late=isinstance(refusal, WindowNotOpen),
        grace_ends=commenting.grace_ends(consultation, items, now()),
        is_too_often=isinstance(refusal, TooMany),
        words=_words(consultation, items),
        code_sent_to=code_sent_to,
        confirmed_until=confirmed_until,
        accepted=uploads.ACCEPTED,
        challenge=challenges.new(code) if is_asked else None,
        act=ActForm(formdata=None),
    )


def _words(consultation: Consultation, items: list[BasketItem]) -> str:
    """Everything that was written, as plain text to be kept elsewhere."""
    secrets = _confidential() if request.method == "POST" else {}
    lines = [gettext("对《%(title)s（征求意见稿）》的意见", title=consultation.title), ""]
    for position, item in enumerate(items, 1):
        place = item.clause.citation if item.clause else gettext("全文")
        lines += [
            gettext("%(n)s. %(place)s（%(stance)s）", n=position, place=place, stance=display.word(item.stance)),
            item.body,
        ]
        for label, text in (
            (gettext("针对"), item.quote),
            (gettext("建议改为"), item.proposed_text),
            (gettext("商业秘密说明（不公开）"), secrets.get(item.id, "")),
            (gettext("依据材料"), _evidence(item)),
        ):
            if text:
                lines.append(label + display.Marks().colon + text)
        lines.append("")
    return "\n".join(lines)


def _evidence(item: BasketItem) -> str:
    """Name and size of the file that goes with a comment; empty when there is none."""
    if item.evidence is None:
        return ""
    marks = display.Marks()
    return f"{item.evidence.name}{marks.open}{uploads.size_words(item.evidence.size)}{marks.close}"


@blueprint.post("/consultations/<slug>/comment/words")
@permit(Permission.COMMENT)
def words(slug: str) -> Response:
    """What was written, as a text file: also after the deadline, and whatever went wrong."""
    consultation = reading.published(session(), slug, now())
    code = request.form.get("code", "") or baskets.code(consultation)
    basket = basket_service.basket(session(), seal(), consultation.id, code)
    if basket is None or not basket.items:
        raise NotThere("“我的意见”里还没有内容。")
    answer = Response("\ufeff" + _words(consultation, list(basket.items)), mimetype="text/plain")
    answer.headers["Content-Disposition"] = f"attachment; filename={slug}.txt"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _item(consultation: Consultation, item_id: int) -> BasketItem:
    basket = baskets.current(consultation)
    for item in basket.items if basket else ():
        if item.id == item_id:
            return item
    raise NotThere("这条意见不在“我的意见”里，可能已经删除或提交。")


@blueprint.route("/consultations/<slug>/comment/items/<int:item_id>", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def change(slug: str, item_id: int) -> str | Response | tuple[str, int]:
    """Rewrite one comment that has not been sent."""
    consultation = reading.published(session(), slug, now())
    item = _item(consultation, item_id)
    form = CommentForm(obj=item)
    status = 200
    if request.method == "GET" and consultation.state(now()) in (WindowState.CLOSED, WindowState.WITHDRAWN):
        # what is written now could not be sent any more, nor could what was written in time and is changed now
        return redirect(url_for(".review", slug=slug))
    if request.method == "POST":
        try:
            basket_service.require_open(consultation, now())
            basket_service.change_item(session(), item, form.remark(), now(), form.revision.data)
            is_detached = request.form.get("act") == "detach"
            if is_detached:
                basket_service.detach(session(), item, now())
            commit()
            here, review = url_for(".change", slug=slug, item_id=item.id), url_for(".review", slug=slug)
            return redirect(here if is_detached else review)
        except (NotValid, WindowNotOpen, basket_service.WrittenElsewhere) as refusal:
            session().rollback()
            form.blame(refusal)
            status = 422 if isinstance(refusal, NotValid) else 409
            form.revision.data = item.revision
    elif item.clause is not None and not item.proposed_text:
        form.proposed_text.data = item.clause.wording
    page = render_template(
        "comments/change.html",
        **shared(consultation),
        item=item,
        form=form,
        label=item.clause.label if item.clause else WHOLE,
    )
    return page, status


@blueprint.post("/consultations/<slug>/comment/items/<int:item_id>/remove")
@permit(Permission.COMMENT)
def remove(slug: str, item_id: int) -> Response:
    """Take one comment out of the basket."""
    consultation = reading.published(session(), slug, now())
    seen = request.form.get("revision", type=int)
    basket_service.remove_item(session(), _item(consultation, item_id), seen)
    commit()
    return redirect(url_for(".review", slug=slug))


@blueprint.get("/consultations/<slug>/comment/resume/<code>")
@permit(Permission.COMMENT)
def take_up(slug: str, code: str) -> str | Response | tuple[str, int]:
    """A link to a basket, as it is handed to a colleague. It is opened by a button, never by the link alone:
    otherwise whoever sends a link would read what its receiver goes on to write."""
    consultation = reading.published(session(), slug, now())
    found = basket_service.basket(session(), seal(), consultation.id, code)
    if found is None:
        return _not_resumed(consultation, code, basket_service.not_resumable(session(), seal(), code))
    held = baskets.current(consultation)
    if held is not None and held.id == found.id:
        return redirect(url_for(".review", slug=slug))
    return render_template("comments/take_up.html", **shared(consultation), taken=code, count=len(found.items))


@blueprint.post("/consultations/<slug>/comment/resume")
@permit(Permission.COMMENT)
def resume(slug: str) -> Response | tuple[str, int]:
    """Go on with a basket begun elsewhere, by its code."""
    consultation = reading.published(session(), slug, now())
    code = request.form.get("code", "")
    try:
        basket_service.join(session(), seal(), consultation, baskets.code(consultation), code, now())
    except NotThere as refusal:
        look_only()
        return _not_resumed(reading.published(session(), slug, now()), code, refusal)
    commit()
    answer = redirect(url_for(".review", slug=slug))
    baskets.remember(answer, consultation, basket_service.printed_code(code))
    return answer


def _not_resumed(consultation: Consultation, code: str, refusal: NotThere) -> tuple[str, int]:
    """The page with the code as it was typed, to be typed again."""
    form = ResumeForm(formdata=None, data={"code": code[:40]})
    form.code.errors = [display.sentence(refusal)]
    held = baskets.code(consultation)
    return _drawn(consultation, IdentityForm(formdata=None), code=held, resuming=form), refusals.STATUS[NotThere]
