"""The one screen of the desk: what was asked for in the address, and everything that stands on the page for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from portal.models import Campaign, Clause, Comment, Consultation
from portal.rules.urgency import Flag, Urgency
from portal.rules.words import Channel, CommentState, RespondentKind, Stance
from portal.services import (
    appeals,
    campaigns,
    claiming,
    colleagues,
    desk,
    hiding,
    looking,
    moderation,
    proposing,
    queueing,
    reference,
    registry,
    sifting,
)
from portal.services.queueing import Place
from portal.services.sifting import MARKS, Sieve
from portal.web.forms import ActForm
from portal.web.gate import actor, asked_number, now, session
from portal.web.office.forms import DecisionForm

#: what the desk calls the marks of a comment
MARK_WORDS = {"personal": "有个人信息", "advert": "疑似广告", "appeal": "有申诉", "confirmation": "待第二人确认"}
#: the parts of an address that say what is asked for
SIFTED_BY = ("state", "place", "channel", "kind", "stance", "campaign", "mark", "mine")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: of which consultations, which comments, and what links carry on."""

    among: list[Consultation]
    sieve: Sieve
    args: dict[str, str]
    #: None on the page of the whole bureau
    consultation: Consultation | None

    def address(self, **more: Any) -> str:
        """The list with these arguments."""
        args: dict[str, Any] = {n: value for n, value in {**self.args, **more}.items() if value not in (None, "")}
        if self.consultation is None or args.get("scope") == "all":
            args.pop("scope", None)
            return url_for("moderation.all_queue", **args)
        return url_for("moderation.queue", slug=self.consultation.slug, **args)

    def comment_address(self, comment: Comment, slug: str, endpoint: str = "moderation.comment", **more: Any) -> str:
        """One comment in hand, with the list beside it as it is."""
        args: dict[str, Any] = {**self.args, **more}
        return url_for(endpoint, slug=slug, number=comment.number, **args)

    def slug_of(self, comment: Comment) -> str:
        """The consultation a comment belongs to."""
        return next(each.slug for each in self.among if each.id == comment.consultation_id)


def asked(slug: str | None = None) -> Asked:
    """Reads the address; what it does not know is as if it were not there."""
    is_all = slug is None or request.args.get("scope") == "all"
    mine = desk.consultation(session(), actor(), slug) if slug else None
    among = queueing.consultations(session(), actor()) if is_all else [mine] if mine else []
    args = {name: request.args[name] for name in SIFTED_BY if request.args.get(name)}
    chosen = request.args.get("consultation", "")
    if is_all and chosen:
        among = [each for each in among if each.slug == chosen] or among
        args["consultation"] = chosen
    if slug and is_all:
        args["scope"] = "all"
    sieve = Sieve.read(
        {name: args.get(name) for name in ("state", "channel", "kind", "stance", "mark")}
        | {"place": asked_number("place"), "campaign": asked_number("campaign")}
    )
    if args.get("mine"):
        sieve = replace(sieve, assignee=actor().account_id)
    only = among[0] if is_all and chosen and len(among) == 1 else mine if not is_all else None
    return Asked(among, sieve, args, only)


def page(
    given: Asked,
    comment: Comment | None,
    *,
    slug: str = "",
    form: DecisionForm | None = None,
    contact: Mapping[str, str] | None = None,
    is_unsealed: bool = False,
    collision: str = "",
) -> str:
    """Everything on the screen."""
    after = Place.read(request.args.get("after", ""))
    codes = looking.sealing_codes(session())
    done = moderation.undoable(session(), actor(), now())
    return render_template(
        "office/queue.html",
        asked=given,
        consultation=given.consultation,
        titles=queueing.titles(session(), actor()),
        counts=queueing.totals(session(), given.among),
        queue=queueing.page(session(), actor(), given.among, given.sieve, now(), after),
        sieve=given.sieve,
        sifting=_sifting(given) if request.args.get("sift") else None,
        chips=_chips(given),
        mine=colleagues.waiting_for(session(), actor()),
        comment=comment,
        slug=slug,
        done=done,
        done_slug=done[1].submission.consultation.slug if done else "",
        put_back=asked_number("put_back"),
        hidden=asked_number("hidden"),
        hidden_left=asked_number("left"),
        sealing=codes,
        form=form or DecisionForm(formdata=None),
        typed=request.form,
        collision=collision,
        act=ActForm(formdata=None),
        states=list(CommentState),
        urgencies=Urgency,
        flags=Flag,
        **(_in_hand(comment, contact, is_unsealed, codes) if comment is not None else {}),
    )


