"""The clause in hand: what others said and agree with, the form in place, and saving it as it is typed."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid, Refusal, TooMany, WindowNotOpen
from portal.models import Basket, BasketItem, Clause, Consultation
from portal.rules import plaintext, window
from portal.rules.words import CommentOrder
from portal.services import baskets as basket_service
from portal.services import endorsing, reading
from portal.services.baskets import WrittenElsewhere
from portal.web import baskets, display, visitors
from portal.web.consultations import WHOLE, blueprint, shared
from portal.web.forms import CommentForm
from portal.web.gate import asked_number, commit, look_only, now, permit, seal, session, settings
from portal.web.outline import contents, most_said, passages, sentences
from portal.web.shared_pages import form_key


@blueprint.get("/consultations/<slug>/")
@permit(Permission.READ)
def reader(slug: str) -> str:
    """The draft, to read and to comment clause by clause."""
    consultation = reading.published(session(), slug, now())
    heard = reading.heard(session(), consultation)
    return render_template("consultations/reader.html", **_draft(consultation, heard), label=None, in_hand=None)


@blueprint.route("/consultations/<slug>/clauses/<label>", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def clause(slug: str, label: str) -> Response | str | tuple[str, int] | tuple[Response, int]:
    """One clause in hand: what others said, and the form; a POST saves one comment into the basket."""
    if request.method == "GET":
        return _shown(slug, label)
    form = CommentForm()
    if request.form.get("act") == "preview":
        look_only()
        return _preview(slug, label, form)
    consultation = reading.published(session(), slug, now())
    found = _clause(consultation, label)
    code = _code(consultation)
    try:
        item = basket_service.save(
            session(), seal(), consultation, found, form.remark(), code=code, key=form.typed("key") or basket_service.new_key(),
            revision=form.revision.data or 0, at=now(),
        )  # fmt: skip
        _keep_evidence(consultation, item)
        commit()
    except (NotValid, WrittenElsewhere, WindowNotOpen, TooMany) as refusal:
        session().rollback()
        if _wants_data():
            return _refused(refusal)
        if not isinstance(refusal, NotValid | WrittenElsewhere):
            raise
        form.blame(refusal)
        return _written_again(slug, label, form, refusal)
    if _wants_data():
        answer: Response = jsonify(_saved(item))
    else:
        answer = redirect(url_for(".clause", slug=slug, label=label, added=item.id) + f"#c-{label}")
    baskets.remember(answer, consultation, code)
    return answer


def _wants_data() -> bool:
    """Whether the page's own script asks, which saves while somebody types."""
    return request.accept_mimetypes.best == "application/json"


def _saved(item: BasketItem) -> dict[str, Any]:
    at = window.in_beijing(item.written_at)
    return {
        "saved": f"{at:%H:%M}",
        "revision": item.revision,
        "items": len(item.basket.items),
        "evidence": item.evidence.name if item.evidence else "",
    }


def _refused(refusal: Refusal) -> tuple[Response, int]:
    said: dict[str, Any] = {"sentence": display.sentence(refusal), "fault": getattr(refusal, "fault", "")}
    if isinstance(refusal, WrittenElsewhere):
        other = refusal.item
        said["revision"] = other.revision if other else 0
        said["key"] = other.key if other else basket_service.new_key()
        if other:
            said["other"] = {
                "stance": display.word(other.stance),
                "body": other.body,
                "proposed_text": other.proposed_text,
                "saved": _saved(other)["saved"],
            }
    status = 429 if isinstance(refusal, TooMany) else 422 if isinstance(refusal, NotValid) else 409
    return jsonify(said), status


def _keep_evidence(consultation: Consultation, item: BasketItem) -> None:
    # a field of that name that is no file is none
    file = request.files.get("evidence")
    if request.form.get("act") == "detach":
        basket_service.detach(session(), item, now())
    elif file and file.filename:
        basket_service.attach(session(), seal(), consultation, item, file.read(), file.filename, now())


