"""The public ledger of digests: a page of days, a plain file for each, and a form to find one's own."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid
from portal.services import ledgers, reading
from portal.web import limits
from portal.web.consultations import shared
from portal.web.forms import LedgerForm
from portal.web.gate import now, permit, session

blueprint = Blueprint("ledgers", __name__, url_prefix="/consultations/<slug>/ledger")


@blueprint.route("", methods=["GET", "POST"])
@permit(Permission.READ)
def show(slug: str) -> str | tuple[str, int]:
    """Every published day; a POST looks for one digest."""
    consultation = reading.published(session(), slug, now())
    form = LedgerForm()
    entry, status = None, 200
    if request.method == "POST":
        limits.require(limits.LOOK_UP, limits.visitor())
        try:
            entry = ledgers.find(session(), consultation.id, form.typed("digest"))
            if entry is None:
                raise NotValid(
                    "各日公示里没有这个摘要。请核对64位数字和字母；当天收到的，次日0时10分以后公示。", fault="digest"
                )
        except NotValid as refusal:
            form.blame(refusal)
            status = 422
    page = render_template(
        "receipts/ledger.html",
        **shared(consultation),
        days=ledgers.days(session(), consultation.id),
        form=form,
        entry=entry,
    )
    return page, status


@blueprint.get("/<on>.txt")
@permit(Permission.READ)
def day(slug: str, on: str) -> Response:
    """One day as it was published; its SHA-256 is the digest of the day."""
    consultation = reading.published(session(), slug, now())
    try:
        found = ledgers.day(session(), consultation.id, date.fromisoformat(on))
    except ValueError:
        found = None
    if found is None:
        raise NotThere("这一天还没有公示。当天收到的，次日0时10分以后公示。")
    answer = Response(found.text, mimetype="text/plain")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
