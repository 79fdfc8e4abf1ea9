"""A window the public relies on: its history, its extension, the withdrawal of the consultation."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid
from portal.models import Consultation
from portal.rules import window
from portal.services import desk, windows
from portal.web.gate import actor, commit, now, permit, session
from portal.web.office.forms import ExtensionForm, WithdrawalForm
from portal.web.office.periods import Period, considered

blueprint = Blueprint("windows", __name__, url_prefix="/office/consultations/<slug>/window")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.PUBLISH)
def extend(slug: str) -> str | Response | tuple[str, int]:
    """The window as it stands; a POST extends it, or counts what is typed."""
    consultation = _published(slug)
    form = ExtensionForm()
    if request.method == "GET":
        if current := consultation.window:
            clock = window.in_beijing(current.closes_at)
            form.closes_time.data = clock.time() if clock.date() == window.last_day(current.closes_at) else None
        return _page(consultation, form)
    act = request.form.get("act", "extend")
    try:
        _require_readable(form)
        if act == "next_workday":
            found = _period(consultation, form).assessment
            if found is not None and found.next_workday is not None:
                form.closes_on.data, form.closes_on.raw_data = found.next_workday, None
        if act != "extend":
            closes_at = windows.longer(consultation, form.closes_on.data, form.closes_time.data, now())
            if act == "template":
                form.announcement.data = windows.extension_words(consultation, closes_at)
            return _page(consultation, form)
        windows.extend(
            session(), actor(), consultation, form.closes_on.data, form.closes_time.data, form.typed("announcement"),
            now(),
        )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(_published(slug), form), 422
    commit()
    return redirect(url_for(".extend", slug=slug, extended=1))


@blueprint.post("/withdrawal")
@permit(Permission.PUBLISH)
def withdraw(slug: str) -> str | Response | tuple[str, int]:
    """Withdraw the consultation, saying why."""
    consultation = _published(slug)
    form = WithdrawalForm()
    try:
        windows.withdraw(session(), actor(), consultation, form.typed("reason"), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(_published(slug), ExtensionForm(formdata=None), form), 422
    commit()
    return redirect(url_for(".extend", slug=slug, withdrawn=1))


@blueprint.get("/period")
@permit(Permission.PUBLISH)
def period(slug: str) -> str:
    """The counts of the extension being typed, as a piece of the page."""
    consultation = _published(slug)
    form = ExtensionForm(request.args)
    try:
        _require_readable(form)
        windows.longer(consultation, form.closes_on.data, form.closes_time.data, now())
        found = _period(consultation, form)
    except NotValid as fault:
        found = Period(fault=fault)
    return render_template("office/_period_alone.html", period=found)


def _published(slug: str) -> Consultation:
    consultation = desk.consultation(session(), actor(), slug)
    if not consultation.is_published:
        raise NotThere("公告还没有发布，请直接修改公告里的期限。")
    return consultation


def _require_readable(form: ExtensionForm) -> None:
    form.validate()
    for field in (form.closes_on, form.closes_time):
        if field.errors:
            field.errors = []
            raise NotValid("请检查新的截止日期和时刻，例如2026年4月10日写作2026-04-10。", fault=field.name)


def _period(consultation: Consultation, form: ExtensionForm) -> Period:
    current = consultation.window
    if current is None or form.closes_on.data is None:
        return Period()
    return considered(
        consultation, consultation.document_type, window.day_in_beijing(current.opens_at), form.closes_on.data,
        form.closes_time.data, current.shortened_reason,
    )  # fmt: skip


def _page(consultation: Consultation, form: ExtensionForm, withdrawal: WithdrawalForm | None = None) -> str:
    return render_template(
        "office/window.html",
        consultation=consultation,
        state=consultation.state(now()),
        form=form,
        withdrawal=withdrawal or WithdrawalForm(formdata=None),
        period=_period(consultation, form),
        proposal=windows.extension_words(consultation, None),
    )