def _in_hand(
    comment: Comment, contact: Mapping[str, str] | None, is_unsealed: bool, codes: frozenset[str]
) -> dict[str, Any]:
    """What stands beside the comment in hand."""
    consultation = comment.submission.consultation
    others, others_count = queueing.others(session(), comment)
    is_sealed = looking.is_sealed(comment, codes) and not is_unsealed
    claim = claiming.holder(session(), comment.id, now())
    appeal = moderation.appeal(session(), comment)
    is_appealed = appeal is not None and appeal.decision is None and comment.state is CommentState.WITHHELD
    # an appeal is looked at by those who had no part in the decision
    able = appeals.judges(session(), comment) if is_appealed else moderation.moderators(session(), actor())
    campaign = campaigns.of_comment(session(), comment)
    return {
        "of": consultation,
        "masks": [] if is_sealed else moderation.suggested_masks(comment, moderation.own_numbers(consultation)),
        "overlooked": hiding.visible(comment) if comment.state is CommentState.PUBLISHED else "",
        "is_sealed": is_sealed,
        "is_unsealed": is_unsealed,
        "contact": contact,
        "decisions": moderation.decisions(session(), comment),
        "questions": colleagues.questions(session(), comment.id),
        "proposals": proposing.of_comment(session(), comment.id),
        "proposal": proposing.waiting(session(), comment.id),
        "needs_second": moderation.needs_second_person(session()),
        "appeal": appeal,
        "may_judge": bool(appeal) and not moderation.has_part(session(), actor().account_id, comment),
        "held_by": claim.account.name if claim and claim.account_id != actor().account_id else "",
        "others": others,
        "others_count": others_count,
        "reasons": reference.reasons_in_force(session()),
        "moderators": [each for each in able if each.id != actor().account_id],
        "is_undecidable": is_appealed and not able,
        "merged_into": _merged_into(comment),
        "registration_id": registry.of_submission(session(), comment.submission_id),
        "campaign": campaign,
        "beside": campaigns.beside_representative(session(), comment, campaign) if campaign else (),
        "target": _target(comment, campaign),
        "place": queueing.place_of(comment, consultation, now()).text,
    }


def _merged_into(comment: Comment) -> Comment | None:
    return session().get(Comment, comment.merged_into_id) if comment.merged_into_id else None


def _target(comment: Comment, campaign: Campaign | None) -> Comment | None:
    """The published comment this one could be merged into: the most typical of its campaign, or its first."""
    if campaign is None:
        return None
    typical = campaign.representative
    if typical.state is CommentState.PUBLISHED and typical.id != comment.id:
        return typical
    return session().scalar(
        select(Comment)
        .where(Comment.campaign_id == campaign.id, Comment.state == CommentState.PUBLISHED, Comment.id != comment.id)
        .order_by(Comment.number)
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """One group of the sieve: its name in the address, what it is called, and (value, words, count)."""

    name: str
    title: str
    options: list[tuple[str, str, int]]
    chosen: str


def _sifting(given: Asked) -> list[Choice]:
    """Everything the list can be sifted by, with exact counts."""
    names: dict[str, tuple[str, Any]] = {
        "place": ("条款", None), "channel": ("提出方式", Channel), "kind": ("提出人类别", RespondentKind),
        "stance": ("态度", Stance), "mark": ("提示", None),
    }  # fmt: skip
    found = []
    open_sieve = Sieve(state=given.sieve.state)
    citations = _citations(given)
    for facet in sifting.facets(session(), [each.id for each in given.among], open_sieve):
        title, members = names[facet.name]
        if facet.name == "place":
            if len(given.among) > 1:
                continue
            known = {value: (citations.get(value, (0, "全文"))) for value, _ in facet.values}
            options = [(value, known[value][1], n) for value, n in sorted(facet.values, key=lambda v: known[v[0]][0])]
        elif facet.name == "mark":
            options = [
                (value, MARK_WORDS[value], n) for value, n in sorted(facet.values, key=lambda v: MARKS.index(v[0]))
            ]
        else:
            order = [member.value for member in members]
            options = [
                (value, members(value).label, n) for value, n in sorted(facet.values, key=lambda v: order.index(v[0]))
            ]
        if facet.name != "place":
            options = [(value, gettext(words), n) for value, words, n in options]
        found.append(Choice(facet.name, title, options, given.args.get(facet.name, "")))
    return found


def _citations(given: Asked) -> dict[str, tuple[int, str]]:
    if len(given.among) != 1:
        return {}
    versions = [version.id for version in given.among[0].versions]
    rows = session().execute(
        select(Clause.id, Clause.version_id, Clause.position, Clause.citation).where(Clause.version_id.in_(versions))
    )
    return {str(row.id): (row.version_id * 100_000 + row.position + 1, row.citation) for row in rows}


def _chips(given: Asked) -> list[tuple[str, str]]:
    """What the list is sifted by, in words, each with the address that takes it away."""
    found = []
    members: dict[str, Any] = {"channel": Channel, "kind": RespondentKind, "stance": Stance}
    for name in SIFTED_BY[1:]:
        value = given.args.get(name)
        if not value:
            continue
        if name in members:
            member = getattr(given.sieve, name)
            words = member.label if member else ""
        elif name == "mark":
            words = MARK_WORDS.get(value, "")
        elif name == "mine":
            words = "请我看的"
        elif name == "place":
            clause = session().get(Clause, given.sieve.place) if given.sieve.place else None
            words = clause.citation if clause else "全文"
        else:
            words = "同一组相近意见"
        if words:
            found.append((words, given.address(**{name: None, "list": 1})))
    return found


def sifted_words(sieve: Sieve) -> list[str]:
    """What a sieve lets through, in words of the catalogue."""
    found = [sieve.state.label if sieve.state else CommentState.PENDING.label]
    for member in (sieve.channel, sieve.kind, sieve.stance):
        if member is not None:
            found.append(member.label)
    if sieve.place is not None:
        clause = session().get(Clause, sieve.place) if sieve.place else None
        found.append(clause.citation if clause else "全文")
    if sieve.mark:
        found.append(MARK_WORDS[sieve.mark])
    if sieve.campaign is not None:
        found.append("同一组相近意见")
    return found
