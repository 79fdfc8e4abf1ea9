"""Campaigns on screen: the list, one of them, its members; and what a person decides about them."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere, NotValid
from portal.models import Campaign, Consultation
from portal.rules.words import CommentState
from portal.services import campaigns, desk, judging, reading
from portal.services.judging import Outcome
from portal.web.forms import ActForm
from portal.web.gate import LARGEST, actor, asked_number, commit, now, permit, session
from portal.web.office.forms import CampaignForm

blueprint = Blueprint("campaigns", __name__, url_prefix="/office/consultations/<slug>/campaigns")


@blueprint.get("/")
@permit(Permission.MODERATE)
def index(slug: str) -> str:
    """The campaigns of a consultation, the largest first; short sentences that many sent are a list of their own."""
    consultation = desk.consultation(session(), actor(), slug)
    is_short = "short" in request.args
    return render_template(
        "office/campaigns.html",
        consultation=consultation,
        counts=reading.counts(session(), consultation),
        page=campaigns.listed(session(), actor(), consultation, is_short=is_short, after=request.args.get("after", "")),
        is_short=is_short,
        progress=campaigns.progress(session(), consultation),
        is_asked="asked" in request.args,
        form=ActForm(formdata=None),
    )


@blueprint.post("/")
@permit(Permission.MODERATE)
def ask_anew(slug: str) -> Response:
    """Have everything grouped anew."""
    consultation = desk.consultation(session(), actor(), slug)
    judging.ask_anew(session(), actor(), consultation, now())
    commit()
    return redirect(url_for(".index", slug=slug, asked=1))


@blueprint.get("/<int:campaign_id>")
@permit(Permission.MODERATE)
def show(slug: str, campaign_id: int) -> str:
    """One campaign: its representative, when and how its comments came, and what each distinct text adds."""
    return _show(*_found(slug, campaign_id), CampaignForm(formdata=None))


def _found(slug: str, campaign_id: int) -> tuple[Consultation, Campaign]:
    consultation = desk.consultation(session(), actor(), slug)
    return consultation, campaigns.campaign(session(), actor(), consultation, campaign_id)


def _show(consultation: Consultation, campaign: Campaign, form: CampaignForm) -> str:
    said, after = campaigns.texts(session(), campaign, request.args.get("after", ""))
    return render_template(
        "office/campaign.html",
        consultation=consultation,
        withdrawn=CommentState.WITHDRAWN,
        campaign=campaign,
        sizes=campaigns.size_by_state(session(), campaign),
        facts=campaigns.facts(session(), consultation, campaign, now()),
        said=said,
        after=after,
        history=judging.history(session(), campaign),
        form=form,
        done=request.args.get("done", ""),
        moved=asked_number("count") or 0,
        elsewhere=asked_number("elsewhere"),
    )


@blueprint.get("/<int:campaign_id>/members")
@permit(Permission.MODERATE)
def members(slug: str, campaign_id: int) -> str:
    """The members of a campaign, twenty at a time."""
    return _members(*_found(slug, campaign_id), CampaignForm(formdata=None))


def _members(consultation: Consultation, campaign: Campaign, form: CampaignForm) -> str:
    try:
        state = CommentState(request.args["state"]) if request.args.get("state") else None
    except ValueError:
        state = None
    found = campaigns.members(session(), campaign, state, asked_number("after") or 0, campaigns.PAGE + 1)
    shown = found[: campaigns.PAGE]
    return render_template(
        "office/campaign_members.html",
        consultation=consultation,
        campaign=campaign,
        sizes=campaigns.size_by_state(session(), campaign),
        state=state,
        members=[(each, campaigns.beside_representative(session(), each, campaign)) for each in shown],
        after=shown[-1].number if len(found) > campaigns.PAGE else None,
        form=form,
    )


@blueprint.post("/<int:campaign_id>/name")
@permit(Permission.MODERATE)
def rename(slug: str, campaign_id: int) -> str | Response | tuple[str, int]:
    """Give a campaign a name."""
    consultation, campaign = _found(slug, campaign_id)
    form = CampaignForm()
    try:
        judging.rename(session(), actor(), consultation, campaign, form.typed("name"), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _show(*_found(slug, campaign_id), form), 422
    commit()
    return redirect(url_for(".show", slug=slug, campaign_id=campaign_id, done="name"))


@blueprint.post("/<int:campaign_id>/join")
@permit(Permission.MODERATE)
def join(slug: str, campaign_id: int) -> str | Response | tuple[str, int]:
    """Make one campaign of two."""
    consultation, campaign = _found(slug, campaign_id)
    form = CampaignForm()
    try:
        other = _named(consultation, form)
        outcome = judging.join(session(), actor(), consultation, campaign, other, now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _show(*_found(slug, campaign_id), form), 422
    commit()
    return _after(slug, campaign_id, "join", outcome)


@blueprint.post("/<int:campaign_id>")
@permit(Permission.MODERATE)
def move_texts(slug: str, campaign_id: int) -> str | Response | tuple[str, int]:
    """Move all who say certain texts out of a campaign, or into another."""
    consultation, campaign = _found(slug, campaign_id)
    form = CampaignForm()
    try:
        to = _named(consultation, form) if request.form.get("act") == "move" else None
        outcome = judging.move_texts(session(), actor(), consultation, campaign, _ticked("texts"), to, now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _show(*_found(slug, campaign_id), form), 422
    commit()
    return _after(slug, campaign_id, "move" if to else "split", outcome)


@blueprint.post("/<int:campaign_id>/members")
@permit(Permission.MODERATE)
def move_comments(slug: str, campaign_id: int) -> str | Response | tuple[str, int]:
    """Move single comments out of a campaign, or into another."""
    consultation, campaign = _found(slug, campaign_id)
    form = CampaignForm()
    try:
        to = _named(consultation, form) if request.form.get("act") == "move" else None
        outcome = judging.move_comments(session(), actor(), consultation, campaign, _ticked("numbers"), to, now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _members(*_found(slug, campaign_id), form), 422
    commit()
    return _after(slug, campaign_id, "move" if to else "split", outcome)


def _ticked(name: str) -> list[int]:
    typed = [
        value for value in request.form.getlist(name) if value.isascii() and value.isdecimal() and len(value) <= 10
    ]
    return [int(value) for value in typed if int(value) <= LARGEST]


def _named(consultation: Consultation, form: CampaignForm) -> Campaign:
    """The campaign whose number was typed. Raises NotValid."""
    typed = form.typed("to").strip().removeprefix("第").removesuffix("组")
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 9 else 0
    try:
        return campaigns.campaign(session(), actor(), consultation, number)
    except NotThere:
        raise NotValid("本次征求意见没有这个组号，请照列表里的组号填写。", fault="to") from None


def _after(slug: str, campaign_id: int, done: str, outcome: Outcome) -> Response:
    """Back to the campaign, or to where its comments went; the list if neither is there any more."""
    arrived = outcome.campaign.id if outcome.campaign else None
    done = done if outcome.is_carried_out else "later"
    for place in (campaign_id, arrived):
        if place is not None and session().get(Campaign, place) is not None:
            elsewhere = arrived if arrived != place else None
            return redirect(
                url_for(".show", slug=slug, campaign_id=place, done=done, count=outcome.comments, elsewhere=elsewhere)
            )
    return redirect(url_for(".index", slug=slug))
