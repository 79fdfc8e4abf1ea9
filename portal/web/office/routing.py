"""Who answers for which clause, and by when."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.models import Consultation
from portal.rules import window
from portal.services import desk, reminding, routing
from portal.services.holidays import calendar
from portal.web.gate import LARGEST, actor, commit, now, permit, session, settings
from portal.web.office.forms import OfficeForm

blueprint = Blueprint("routing", __name__, url_prefix="/office/consultations/<slug>/routing")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.ROUTE)
def edit(slug: str) -> str | Response | tuple[str, int]:
    """The clauses with their offices; a POST routes them."""
    consultation = desk.consultation(session(), actor(), slug)
    if request.method == "GET":
        return _page(consultation, OfficeForm(formdata=None))
    form = OfficeForm()
    try:
        routing.route(session(), actor(), consultation, _wanted(), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), form), 422
    commit()
    return redirect(url_for(".edit", slug=slug, kept=1))


def _wanted() -> dict[int, tuple[str, date | None]]:
    found: dict[int, tuple[str, date | None]] = {}
    for name, value in request.form.items():
        if not name.startswith("office-"):
            continue
        key = name.removeprefix("office-")
        if not (key.isascii() and key.isdecimal() and len(key) <= 10 and int(key) <= LARGEST):
            continue
        typed = request.form.get(f"due-{key}", "").strip()
        try:
            due_on = date.fromisoformat(typed) if typed else None
        except ValueError:
            raise NotValid("请检查办理期限，例如2026年4月10日写作2026-04-10。", fault="due") from None
        found[int(key)] = (value, due_on)
    return found


def _page(consultation: Consultation, form: OfficeForm) -> str:
    wards = routing.wards(session(), consultation)
    offices = routing.offices(session(), consultation)
    today = window.day_in_beijing(now())
    clock = reminding.clock_of(calendar(session()), consultation, now(), settings().answer_days)
    return render_template(
        "office/routing.html",
        consultation=consultation,
        wards=wards,
        offices=offices,
        progress=routing.progress(wards, offices, today),
        proposal=routing.proposal(wards),
        drafters=routing.drafters(session(), consultation),
        due_on=clock.due_on if clock else None,
        today=today,
        form=form,
    )


@blueprint.post("/proposal")
@permit(Permission.ROUTE)
def take_proposal(slug: str) -> Response:
    """Route everything that was spoken of to the office the draft itself names."""
    consultation = desk.consultation(session(), actor(), slug)
    found = routing.proposal(routing.wards(session(), consultation))
    clock = reminding.clock_of(calendar(session()), consultation, now(), settings().answer_days)
    due_on = clock.due_on if clock else None
    routing.route(session(), actor(), consultation, {key: (name, due_on) for key, name in found.items()}, now())
    commit()
    return redirect(url_for(".edit", slug=slug, kept=1))


@blueprint.post("/offices")
@permit(Permission.ROUTE)
def keep_office(slug: str) -> str | Response | tuple[str, int]:
    """Name an office and its people, or take one away."""
    consultation = desk.consultation(session(), actor(), slug)
    form = OfficeForm()
    removed = request.form.get("remove", "")
    members = [int(each) for each in request.form.getlist("members") if each.isascii() and each.isdecimal()]
    try:
        if removed.isascii() and removed.isdecimal() and len(removed) < 10:
            routing.remove_office(session(), actor(), consultation, int(removed), now())
        else:
            routing.keep_office(session(), actor(), consultation, form.typed("name"), members, now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), form), 422
    commit()
    return redirect(url_for(".edit", slug=slug, _anchor="offices"))
