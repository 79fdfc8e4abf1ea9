"""The notice: its facts, its window with live counts, its files, and the act that puts it before the public."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.access import Permission
from portal.errors import NotValid, Refusal
from portal.models import Consultation, DocumentType
from portal.rules import uploads, window
from portal.services import attachments, desk, materials, publishing, reference, scheduling
from portal.web import files
from portal.web.forms import ActForm
from portal.web.gate import actor, commit, now, permit, seal, session, settings
from portal.web.office.forms import NoticeForm, PlanForm
from portal.web.office.periods import Period, considered

blueprint = Blueprint("notices", __name__, url_prefix="/office/consultations/<slug>")

_TEXTS = (
    "title", "document_type", "notice", "explanatory_note", "contact_unit", "phone", "fax", "email", "postal_address",
    "postcode", "subject", "shortened_reason",
)  # fmt: skip


@blueprint.route("/notice", methods=["GET", "POST"])
@permit(Permission.IMPORT_DRAFT)
def edit(slug: str) -> str | Response | tuple[str, int]:
    """Fill the notice. Every button keeps what was typed; only some of them save it."""
    consultation = desk.consultation(session(), actor(), slug)
    form = _form(consultation)
    if request.method == "GET":
        _show(form, consultation)
        return _page(consultation, form)
    act, _, file_id = request.form.get("act", "save").partition(":")
    try:
        _require_readable(form)
        if act in _UNSAVED:
            _UNSAVED[act](consultation, form)
            return _page(consultation, form, is_unsaved=True)
        publishing.fill_notice(session(), actor(), consultation, _typed(form), now())
        _keep_files(consultation, form)
        if act in _FILE_ACTS and file_id.isascii() and file_id.isdecimal():
            _FILE_ACTS[act](session(), actor(), consultation, int(file_id), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), form), 422
    commit()
    return redirect(url_for(".edit", slug=slug, kept=1) + ("" if act == "save" else "#files"))


def _form(consultation: Consultation) -> NoticeForm:
    form = NoticeForm(obj=consultation)
    form.document_type.choices = [SelectChoice(value="", label=gettext("请选择"))] + [
        SelectChoice(value=kind.code, label=kind.name) for kind in reference.document_types(session())
    ]
    return form


def _require_readable(form: NoticeForm) -> None:
    """Raises NotValid for a day or an hour no calendar has."""
    form.validate()
    for field in (form.opens_on, form.closes_on):
        if field.errors:
            field.errors = []
            raise NotValid("请检查日期，例如2026年3月12日写作2026-03-12。", fault=field.name)
    if form.closes_time.errors:
        form.closes_time.errors = []
        raise NotValid("请检查截止的时刻，例如17时写作17:00；当日24时截止的请留空。", fault="closes_time")
    if form.grace_minutes.errors:
        form.grace_minutes.errors = []
        raise NotValid("宽限时间请填写分钟数，不宽限填0。", fault="grace_minutes")


def _typed(form: NoticeForm) -> publishing.Notice:
    return publishing.Notice(
        opens_on=form.opens_on.data,
        closes_on=form.closes_on.data,
        closes_time=form.closes_time.data,
        count_mode=settings().count_mode,
        identity_needed=form.typed("identity_needed"),
        grace_minutes=form.grace_minutes.data or 0,
        seen=request.form.get("seen", ""),
        **{name: form.typed(name) for name in _TEXTS},
    )  # fmt: skip


def _keep_files(consultation: Consultation, form: NoticeForm) -> None:
    titles = {
        int(name.removeprefix("title-")): value
        for name, value in request.form.items()
        if name.startswith("title-") and name.removeprefix("title-").isdecimal() and len(name) < 17
    }
    materials.rename(session(), actor(), consultation, titles, now())
    upload = request.files.get("attachment")
    if upload is not None and upload.filename:
        checked = uploads.checked(upload.read(), upload.filename, "attachment")
        materials.add(session(), seal(), actor(), consultation, checked, form.typed("attachment_title"), now())


# ── buttons that change what is typed and save nothing ────────────────────────────────────────────────


def _count(_consultation: Consultation, _form: NoticeForm) -> None:
    """The page counts by itself."""


def _to_next_workday(consultation: Consultation, form: NoticeForm) -> None:
    found = _period(consultation, form).assessment
    if found is not None and found.next_workday is not None:
        form.closes_on.data, form.closes_on.raw_data = found.next_workday, None


def _to_earliest_end(consultation: Consultation, form: NoticeForm) -> None:
    found = _period(consultation, form).assessment
    if found is not None and found.earliest_end is not None:
        form.closes_on.data, form.closes_on.raw_data = found.earliest_end, None


def _with_reason(consultation: Consultation, form: NoticeForm) -> None:
    form.shortened_reason.data = _period(consultation, form).proposed_reason or form.shortened_reason.data


def _with_notice(consultation: Consultation, form: NoticeForm) -> None:
    """The template filled from what is typed now, not from what was saved."""
    publishing.fill_notice(session(), actor(), consultation, _typed(form), now())
    session().flush()
    form.notice.data = _template(consultation, with_blanks=True)
    session().rollback()


_UNSAVED = {
    "count": _count,
    "next_workday": _to_next_workday,
    "earliest_end": _to_earliest_end,
    "shortening": _with_reason,
    "template": _with_notice,
}
_FILE_ACTS = {"up": materials.move_up, "remove": materials.remove}


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────


def _show(form: NoticeForm, consultation: Consultation) -> None:
    form.document_type.data = consultation.document_type.code if consultation.document_type else ""
    if current := consultation.window:
        form.opens_on.data = window.day_in_beijing(current.opens_at)
        form.closes_on.data = window.last_day(current.closes_at)
        clock = window.in_beijing(current.closes_at)
        form.closes_time.data = clock.time() if clock.date() == form.closes_on.data else None
        form.shortened_reason.data = current.shortened_reason
    else:
        facts = consultation.version.facts
        for field, fact in ((form.opens_on, facts.get("opens_on")), (form.closes_on, facts.get("closes_on"))):
            if fact:
                field.process_formdata([fact])


def _period(consultation: Consultation, form: NoticeForm) -> Period:
    kind = session().scalar(select(DocumentType).where(DocumentType.code == form.typed("document_type")))
    return considered(
        consultation, kind, form.opens_on.data, form.closes_on.data, form.closes_time.data,
        form.typed("shortened_reason"),
    )  # fmt: skip


def _template(consultation: Consultation, *, with_blanks: bool = False) -> str:
    is_shortened = publishing.is_shortened(session(), consultation, now())
    return publishing.notice_text(
        consultation, _address(consultation), with_blanks=with_blanks, is_shortened=is_shortened
    )


def _address(consultation: Consultation) -> str:
    return settings().public_url + url_for("consultations.reader", slug=consultation.slug)


def _page(
    consultation: Consultation, form: NoticeForm, plan: PlanForm | None = None, *, is_unsaved: bool = False
) -> str:
    planned = scheduling.newest(session(), [consultation.id]).get(consultation.id)
    return render_template(
        "office/notice.html",
        consultation=consultation,
        form=form,
        plan=plan or _plan_form(consultation),
        planned=planned,
        faults_of_plan=scheduling.faults(planned) if planned else [],
        period=_period(consultation, form),
        obstacles=[] if consultation.is_published else publishing.obstacles(session(), consultation, now()),
        proposal=_template(consultation),
        files=attachments.published(session(), consultation.id),
        accepted=",".join(f".{suffix}" for suffix in uploads.ACCEPTED),
        seen=request.form.get("seen") if is_unsaved else publishing.stamp(consultation),
        is_unsaved=is_unsaved,
        act=ActForm(formdata=None),
        may_publish=actor().may(Permission.PUBLISH, consultation.bureau_id),
    )


def _plan_form(consultation: Consultation) -> PlanForm:
    """The first morning on which the window is open, or tomorrow's."""
    form = PlanForm(formdata=None)
    current = consultation.window
    first = window.day_in_beijing(max(current.opens_at, now()) if current else now())
    nine = datetime(first.year, first.month, first.day, 9, tzinfo=window.BEIJING)
    if nine <= now():
        nine += timedelta(days=1)
    form.publishes_at.data = nine.replace(tzinfo=None)
    return form


