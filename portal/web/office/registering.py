"""The desk of letters, calls and visits: write one down, cut it into comments, hand it to a second person."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotAllowed, NotValid, Refusal, TooMany
from portal.letters import folding
from portal.models import Consultation, Registration
from portal.rules import identifiers, masking, uploads, window
from portal.rules.uploads import Upload
from portal.rules.words import RegistrationState, Stance
from portal.services import confirming, desk, handing_in, registering, registry
from portal.services.registering import CHANNELS, MOST_REMARKS, Filled, Typed
from portal.services.resolving import WHOLE_LABEL, Finder, Found
from portal.web import files, receipts
from portal.web.forms import ActForm, regions
from portal.web.gate import actor, asked_number, commit, now, permit, seal, session, settings
from portal.web.office.forms import NoteForm, RegistrationForm

blueprint = Blueprint("registering", __name__, url_prefix="/office/consultations/<slug>/register")


@blueprint.get("/")
@permit(Permission.REGISTER)
def desk_page(slug: str) -> str:
    """What waits: to be written down, to be confirmed; and what was done with the rest."""
    consultation = desk.consultation(session(), actor(), slug)
    counts = registry.counts(session(), consultation)
    state = _state(counts)
    return render_template(
        "office/registrations.html",
        consultation=consultation,
        counts=counts,
        state=state,
        listed=registry.listed(session(), actor(), consultation, state, asked_number("after") or 0),
        states=list(RegistrationState),
        is_late=handing_in.is_late,
    )


def _state(counts: dict[RegistrationState, int]) -> RegistrationState:
    """The state that was asked for; otherwise the first in which something waits."""
    try:
        return RegistrationState(request.args.get("state", ""))
    except ValueError:
        return RegistrationState.HANDED_IN if counts[RegistrationState.HANDED_IN] else RegistrationState.DRAFT


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Row:
    """One remark on the page: as typed, and the clause it was found to be about."""

    typed: Typed
    found: Found


@blueprint.route("/new", methods=["GET", "POST"])
@permit(Permission.REGISTER)
def new(slug: str) -> str | Response | tuple[str, int]:
    """Begin with an empty form; whatever button was pressed, it is kept first."""
    consultation = desk.consultation(session(), actor(), slug)
    if request.method == "GET":
        form = RegistrationForm(formdata=None)
        form.received_on.data = window.day_in_beijing(now())
        return _page(consultation, form, [])
    form = RegistrationForm()
    try:
        filled = _with_proposals(_filled(form), request.form.get("act", ""))
        made = registering.begin(session(), seal(), actor(), consultation, filled, now(), files=_files())
    except (NotValid, TooMany) as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(desk.consultation(session(), actor(), slug), form, _typed()), 422
    return _kept(made, form)


@blueprint.route("/<int:registration_id>", methods=["GET", "POST"])
@permit(Permission.REGISTER)
def edit(slug: str, registration_id: int) -> str | Response | tuple[str, int]:
    """One registration: to be written on, to be confirmed, or as it was confirmed."""
    consultation = desk.consultation(session(), actor(), slug)
    found = registry.registration(session(), actor(), consultation, registration_id)
    if request.method == "GET":
        return _show(found)
    form = RegistrationForm()
    try:
        filled = _with_proposals(_filled(form), request.form.get("act", ""))
        registering.write(session(), seal(), actor(), found, filled, _revision(), now(), files=_files())
    except (NotValid, TooMany) as refusal:
        return _again(slug, registration_id, form, refusal)
    return _kept(found, form)


def _kept(found: Registration, form: RegistrationForm) -> str | Response | tuple[str, int]:
    """On to where the pressed button leads: what was written is kept, whatever is still missing."""
    act, slug, key = request.form.get("act", ""), found.consultation.slug, found.id
    commit()
    if act == "hand_in":
        try:
            handing_in.hand_in(session(), actor(), found, found.revision, now())
        except NotValid as refusal:
            return _again(slug, key, form, refusal)
        commit()
        return redirect(url_for(".desk_page", slug=slug, handed_in=key))
    extra = 1 if act == "add" else None
    return redirect(url_for(".edit", slug=slug, registration_id=key, kept=1, add=extra) + "#pieces")


def _again(slug: str, registration_id: int, form: RegistrationForm, refusal: Refusal) -> tuple[str, int]:
    """The page with what was typed and the sentence on what to change."""
    session().rollback()
    form.blame(refusal)
    consultation = desk.consultation(session(), actor(), slug)
    found = registry.registration(session(), actor(), consultation, registration_id)
    return _page(consultation, form, _typed(), found), 422


def _filled(form: RegistrationForm) -> Filled:
    form.validate()
    for field in (form.received_on, form.received_time, form.postmarked_on):
        if field.errors:
            field.errors = []
            raise NotValid("请检查日期和时刻，例如2026年3月12日写作2026-03-12。", fault=field.name)
    return Filled(
        channel=form.typed("channel"),
        received_on=form.received_on.data,
        received_time=form.received_time.data,
        postmarked_on=form.postmarked_on.data,
        kind=form.typed("kind"),
        organisation=form.typed("organisation"),
        uscc=form.typed("uscc"),
        is_organisation_hidden=bool(form.is_organisation_hidden.data),
        name=form.typed("name"),
        phone=form.typed("phone"),
        email=form.typed("email"),
        region=form.typed("region"),
        is_contact_dropped=bool(form.is_contact_dropped.data),
        text=form.typed("text"),
        late_reason=form.typed("late_reason"),
        remarks=_typed(),
    )


def _typed() -> list[Typed]:
    """The remarks of the form at hand, in their order, without those that are to go."""
    asked = request.form.get("pieces", 0, type=int) or 0
    removed = request.form.get("act", "").removeprefix("remove-")
    value = request.form.get
    return [
        Typed(
            value(f"cited-{n}", ""),
            value(f"body-{n}", ""),
            value(f"stance-{n}", Stance.CHANGE.value),
            value(f"proposed-{n}", ""),
            value(f"clause-{n}", ""),
        )
        for n in range(min(max(asked, 0), MOST_REMARKS + 1))
        if str(n) != removed
    ]


def _with_proposals(filled: Filled, act: str) -> Filled:
    """With the pieces the machine proposes, where the officer asked for them or there are none yet."""
    is_empty = not any(one.body.strip() or one.proposed_text.strip() for one in filled.remarks)
    if not filled.text.strip() or (act != "cut" and not (is_empty and act == "hand_in")):
        return filled
    return Filled(
        **{name: getattr(filled, name) for name in Filled.__dataclass_fields__ if name != "remarks"},
        remarks=registering.proposed(filled.text)[:MOST_REMARKS],
    )


def _files() -> list[Upload]:
    """The scans that were chosen, each told from its bytes."""
    chosen = [file for file in request.files.getlist("file") if file.filename]
    return [uploads.checked(file.read(), file.filename or "") for file in chosen]


def _revision() -> int:
    return request.form.get("revision", -1, type=int)


# ── the pages ─────────────────────────────────────────────────────────────────────────────────────────


def _show(found: Registration, contact: dict[str, str] | None = None, note: NoteForm | None = None) -> str:
    consultation = found.consultation
    if found.state is not RegistrationState.DRAFT:
        text = registering.text_of(seal(), found)
        return render_template(
            "office/registration_check.html",
            consultation=consultation,
            registration=found,
            text=text,
            parts=folding.parts(text) if text else [],
            contact=contact,
            is_contact_known=bool(found.contact_sealed),
            is_late=handing_in.is_late(found),
            may_confirm=confirming.may_confirm(session(), actor(), found),
            needs_second=confirming.needs_second(session()),
            note=note or NoteForm(formdata=None),
        )
    form = RegistrationForm(formdata=None, obj=found)
    form.name.data = form.phone.data = form.email.data = ""
    form.channel.data, form.kind.data = found.channel.value, found.kind.value
    form.text.data = registering.text_of(seal(), found)
    rows = [
        Typed(
            remark.cited, remark.body, remark.stance.value, remark.proposed_text, remark.clause.label if remark.clause else ""
        )
        for remark in found.remarks
    ]  # fmt: skip
    return _page(consultation, form, rows, found, contact, note)


def _page(
    consultation: Consultation,
    form: RegistrationForm,
    typed: list[Typed],
    found: Registration | None = None,
    contact: dict[str, str] | None = None,
    note: NoteForm | None = None,
) -> str:
    # a region that was taken from the list since stays what the letter said
    kept = [found.region] if found and found.region and found.region not in consultation.bureau.regions else []
    form.region.choices = regions([*consultation.bureau.regions, *kept], gettext("来件没有写明"))
    finder = Finder.of(consultation)
    rows = [Row(one, finder.find(one.cited, one.label)) for one in typed]
    if not rows or "add" in request.args:
        rows.append(Row(Typed(), Found(is_whole=True)))
    known = registering.contact_of(seal(), found) if found else {}
    text = form.typed("text")
    return render_template(
        "office/registration.html",
        consultation=consultation,
        registration=found,
        form=form,
        rows=rows,
        clauses=finder.clauses,
        channels=CHANNELS,
        stances=list(Stance),
        whole=WHOLE_LABEL,
        known=[_masked(kind, value) for kind, value in known.items()],
        contact=contact,
        parts=[part for part in folding.parts(text) if part.kind != "words"] if found and found.mail_id else [],
        is_late=handing_in.is_late(found) if found else False,
        accepted=uploads.ACCEPTED,
        note=note or NoteForm(formdata=None),
        act=ActForm(formdata=None),
    )


def _masked(kind: str, value: str) -> str:
    """Contact data as a page shows it before somebody asks to see it."""
    if kind == "phone":
        kind = "mobile" if identifiers.check("mobile", value).is_valid else "landline"
    return masking.mask(kind, value)


@blueprint.post("/<int:registration_id>/contact")
@permit(Permission.REGISTER)
def contact(slug: str, registration_id: int) -> str:
    """Look at the contact data; the look is logged."""
    consultation = desk.consultation(session(), actor(), slug)
    found = registry.registration(session(), actor(), consultation, registration_id)
    details = registry.see_contact(session(), seal(), actor(), found, now())
    commit()
    return _show(found, contact=details)


@blueprint.post("/<int:registration_id>/files/<int:enclosure_id>")
@permit(Permission.REGISTER)
def enclosure(slug: str, registration_id: int, enclosure_id: int) -> Response:
    """Hand out a scan, or take away one that was added by mistake; both are logged."""
    consultation = desk.consultation(session(), actor(), slug)
    found = registry.registration(session(), actor(), consultation, registration_id)
    if request.form.get("act") == "remove":
        registering.remove_enclosure(session(), actor(), found, enclosure_id, _revision(), now())
        commit()
        return redirect(url_for(".edit", slug=slug, registration_id=registration_id))
    kept = registry.see_enclosure(session(), actor(), found, enclosure_id, now())
    answer = files.answer(kept)
    commit()
    return answer


# ── the second person ─────────────────────────────────────────────────────────────────────────────────


@blueprint.post("/<int:registration_id>/decision")
@permit(Permission.REGISTER)
def decide(slug: str, registration_id: int) -> str | Response | tuple[str, int]:
    """Confirm it, give it back, or set it aside."""
    consultation = desk.consultation(session(), actor(), slug)
    found = registry.registration(session(), actor(), consultation, registration_id)
    form = NoteForm()
    note, act = form.typed("note"), request.form.get("act", "")
    try:
        match act:
            case "confirm":
                confirming.confirm(session(), seal(), actor(), found, _revision(), now(), settings().public_url)
            case "send_back":
                handing_in.send_back(session(), actor(), found, note, _revision(), now())
            case "set_aside":
                handing_in.set_aside(session(), actor(), found, note, _revision(), now())
            case _:
                raise NotValid("请选择怎样办理。")
    except (NotValid, NotAllowed) as refusal:
        session().rollback()
        form.blame(refusal)
        consultation = desk.consultation(session(), actor(), slug)
        found = registry.registration(session(), actor(), consultation, registration_id)
        return _show(found, note=form), 422
    commit()
    return redirect(url_for(".edit", slug=slug, registration_id=registration_id, done=act))


@blueprint.post("/<int:registration_id>/receipt")
@permit(Permission.REGISTER)
def receipt(slug: str, registration_id: int) -> Response:
    """The receipt on paper, to be handed or posted to the person; each printing is logged."""
    consultation = desk.consultation(session(), actor(), slug)
    found = registry.registration(session(), actor(), consultation, registration_id)
    submission, secret = confirming.print_receipt(session(), seal(), actor(), found, now())
    answer = receipts.on_paper(submission, secret)
    commit()
    return answer
