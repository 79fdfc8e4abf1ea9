"""Who answers for which clause, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import AlreadyDone, NotValid
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
    typed = _typed()
    try:
        wanted = {key: (row.name, row.due_on) for key, row in typed.items()}
        shown = {key: row.shown for key, row in typed.items() if row.shown is not None}
        routing.route(session(), actor(), consultation, wanted, now(), shown)
    except (NotValid, AlreadyDone) as refusal:
        session().rollback()
        form.blame(refusal)
        is_collision = isinstance(refusal, AlreadyDone)
        page = _page(desk.consultation(session(), actor(), slug), form, typed, is_told=is_collision)
        return page, 409 if is_collision else 422
    commit()
    return redirect(url_for(".edit", slug=slug, kept=1))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form: what stands in its fields, and what the page showed of it (None: no page did)."""

    name: str
    due: str
    shown: routing.Wanted | None
    #: what stands now, where it is neither what was shown nor what was typed
    standing: routing.Wanted | None = None

    @property
    def due_on(self) -> date | None:
        """The day that was typed. Raises NotValid for one no calendar has."""
        try:
            return date.fromisoformat(self.due) if self.due else None
        except ValueError:
            raise NotValid("请检查办理期限，例如2026年4月10日写作2026-04-10。", fault="due") from None

    @property
    def is_touched(self) -> bool:
        """Whether something else was typed than the page showed."""
        return self.shown is None or (self.name, self.due) != _written(self.shown)


def _written(wanted: routing.Wanted) -> tuple[str, str]:
    name, due_on = wanted
    return name, due_on.isoformat() if due_on else ""


def _typed() -> dict[int, Row]:
    """The rows of the form that was sent, by the clause."""
    found: dict[int, Row] = {}
    for field, value in request.form.items():
        key = field.removeprefix("office-")
        if key == field or not (key.isascii() and key.isdecimal() and len(key) <= 10 and int(key) <= LARGEST):
            continue
        found[int(key)] = Row(value.strip(), request.form.get(f"due-{key}", "").strip(), _shown(key))
    return found


def _shown(key: str) -> routing.Wanted | None:
    """What the page showed of a row: the day, a space, the office."""
    day, gap, name = request.form.get(f"seen-{key}", "").partition(" ")
    try:
        return (name, date.fromisoformat(day) if day else None) if gap else None
    except ValueError:
        return None


def _row(ward: routing.Ward, typed: Row | None, is_told: bool) -> Row:
    """The row of a clause: as it stands, or with what was typed. Who was told of a collision has seen what stands."""
    standing = ward.standing
    if typed is None or not typed.is_touched:
        return Row(*_written(standing), standing)
    is_changed = typed.shown not in (None, standing) and (typed.name, typed.due) != _written(standing)
    return Row(typed.name, typed.due, standing if is_told else typed.shown, standing if is_changed else None)


def _page(
    consultation: Consultation, form: OfficeForm, typed: Mapping[int, Row] | None = None, *, is_told: bool = False
) -> str:
    wards = routing.wards(session(), consultation)
    held = typed or {}
    offices = routing.offices(session(), consultation)
    today = window.day_in_beijing(now())
    clock = reminding.clock_of(calendar(session()), consultation, now(), settings().answer_days)
    return render_template(
        "office/routing.html",
        consultation=consultation,
        wards=wards,
        rows={ward.clause_id: _row(ward, held.get(ward.clause_id), is_told) for ward in wards},
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
    # after the limit for all answers there is no day to propose
    limit = clock.due_on if clock else None
    due_on = limit if limit is not None and limit >= window.day_in_beijing(now()) else None
    wanted = {key: (name, due_on) for key, name in found.items()}
    routing.route(session(), actor(), consultation, wanted, now(), dict.fromkeys(wanted, routing.NOBODY))
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
