"""The basket: look over what was written, change or remove it, say who one is, send it once."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid, WindowNotOpen
from portal.models import BasketItem, Consultation
from portal.services import baskets as basket_service
from portal.services import commenting, reading
from portal.web import baskets, tracking
from portal.web.consultations import WHOLE, shared
from portal.web.forms import ActForm, CommentForm, IdentityForm
from portal.web.gate import commit, now, permit, seal, session

blueprint = Blueprint("comments", __name__)


@blueprint.route("/consultations/<slug>/comment", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def review(slug: str) -> str | Response | tuple[str, int]:
    """Everything in the basket, in the order of the draft, with who sends it; a POST sends it."""
    consultation = reading.published(session(), slug, now())
    form = IdentityForm()
    if request.method == "GET":
        return _review(consultation, form)
    code = baskets.code(consultation) or request.form.get("code", "")
    identity = commenting.Identity(
        kind=form.typed("kind"),
        organisation=form.typed("organisation"),
        uscc=form.typed("uscc"),
        name=form.typed("name"),
        phone=form.typed("phone"),
        email=form.typed("email"),
        is_name_public=bool(form.is_name_public.data),
        has_read_notice=bool(form.has_read_notice.data),
    )
    try:
        receipt = commenting.submit(session(), seal(), consultation, code=code, identity=identity, at=now())
    except (NotValid, WindowNotOpen) as refusal:
        session().rollback()
        form.blame(refusal)
        status = 422 if isinstance(refusal, NotValid) else 409
        return _review(reading.published(session(), slug, now()), form), status
    commit()
    answer = redirect(url_for("receipts.show", number=receipt.number, sent=1))
    tracking.remember(answer, receipt.number, receipt.secret)
    # the code stays with the browser: a second press of the button finds the same receipt
    return answer


def _review(consultation: Consultation, form: IdentityForm) -> str:
    basket = baskets.current(consultation)
    items = sorted(basket.items, key=lambda i: (i.clause.position if i.clause else -1, i.id)) if basket else []
    return render_template(
        "comments/review.html",
        **shared(consultation),
        items=items,
        form=form,
        code=baskets.code(consultation),
        act=ActForm(formdata=None),
    )


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
    if request.method == "POST":
        try:
            basket_service.change_item(session(), item, form.remark(), now(), form.revision.data)
            commit()
            return redirect(url_for(".review", slug=slug))
        except (NotValid, basket_service.WrittenElsewhere) as refusal:
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
    basket_service.remove_item(session(), _item(consultation, item_id))
    commit()
    return redirect(url_for(".review", slug=slug))


@blueprint.get("/consultations/<slug>/comment/resume/<code>")
@permit(Permission.COMMENT)
def take_up(slug: str, code: str) -> str | Response:
    """A link to a basket, as it is handed to a colleague. It is opened by a button, never by the link alone:
    otherwise whoever sends a link would read what its receiver goes on to write."""
    consultation = reading.published(session(), slug, now())
    found = basket_service.basket(session(), seal(), consultation.id, code)
    if found is None:
        raise NotThere("没有找到这个续写码的意见。请检查续写码；已经提交的，请凭受理编号查询。")
    held = baskets.current(consultation)
    if held is not None and held.id == found.id:
        return redirect(url_for(".review", slug=slug))
    return render_template("comments/take_up.html", **shared(consultation), taken=code, count=len(found.items))


@blueprint.post("/consultations/<slug>/comment/resume")
@permit(Permission.COMMENT)
def resume(slug: str) -> Response:
    """Go on with a basket begun elsewhere, by its code."""
    consultation = reading.published(session(), slug, now())
    code = request.form.get("code", "")
    basket_service.join(session(), seal(), consultation, baskets.code(consultation), code, now())
    commit()
    answer = redirect(url_for(".review", slug=slug))
    baskets.remember(answer, consultation, basket_service.plain_code(code))
    return answer
