"""The administrator's pages of the addresses that are told of events."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import webhooks as pushing
from portal.access import Permission
from portal.errors import NotValid
from portal.rules import delivery_faults
from portal.rules.words import HappeningKind
from portal.services import people, webhooks
from portal.web import gate, limits
from portal.web.gate import actor, commit, now, permit, seal, session, settings
from portal.web.office.forms import WebhookForm

blueprint = Blueprint("webhooks", __name__, url_prefix="/office/webhooks")


@blueprint.get("/")
@permit(Permission.MANAGE_KEYS)
def listed() -> str:
    """Every address and how its deliveries went."""
    kinds = {kind.value: kind for kind in HappeningKind}
    return render_template("office/webhooks.html", webhooks=webhooks.listed(session(), actor()), kinds=kinds)


def _form() -> WebhookForm:
    form = WebhookForm()
    form.bureau.choices = [SelectChoice(value="", label=gettext("请选择"))] + [
        SelectChoice(value=str(bureau.id), label=bureau.name) for bureau in people.bureaus(session())
    ]
    return form


@blueprint.route("/new", methods=["GET", "POST"])
@permit(Permission.MANAGE_KEYS)
def new() -> str | tuple[str, int]:
    """Register an address; the signing secret is on the answer to this form and nowhere else."""
    form = _form()
    if request.method == "GET":
        return _page(form, {kind.value for kind in HappeningKind})
    bureau, kinds = form.typed("bureau"), request.form.getlist("kinds")
    try:
        made, secret = webhooks.register(
            session(), seal(), actor(), bureau_id=int(bureau) if bureau.isdecimal() and len(bureau) < 10 else None,
            name=form.typed("name"), url=form.typed("url"), kinds=kinds, listed=settings().webhook_hosts, at=now(),
        )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form = _form()
        form.blame(refusal)
        return _page(form, set(kinds)), 422
    commit()
    return render_template("office/webhook_made.html", made=made, secret=secret)


def _page(form: WebhookForm, ticked: set[str]) -> str:
    return render_template("office/webhook_new.html", form=form, kinds=list(HappeningKind), ticked=ticked)


@blueprint.get("/<int:webhook_id>")
@permit(Permission.MANAGE_KEYS)
def show(webhook_id: int) -> str:
    """One address with its newest deliveries."""
    return _one(webhook_id)


def _one(webhook_id: int, tried: pushing.Answer | None = None) -> str:
    found = webhooks.one(session(), actor(), webhook_id)
    return render_template(
        "office/webhook.html", webhook=found, deliveries=webhooks.deliveries(session(), found), tried=tried,
        kinds={kind.value: kind for kind in HappeningKind}, fault_words=delivery_faults.sentence,
    )  # fmt: skip


@blueprint.post("/<int:webhook_id>/test")
@permit(Permission.MANAGE_KEYS)
def send_test(webhook_id: int) -> str:
    """Send an address an event that tells of nothing, and show what it answered; the database is let go meanwhile."""
    found = webhooks.one(session(), actor(), webhook_id)
    limits.require(limits.TRY_WEBHOOK, str(found.id))
    message = webhooks.test_event(session(), seal(), actor(), found, now())
    commit()
    gate.begin_writing()
    answer = pushing.send_test(message, settings(), now())
    gate.look_only()
    return _one(webhook_id, answer)


@blueprint.get("/<int:webhook_id>/test")
@permit(Permission.MANAGE_KEYS)
def after_test(webhook_id: int) -> Response:
    """Where the answer to a test stood: asked for again, as by changing the language, it is the page of the address."""
    return redirect(url_for(".show", webhook_id=webhook_id))


@blueprint.post("/<int:webhook_id>/stop")
@permit(Permission.MANAGE_KEYS)
def stop(webhook_id: int) -> Response:
    """Tell an address nothing more."""
    webhooks.stop(session(), actor(), webhooks.one(session(), actor(), webhook_id), now())
    commit()
    return redirect(url_for(".show", webhook_id=webhook_id, stopped=1))


@blueprint.post("/<int:webhook_id>/deliveries/<int:delivery_id>/again")
@permit(Permission.MANAGE_KEYS)
def send_again(webhook_id: int, delivery_id: int) -> Response:
    """Send one delivery once more."""
    webhooks.send_again(session(), actor(), webhooks.one(session(), actor(), webhook_id), delivery_id, now())
    commit()
    return redirect(url_for(".show", webhook_id=webhook_id, again=delivery_id))
