"""The receipt: what was received, and what became of it. Number and secret open it; no account."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.models import Submission
from portal.rules import receipts
from portal.rules.words import CommentState
from portal.services import commenting, reference
from portal.web import tracking
from portal.web.forms import TrackForm
from portal.web.gate import now, permit, seal, session

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def look_up() -> str | Response | tuple[str, int]:
    """Ask for number and secret."""
    form = TrackForm()
    if request.method == "GET":
        form.number.data = request.args.get("number", "")
        return render_template("receipts/look_up.html", form=form)
    number = receipts.normal_receipt_number(form.typed("number"))
    try:
        if number is None:
            raise NotValid("受理编号有误，请核对，例如 26-07-00091-3。", fault="number")
        if commenting.tracked(session(), seal(), number, form.typed("secret")) is None:
            raise NotValid("受理编号或查询码不对，请核对回执。", fault="secret")
    except NotValid as refusal:
        form.blame(refusal)
        return render_template("receipts/look_up.html", form=form), 422
    answer = redirect(url_for(".show", number=number))
    tracking.remember(answer, number, form.typed("secret"))
    return answer


@blueprint.get("/<number>")
@permit(Permission.COMMENT)
def show(number: str) -> str | Response:
    """One receipt, for the browser that holds its secret; others are asked for it."""
    secret = tracking.secret(number)
    submission = commenting.tracked(session(), seal(), number, secret) if secret else None
    if submission is None:
        return redirect(url_for(".look_up", number=number))
    return render_template(
        "receipts/show.html",
        submission=submission,
        consultation=submission.consultation,
        secret=secret,
        is_new="sent" in request.args,
        steps=_steps(submission),
        are_results_out=_are_results_out(submission),
        reasons={reason.code: reason.words for reason in reference.withholding_reasons(session())},
        notes=commenting.withholding_notes(session(), submission),
    )


def _are_results_out(submission: Submission) -> bool:
    out_at = submission.consultation.results_published_at
    return out_at is not None and out_at <= now()


def _steps(submission: Submission) -> list[tuple[str, bool]]:
    """How far the submission has come: the step and whether it is done."""
    is_reviewed = all(comment.state is not CommentState.PENDING for comment in submission.comments)
    return [
        ("收到", True),
        ("审核", is_reviewed),
        ("研究", _are_results_out(submission)),
        ("答复", _are_results_out(submission)),
    ]
