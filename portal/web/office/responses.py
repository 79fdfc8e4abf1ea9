"""The drafter's desk: how far the answers are, one comment in hand with all there is to see of it, and the file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.access import Permission
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Clause, Comment, Consultation
from portal.rules import window
from portal.services import (
    case_files,
    desk,
    places,
    precedents,
    reading,
    reason_templates,
    reminding,
    responding,
    routing,
)
from portal.services.holidays import calendar
from portal.web.gate import LARGEST, actor, asked_number, commit, look_only, now, permit, session, settings
from portal.web.office.forms import ResponseForm

blueprint = Blueprint("responses", __name__, url_prefix="/office/consultations/<slug>/responses")


@blueprint.get("/")
@permit(Permission.RESPOND)
def table(slug: str) -> str:
    """How far the answers are: by office, clause by clause, and what waits."""
    consultation = desk.consultation(session(), actor(), slug)
    wards = routing.wards(session(), consultation)
    today = window.day_in_beijing(now())
    own = routing.own_offices(session(), actor(), consultation)
    asked = asked_number("office")
    shown = [
        ward
        for ward in wards
        if (ward.comments or ward.routing)
        and (asked is None or (ward.routing is not None and ward.routing.office_id == asked))
        and (request.args.get("show") != "open" or ward.open)
    ]
    is_waiting = reminding.waits(consultation, now())
    return render_template(
        "office/responses.html",
        consultation=consultation,
        wards=shown,
        count=responding.count(session(), consultation),
        progress=routing.progress(wards, routing.offices(session(), consultation), today),
        own=own,
        today=today,
        clock=reminding.clock_of(calendar(session()), consultation, now(), settings().answer_days)
        if is_waiting
        else None,
        changed=responding.changed_since(session(), consultation) if consultation.results_published_at else [],
        counts=reading.counts(session(), consultation),
        asked=asked,
    )


@blueprint.get("/<int:number>")
@permit(Permission.RESPOND)
def comment(slug: str, number: int) -> str:
    """One comment in hand."""
    consultation = desk.consultation(session(), actor(), slug)
    in_hand = responding.published_comment(session(), actor(), consultation, number)
    form = ResponseForm(formdata=None)
    response = in_hand.response
    if response is not None:
        form.disposition.data = response.disposition.value
        form.reason.data, form.note.data = response.reason, response.note
        form.changed_text.data = response.changed_text
    if not form.changed_text.data:
        clause = places.place_of(session(), consultation, in_hand)
        form.changed_text.data = clause.wording if clause is not None else ""
    return _page(consultation, in_hand, form)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the comment in hand."""

    clause: Clause | None
    before: list[Clause]
    others: list[Comment]
    after: int | None


def _beside(consultation: Consultation, in_hand: Comment) -> _Beside:
    clause = places.place_of(session(), consultation, in_hand)
    after = asked_number("after") or 0
    found = responding.on_clause(session(), consultation, clause, after, responding.PAGE + 1)
    shown = [each for each in found[: responding.PAGE] if each.id != in_hand.id]
    following = found[responding.PAGE - 1].number if len(found) > responding.PAGE else None
    return _Beside(clause, places.before(session(), consultation, clause), shown, following)


def _page(consultation: Consultation, in_hand: Comment, form: ResponseForm, ticked: Iterable[int] = ()) -> str:
    beside = _beside(consultation, in_hand)
    kept = reason_templates.of_bureau(session(), actor())
    form.template.choices = [
        SelectChoice(value="", label=""),
        *(SelectChoice(value=str(k.id), label=k.name) for k in kept),
    ]
    return render_template(
        "office/answer.html",
        consultation=consultation,
        comment=in_hand,
        beside=beside,
        seen=" ".join(f"{each.number}:{each.response_id or 0}" for each in (in_hand, *beside.others)),
        ticked=set(ticked),
        campaign=responding.campaign_of(session(), in_hand),
        precedents=precedents.found(session(), consultation, in_hand, beside.clause),
        office=routing.office_of(session(), consultation).get(beside.clause.id if beside.clause else None),
        count=responding.count(session(), consultation),
        form=form,
    )


def _numbers(values: Iterable[str]) -> list[int]:
    return [
        int(value)
        for value in values
        if value.isascii() and value.isdecimal() and len(value) <= 10 and int(value) <= LARGEST
    ]


def _seen() -> dict[int, int]:
    """Which response stood at each comment when the page was drawn."""
    found = {}
    for pair in request.form.get("seen", "").split():
        numbers = _numbers(pair.split(":"))
        if len(numbers) == 2:
            found[numbers[0]] = numbers[1]
    return found


@blueprint.post("/<int:number>")
@permit(Permission.RESPOND)
def respond(slug: str, number: int) -> str | Response | tuple[str, int]:
    """Answer the comment in hand, those ticked beside it or its whole campaign, then take the next one in hand."""
    form = ResponseForm()
    also = [each for each in _numbers(request.form.getlist("also")) if each != number]
    act = request.form.get("act", "save")
    if act in ("fill", "preview"):
        look_only()
        consultation = desk.consultation(session(), actor(), slug)
        in_hand = responding.published_comment(session(), actor(), consultation, number)
        if act == "fill" and (chosen := _numbers([form.typed("template")])):
            form.reason.data = reason_templates.one(session(), actor(), chosen[0]).words
        return _page(consultation, in_hand, form, also)
    consultation = desk.consultation(session(), actor(), slug)
    try:
        responding.respond(
            session(),
            actor(),
            consultation,
            [number, *also],
            disposition=form.typed("disposition"),
            reason=form.typed("reason"),
            changed_text=form.typed("changed_text"),
            note=form.typed("note"),
            seen=_seen(),
            is_whole_campaign=bool(form.campaign.data),
            at=now(),
        )
    except (NotValid, AlreadyDone) as refusal:
        session().rollback()
        form.blame(refusal)
        consultation = desk.consultation(session(), actor(), slug)
        in_hand = responding.published_comment(session(), actor(), consultation, number)
        return _page(consultation, in_hand, form, also), 409 if isinstance(refusal, AlreadyDone) else 422
    commit()
    in_hand = responding.published_comment(session(), actor(), consultation, number)
    following = responding.next_unanswered(session(), consultation, in_hand)
    if following is None:
        return redirect(url_for(".table", slug=slug))
    return redirect(url_for(".comment", slug=slug, number=following))


@blueprint.get("/files/<name>")
@permit(Permission.READ_SUMMARY)
def file(slug: str, name: str) -> Response:
    """A paper for the file: the report that goes up with the draft, or the working table."""
    consultation = desk.consultation(session(), actor(), slug)
    if not consultation.is_published:
        raise NotThere("征求意见还没有发布。")
    content, mimetype, title = case_files.render(session(), actor(), consultation, name, now())
    return send_file(
        io.BytesIO(content), mimetype=mimetype, as_attachment=True,
        download_name=f"{title}-{slug}.{name.rsplit('.', 1)[-1]}",
    )  # fmt: skip
