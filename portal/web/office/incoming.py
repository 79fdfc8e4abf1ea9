"""Mail that arrived: taken in from files, listed with what became of it, registered by hand where the machine did not."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.letters.messages import LARGEST_MESSAGE
from portal.models import Consultation, IncomingMail
from portal.rules.words import MailKind
from portal.services import desk, receiving
from portal.web.forms import ActForm
from portal.web.gate import actor, asked_number, commit, now, permit, seal, session

blueprint = Blueprint("incoming", __name__, url_prefix="/office/consultations/<slug>/mail")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.REGISTER)
def mails(slug: str) -> str | Response | tuple[str, int]:
    """The mails of a consultation and those that nobody assigned; a POST takes in .eml and .mbox files."""
    consultation = desk.consultation(session(), actor(), slug)
    form = ActForm()
    if request.method == "GET":
        return _page(consultation, form)
    # read before anything is written: a slow file holds nobody up
    chosen = [file for file in request.files.getlist("file") if file.filename]
    if not chosen:
        form.blame(NotValid("请选择邮件文件（.eml或.mbox）。"))
        return _page(consultation, form), 422
    arrived = [one for file in chosen for one in receiving.read_file(file.read())]
    taken = receiving.take_all(
        session(), seal(), consultation.bureau, arrived, now(), actor=actor(), consultation=consultation
    )
    told: dict[str, Any] = Counter(_became(mail) for mail in taken)
    commit()
    return redirect(url_for(".mails", slug=slug, read=len(arrived), known=len(arrived) - len(taken), **told))


#: what a message that was read can have become; the numbers of all of them make up those that were read
_BECAME = ("registered", "known", "same", "unreadable", "left")


def _became(mail: IncomingMail) -> str:
    """What became of a message that was taken in, as one of `_BECAME`."""
    if mail.registration is not None:
        return "registered"
    return {MailKind.SAME: "same", MailKind.UNREADABLE: "unreadable"}.get(mail.kind, "left")


def _page(consultation: Consultation, form: ActForm) -> str:
    listed = receiving.listed(session(), seal(), actor(), consultation, asked_number("before") or 0)
    return render_template(
        "office/incoming.html",
        consultation=consultation,
        form=form,
        listed=listed,
        before=listed[-1].mail.id if len(listed) == receiving.PAGE else None,
        boxes=receiving.boxes(session(), consultation.bureau_id),
        told={name: asked_number(name) for name in ("read", *_BECAME)},
        largest=LARGEST_MESSAGE // 1024 // 1024,
    )


@blueprint.post("/<int:mail_id>")
@permit(Permission.REGISTER)
def act(slug: str, mail_id: int) -> Response:
    """Register a mail that the machine did not, or hand out the message as it arrived; both are logged."""
    consultation = desk.consultation(session(), actor(), slug)
    mail = receiving.mail_of(session(), actor(), consultation, mail_id)
    if request.form.get("act") == "register":
        receiving.register_anyway(session(), seal(), actor(), consultation, mail, now())
        commit()
        return redirect(
            url_for("registering.edit", slug=slug, registration_id=mail.registration.id if mail.registration else 0)
        )
    content = receiving.see_message(session(), seal(), actor(), mail, now())
    commit()
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename=mail-{mail.id}.eml"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer
