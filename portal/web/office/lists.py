"""The lists an administrator keeps: document types with their minimum periods, and the calendar of holidays."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import AlreadyDone, NotValid
from portal.models import DocumentType
from portal.rules.periods import Force, Unit
from portal.rules.window import day_in_beijing
from portal.rules.yearly_notice import PastedYear, pasted
from portal.services import document_types, holidays
from portal.web.calendar import YearPage, year_page
from portal.web.gate import actor, asked_number, commit, now, permit, session
from portal.web.office.forms import DocumentTypeForm, HolidaysForm

blueprint = Blueprint("lists", __name__, url_prefix="/office/lists")


# ── document types ────────────────────────────────────────────────────────────────────────────────────


@blueprint.get("/document-types/")
@permit(Permission.KEEP_LISTS)
def kinds() -> str:
    """Every document type with its minimum period."""
    return render_template("office/document_types.html", kinds=document_types.listed(session()))


@blueprint.route("/document-types/new", methods=["GET", "POST"])
@permit(Permission.KEEP_LISTS)
def add_kind() -> str | Response | tuple[str, int]:
    """Add a document type."""
    return _keep(None)


@blueprint.route("/document-types/<code>", methods=["GET", "POST"])
@permit(Permission.KEEP_LISTS)
def change_kind(code: str) -> str | Response | tuple[str, int]:
    """Change a document type."""
    return _keep(document_types.found(session(), code))


def _keep(kind: DocumentType | None) -> str | Response | tuple[str, int]:
    form = DocumentTypeForm(obj=kind)
    if request.method == "GET":
        if kind is not None:
            form.position.data = _position(kind)
        return _kind_page(form, kind, document_types.stamp(kind) if kind else "")
    code, seen = kind.code if kind else None, request.form.get("seen")
    try:
        form.validate()
        for field, sentence in (
            (form.minimum, "最短期限要写成整数；没有规定天数的请留空。"),
            (form.position, "次序要写成整数，例如1。"),
        ):
            if field.errors:
                field.errors = []
                raise NotValid(sentence, fault=field.name)
        document_types.keep(session(), actor(), _typed(form), now(), kind, seen)
    except (NotValid, AlreadyDone) as refusal:
        session().rollback()
        form.blame(refusal)
        if code is None:
            return _kind_page(form, None, ""), 422
        standing = document_types.found(session(), code)
        if not isinstance(refusal, AlreadyDone):
            return _kind_page(form, standing, seen or ""), 422
        # who was told has seen what stands
        return _kind_page(form, standing, document_types.stamp(standing), is_changed=True), 409
    commit()
    return redirect(url_for(".kinds", kept=1))


def _position(kind: DocumentType) -> int:
    """Where a type stands in the list, counted from 1."""
    return [each.id for each, _ in document_types.listed(session())].index(kind.id) + 1


def _typed(form: DocumentTypeForm) -> document_types.Kind:
    return document_types.Kind(
        code=form.typed("code"),
        name=form.typed("name"),
        minimum=form.minimum.data,
        unit=form.typed("unit"),
        force=form.typed("force"),
        needs_explanatory_note=bool(form.needs_explanatory_note.data),
        basis=form.typed("basis"),
        # a place that was left as the page showed it stays whatever it is by now
        position=form.position.data - 1
        if form.position.data and str(form.position.data) != request.form.get("seen-position")
        else None,
    )


def _kind_page(form: DocumentTypeForm, kind: DocumentType | None, seen: str, *, is_changed: bool = False) -> str:
    """`seen` is the stamp to come back with what is typed; `is_changed`: somebody else changed the type meanwhile."""
    return render_template(
        "office/document_type.html",
        form=form,
        kind=kind,
        seen=seen,
        seen_position=(request.form.get("seen-position") or _position(kind)) if kind else "",
        is_changed=is_changed,
        units=Unit,
        forces=Force,
        is_used=kind is not None and document_types.is_used(session(), kind),
    )


@blueprint.post("/document-types/<code>/removal")
@permit(Permission.KEEP_LISTS)
def remove_kind(code: str) -> Response:
    """Take away a type nothing was measured by."""
    document_types.remove(session(), actor(), document_types.found(session(), code), now())
    commit()
    return redirect(url_for(".kinds", removed=1))


# ── holidays ──────────────────────────────────────────────────────────────────────────────────────────


@blueprint.route("/holidays/", methods=["GET", "POST"])
@permit(Permission.KEEP_LISTS)
def days() -> str | Response | tuple[str, int]:
    """The calendar of one year; a POST shows what was pasted, or keeps it."""
    form = HolidaysForm()
    calendar = holidays.calendar(session())
    if request.method == "GET":
        year = asked_number("year") or min(day_in_beijing(now()).year, max(calendar.years, default=9999))
        form.year.data = year
        form.lines.data = pasted(calendar.years.get(year, {}))
        return _days_page(form, year_page(calendar, year))
    try:
        if act_is_keeping := request.form.get("act") == "keep":
            found = holidays.keep_year(session(), actor(), form.year.data, form.typed("lines"), now())
        else:
            found = holidays.read(form.typed("lines"), form.year.data)
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        shown = holidays.read(form.typed("lines"), form.year.data) if refusal.fault != "year" else None
        return _days_page(form, None, shown), 422
    if act_is_keeping:
        commit()
        return redirect(url_for(".days", year=found.year, kept=1))
    page = year_page(calendar.with_year(found.year, found.days), found.year) if not found.faults else None
    return _days_page(form, page, found)


def _days_page(form: HolidaysForm, page: YearPage | None, preview: PastedYear | None = None) -> str:
    return render_template(
        "office/holidays.html",
        form=form,
        page=page,
        preview=preview,
        known=sorted(holidays.calendar(session()).years),
        this_year=day_in_beijing(now()).year,
    )
