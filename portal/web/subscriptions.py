"""Being told by mail: ask, confirm with a press, leave with a press. No account, no cookie."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid, TooMany
from portal.models import Consultation
from portal.rules import subjects
from portal.services import people, reading, subscribing
from portal.services.subscribing import Topic
from portal.web import limits
from portal.web.forms import SubscriptionForm
from portal.web.gate import commit, now, permit, seal, session, settings
from portal.web.refusals import STATUS, waiting

blueprint = Blueprint("subscriptions", __name__, url_prefix="/subscriptions")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def ask() -> str | Response | tuple[str, int, dict[str, str]]:
    """Where to write to and about what. The answer is the same whether the address is known or not."""
    slug = request.values.get("consultation", "")
    consultation = reading.published(session(), slug, now()) if slug else None
    form = SubscriptionForm()
    if request.method == "GET":
        form.topic.data = "results" if consultation else "drafts"
        return _page(form, consultation)
    try:
        limits.require(limits.SUBSCRIBE, limits.visitor())
        subscribing.ask(
            session(), seal(), form.typed("email"), _topic(form, consultation), now(), settings().public_url
        )
    except (NotValid, TooMany) as refusal:
        session().rollback()
        form.blame(refusal)
        found = reading.published(session(), slug, now()) if slug else None
        return _page(form, found), STATUS.get(type(refusal), 422), waiting(refusal)
    commit()
    return redirect(url_for(".asked"))


def _topic(form: SubscriptionForm, consultation: Consultation | None) -> Topic:
    match form.typed("topic"):
        case "results" if consultation is not None:
            return Topic(consultation)
        case "bureau":
            chosen = form.typed("bureau")
            for bureau in people.bureaus(session()):
                if str(bureau.id) == chosen:
                    return Topic(bureau=bureau)
            raise NotValid("请选择单位。", fault="bureau")
        case "subject":
            if form.typed("subject") in subjects.SUBJECTS:
                return Topic(subject=form.typed("subject"))
            raise NotValid("请选择主题。", fault="subject")
        case "drafts":
            return Topic()
    raise NotValid("请选择订阅什么。", fault="topic")


def _page(form: SubscriptionForm, consultation: Consultation | None) -> str:
    return render_template(
        "subscriptions/ask.html", form=form, subject_of=consultation, bureaus=people.bureaus(session()),
        subjects=subjects.SUBJECTS,
    )  # fmt: skip


@blueprint.get("/asked")
@permit(Permission.COMMENT)
def asked() -> str:
    """What happens next; it is said to everybody who asked."""
    return render_template("subscriptions/said.html", said="asked")


@blueprint.route("/<int:subscription_id>/confirm/<token>", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def confirm(subscription_id: int, token: str) -> str:
    """A link from a letter: a machine that looks into mail opens it too, so a person presses the button."""
    found = subscribing.opened(session(), seal(), subscription_id, token, "confirm", now())
    topic = subscribing.topic_of(found)
    if request.method == "GET":
        return render_template("subscriptions/press.html", act="confirm", topic=topic, is_done=found.confirmed_at)
    subscribing.confirm(session(), found, now())
    commit()
    return render_template("subscriptions/said.html", said="confirmed", topic=topic)


@blueprint.route("/<int:subscription_id>/leave/<token>", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def leave(subscription_id: int, token: str) -> str | tuple[str, int]:
    """Leave: with the button of this page, or by the mail program itself (RFC 8058), which sends no cookie."""
    try:
        found = subscribing.opened(session(), seal(), subscription_id, token, "leave", now())
    except NotThere:
        # pressed twice, or long gone: there is nothing left of it either way
        return render_template("subscriptions/said.html", said="left"), 200 if request.method == "POST" else 404
    if request.method == "GET":
        return render_template("subscriptions/press.html", act="leave", topic=subscribing.topic_of(found))
    subscribing.leave(session(), found)
    commit()
    return render_template("subscriptions/said.html", said="left")


def init_app(app: Flask) -> None:
    """What the link carries is all it takes to leave: no form token is asked for."""
    app.extensions["csrf"].exempt(leave)