def _preview(slug: str, label: str, form: CommentForm) -> str | tuple[str, int]:
    """The proposed wording as it will be seen. Nothing is saved."""
    consultation = reading.published(session(), slug, now())
    found = _clause(consultation, label)
    if found is None:
        raise NotThere("征求意见稿里没有这一条款，请从目录里重新选择。")
    try:
        wording = plaintext.received_within(
            form.typed("proposed_text"), basket_service.LONGEST_BODY, "修改后的文字", "proposed_text"
        )
    except NotValid as refusal:
        form.blame(refusal)
        wording = ""
    if request.args.get("part") == "preview":
        return render_template("consultations/_preview.html", clause=found, preview=wording, form=form)
    return _page(consultation, label, form, preview=wording), 422 if form.proposed_text.errors else 200


def _written_again(slug: str, label: str, form: CommentForm, refusal: Refusal) -> tuple[str, int]:
    """The form with everything that was typed, and what stands in the basket when that is something else."""
    consultation = reading.published(session(), slug, now())
    other = None
    if isinstance(refusal, WrittenElsewhere):
        other = next((i for i in _basket_items(consultation) if refusal.item and i.id == refusal.item.id), None)
        form.revision.data = other.revision if other else 0
        form.key.data = other.key if other else basket_service.new_key()
    return _page(consultation, label, form, other=other), 409 if isinstance(refusal, WrittenElsewhere) else 422


def _shown(slug: str, label: str) -> Response:
    consultation = reading.published(session(), slug, now())
    version = request.args.get("version", "")
    if version.isdecimal() and version != str(consultation.version.number):
        # a link that cited another version leads to the words that were cited, for ever
        return redirect(url_for("public_versions.show", slug=slug, number=int(version[:6])) + f"#c-{label}")
    item = _item(consultation, label)
    form = CommentForm(formdata=None, obj=item)
    return make_response(_page(consultation, label, form, item=item))


@blueprint.after_request
def give_mark(response: Response) -> Response:
    """Gives a browser its mark before anything is written or endorsed, also when the page itself is a shared copy."""
    if request.endpoint == "consultations.clause" and request.method == "GET" and response.status_code == 200:
        visitors.remember(response)
    return response


def _code(consultation: Consultation) -> str:
    """The code of this browser's basket. A browser without one gets it from its mark: of two tabs that save for the
    first time in the same moment, the second then writes into the basket of the first."""
    held = baskets.code(consultation)
    visitor = visitors.current()
    if not held and visitor is not None:
        held = basket_service.first_code(seal(), consultation.id, visitor.mark)
    return basket_service.usable_code(session(), seal(), consultation.id, held)


def _clause(consultation: Consultation, label: str) -> Clause | None:
    """The clause of this label; None for the draft as a whole. Raises NotThere."""
    return None if label == WHOLE else reading.clause(session(), consultation.version, label)


def _basket_items(consultation: Consultation) -> list[BasketItem]:
    basket: Basket | None = baskets.current(consultation)
    return list(basket.items) if basket else []


def _item(consultation: Consultation, label: str) -> BasketItem | None:
    """The comment on this clause that is being written: the one asked for, else the last; None for a new one."""
    if "new" in request.args:
        return None
    mine = [i for i in _basket_items(consultation) if (i.clause.label if i.clause else WHOLE) == label]
    asked = asked_number("item")
    return next((i for i in mine if i.id == asked), mine[-1] if mine else None)


def _draft(consultation: Consultation, heard: reading.Heard) -> dict[str, Any]:
    clauses = consultation.version.clauses
    entries = contents(clauses, heard.published)
    return {
        **shared(consultation, heard.totals),
        "contents": entries,
        "passages": passages(clauses),
        "public_counts": heard.published,
        "most": most_said(entries),
        "whole": WHOLE,
        "written": _written(consultation),
        "code": baskets.code(consultation),
    }