@blueprint.get("/notice/period")
@permit(Permission.IMPORT_DRAFT)
def period(slug: str) -> str | tuple[str, int]:
    """The counts of the window being typed, as a piece of the page."""
    consultation = desk.consultation(session(), actor(), slug)
    form = NoticeForm(request.args)
    try:
        _require_readable(form)
        found = _period(consultation, form)
    except NotValid as fault:
        found = Period(fault=fault)
    return render_template("office/_period_alone.html", period=found)


@blueprint.get("/files/<int:file_id>")
@permit(Permission.IMPORT_DRAFT)
def file(slug: str, file_id: int) -> Response:
    """One file beside the draft, as the public will get it."""
    consultation = desk.consultation(session(), actor(), slug)
    return files.answer(materials.one(session(), consultation, file_id))


# ── putting it before the public ──────────────────────────────────────────────────────────────────────


@blueprint.post("/publish")
@permit(Permission.PUBLISH)
def publish(slug: str) -> Response:
    """Put it before the public, now."""
    consultation = desk.consultation(session(), actor(), slug)
    publishing.publish(session(), actor(), consultation, now(), request.form.get("seen", ""))
    commit()
    return redirect(url_for(".edit", slug=slug, published=1))


@blueprint.post("/plan")
@permit(Permission.PUBLISH)
def plan(slug: str) -> str | Response | tuple[str, int]:
    """Plan the publication for an instant."""
    consultation = desk.consultation(session(), actor(), slug)
    form = PlanForm()
    try:
        form.validate()
        if form.publishes_at.errors:
            form.publishes_at.errors = []
            raise NotValid("请检查定时发布的日期和时间，例如2026-03-12 09:00。", fault="publishes_at")
        typed = form.publishes_at.data
        at = typed.replace(tzinfo=window.BEIJING) if typed else None
        scheduling.plan(session(), actor(), consultation, at, now())
    except Refusal as refusal:
        session().rollback()
        form.blame(refusal)
        consultation = desk.consultation(session(), actor(), slug)
        notice_form = NoticeForm(formdata=None, obj=consultation)
        notice_form.document_type.choices = _form(consultation).document_type.choices
        _show(notice_form, consultation)
        return _page(consultation, notice_form, form), 422
    commit()
    return redirect(url_for(".edit", slug=slug, planned=1) + "#go")


@blueprint.post("/plan/cancellation")
@permit(Permission.PUBLISH)
def cancel(slug: str) -> Response:
    """Take the plan back."""
    consultation = desk.consultation(session(), actor(), slug)
    scheduling.cancel(session(), actor(), consultation, now())
    commit()
    return redirect(url_for(".edit", slug=slug, cancelled=1) + "#go")