def _written(consultation: Consultation) -> dict[str, int]:
    """How many comments this browser's basket holds on each clause."""
    found: dict[str, int] = {}
    for item in _basket_items(consultation):
        label = item.clause.label if item.clause else WHOLE
        found[label] = found.get(label, 0) + 1
    return found


def _page(
    consultation: Consultation,
    label: str,
    form: CommentForm,
    *,
    item: BasketItem | None = None,
    other: BasketItem | None = None,
    preview: str | None = None,
) -> str:
    """The reader with a clause in hand, or only what stands beside the clause when the script asks for that."""
    in_hand = next((c for c in consultation.version.clauses if c.label == label), None)
    if label != WHOLE and in_hand is None:
        raise NotThere("征求意见稿里没有这一条款，请从目录里重新选择。")
    if not form.key.data:
        form.key.data, form.revision.data = form_key(), 0
    if in_hand is not None and not form.proposed_text.data:
        form.proposed_text.data = in_hand.wording
    form.sentence.choices = [("", gettext("不选")), *((s, s) for s in sentences(in_hand))] if in_hand else []
    heard = reading.heard(session(), consultation)
    visitor = visitors.who_endorsed()
    order = _order()
    place = in_hand.id if in_hand else None
    page = reading.published_comments(
        session(), consultation, place, reading.Cursor.read(request.args.get("before", "")), order=order,
        said=heard,
        visitor_trace=endorsing.visitor_trace(seal(), consultation.id, visitor) if visitor else "",
    )  # fmt: skip
    hand = {
        "in_hand": in_hand,
        "label": label,
        "form": form,
        "item": item,
        "other": other,
        "preview": preview,
        "mine": [i for i in _basket_items(consultation) if i is not item and i.clause_id == place],
        "page": page,
        "order": order,
        "orders": CommentOrder,
        "said": heard.published.get(place, 0),
    }
    if request.args.get("part") == "panel":
        return render_template("consultations/_panel.html", **shared(consultation, heard.totals), **hand)
    return render_template("consultations/reader.html", **_draft(consultation, heard), **hand)


def _order() -> CommentOrder:
    try:
        return CommentOrder(request.args.get("order", CommentOrder.NEWEST.value))
    except ValueError:
        return CommentOrder.NEWEST


@blueprint.get("/consultations/<slug>/comments/<reference>")
@permit(Permission.READ)
def comment(slug: str, reference: str) -> Response:
    """The permanent address of one published comment: its clause, with the list beginning at it."""
    consultation = reading.published(session(), slug, now())
    number = reference.upper().removeprefix("C-")
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        abort(404)
    found = reading.published_comment(session(), consultation, int(number))
    place = reading.place_of(session(), consultation, found)
    label = place.label if place else WHOLE
    address = url_for(".clause", slug=slug, label=label, before=found.number + 1)
    return redirect(f"{address}#{found.reference}")


@blueprint.post("/consultations/<slug>/comments/<int:number>/endorsement")
@permit(Permission.COMMENT)
def endorse(slug: str, number: int) -> Response:
    """Agree with a published comment, or take that back."""
    consultation = reading.published(session(), slug, now())
    visitor = visitors.current()
    if visitor is None:
        raise NotValid("浏览器没有接受 Cookie，无法保证一人只赞同一次。请允许本站的 Cookie，刷新页面后再按。")
    act = endorsing.withdraw if request.form.get("act") == "withdraw" else endorsing.endorse
    found = act(session(), seal(), consultation, number, visitor, now(), settings().endorsement_threshold)
    commit()
    label = request.form.get("label", WHOLE)
    if request.args.get("part") == "endorsement":
        answer = make_response(render_template(
            "consultations/_endorsement.html", consultation=consultation, comment=found, label=label,
            is_mine=act is endorsing.endorse, is_open=True,
        ))  # fmt: skip
    else:
        address = url_for(".clause", slug=slug, label=label, order=_order(), before=request.args.get("before"))
        answer = make_response(redirect(f"{address}#{found.reference}"))
    visitors.note_endorsement(answer)
    return answer
