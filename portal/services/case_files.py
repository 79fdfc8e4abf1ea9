"""What the file keeps of the answers: the report that goes up with the draft and the working table (C-1, C-2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import NotThere
from portal.models import Campaign, Comment, Consultation, Response
from portal.reports import situation, workbooks, working_table
from portal.reports.characters import nested, one_line
from portal.reports.summary import Summary
from portal.reports.working_table import Backing
from portal.rules.words import CommentState, Disposition
from portal.services import consistency, lineage, placing, routing, summaries

#: a campaign of so many comments that was not adopted is told of in the report
CONCENTRATED = 3
#: of an outcome so many reasons are told
_REASONS = 3
#: what has no answer of its own
_UNANSWERABLE = (CommentState.MERGED, CommentState.WITHHELD, CommentState.PENDING)


def backing(session: Session, consultation: Consultation) -> dict[str, Backing]:
    """For each published comment its office, its campaign with both counts, and why it was answered apart."""
    version = consultation.version
    moved, own = lineage.places(session, version), placing.overridden(session, version)
    offices = routing.office_of(session, consultation)
    campaigns = {
        each.id: f"相同、相近意见“{nested(consistency.name_of(each))}”{each.submissions}件，文字{each.texts}种"
        for each in session.scalars(
            select(Campaign)
            .where(Campaign.consultation_id == consultation.id, Campaign.is_short.is_(False))
            .options(joinedload(Campaign.representative))
        )
    }
    found = {}
    for comment_id, number, clause_id, campaign_id, note in session.execute(
        select(Comment.id, Comment.number, Comment.clause_id, Comment.campaign_id, Response.note)
        .outerjoin(Response, Response.id == Comment.response_id)
        .where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED)
    ):
        by_lineage = moved.get(clause_id, clause_id) if clause_id is not None else None
        place = own.get(comment_id, by_lineage)
        told = campaigns.get(campaign_id or 0, "")
        found[f"C-{number}"] = Backing(offices.get(place, ""), told, note or "", str(campaign_id) if told else "")
    return found


def concentrated(session: Session, consultation: Consultation) -> list[str]:
    """What many people asked for and was not adopted, one sentence for each campaign (国办发〔2019〕9号).

    It says what became of every comment of the campaign: only what was answered so is counted so.
    """
    answers: dict[int, Counter[tuple[Disposition, str]]] = defaultdict(Counter)
    for campaign_id, disposition, reason, count in session.execute(
        select(Comment.campaign_id, Response.disposition, Response.reason, func.count())
        .join(Response, Response.id == Comment.response_id)
        .where(*_in_campaigns(consultation), Comment.state == CommentState.PUBLISHED)
        .group_by(Comment.campaign_id, Response.disposition, Response.reason)
        .order_by(Comment.campaign_id, func.min(Comment.number))
    ):
        answers[campaign_id or 0][disposition, one_line(reason).rstrip("。")] += count
    refused = {key for key, found in answers.items() if any(kind is Disposition.NOT_ADOPTED for kind, _ in found)}
    states: dict[int, dict[CommentState, int]] = defaultdict(dict)
    for campaign_id, state, count in session.execute(
        select(Comment.campaign_id, Comment.state, func.count())
        .where(*_in_campaigns(consultation), Comment.state != CommentState.WITHDRAWN)
        .group_by(Comment.campaign_id, Comment.state)
    ):
        states[campaign_id or 0][state] = count
    campaigns = session.scalars(
        select(Campaign)
        .where(Campaign.consultation_id == consultation.id)
        .options(joinedload(Campaign.representative))
        .order_by(Campaign.submissions.desc(), Campaign.id)
    )
    return [_sentence(each, answers[each.id], states[each.id]) for each in campaigns if each.id in refused]


def _in_campaigns(consultation: Consultation) -> tuple[ColumnElement[bool], ...]:
    """The comments that belong to a campaign of many people."""
    large = select(Campaign.id).where(
        Campaign.consultation_id == consultation.id,
        Campaign.is_short.is_(False),
        Campaign.submissions >= CONCENTRATED,
    )
    return Comment.consultation_id == consultation.id, Comment.campaign_id.in_(large)


def _sentence(
    campaign: Campaign, answers: Mapping[tuple[Disposition, str], int], states: Mapping[CommentState, int]
) -> str:
    """关于“…”（50件，文字6种），未采纳，理由：…。 Of several outcomes each says how many: 其中未采纳12条，理由：…；尚未答复38条。"""
    comments = sum(states.values())
    pieces = f"{campaign.submissions}件" + (f"、{comments}条" if comments != campaign.submissions else "")
    head = f"关于“{nested(consistency.name_of(campaign))}”（{pieces}，文字{campaign.texts}种），"
    ordered = sorted(answers.items(), key=lambda item: (list(Disposition).index(item[0][0]), -item[1]))
    if len(ordered) == 1 and ordered[0][1] == comments:
        (kind, reason), _ = ordered[0]
        return f"{head}{kind.label}，理由：{reason}。"
    told = []
    for kind in dict.fromkeys(kind for (kind, _), _ in ordered):
        found = [(reason, count) for (each, reason), count in ordered if each is kind]
        told += [f"{kind.label}{count}条{f'，理由：{reason}' if reason else ''}" for reason, count in found[:_REASONS]]
        if rest := sum(count for _, count in found[_REASONS:]):
            told.append(f"另有{rest}条{kind.label}，理由见附件")
    if open_ones := states.get(CommentState.PUBLISHED, 0) - sum(answers.values()):
        told.append(f"尚未答复{open_ones}条")
    told += [f"{state.label}{states[state]}条" for state in CommentState if state in _UNANSWERABLE and state in states]
    return f"{head}其中{'；'.join(told)}。"


def _situation(session: Session, consultation: Consultation, summary: Summary) -> bytes:
    return situation.render(summary, backing(session, consultation), concentrated(session, consultation))


def _table(session: Session, consultation: Consultation, summary: Summary) -> bytes:
    return working_table.xlsx(summary, backing(session, consultation))


#: what the file holds, by the name in an address: what renders it, its type and what it is called
FILES: dict[str, tuple[Callable[[Session, Consultation, Summary], bytes], str, str]] = {
    "situation.docx": (_situation, situation.MIMETYPE, "征求意见情况说明"),
    "working-table.xlsx": (_table, workbooks.MIMETYPE, working_table.NAME),
}


def render(
    session: Session, actor: Actor, consultation: Consultation, name: str, at: datetime
) -> tuple[bytes, str, str]:
    """A file by its name: its bytes, its type and what it is called. Raises NotThere."""
    require(actor, Permission.READ_SUMMARY, consultation.bureau_id)
    if name not in FILES:
        raise NotThere("没有这种格式的文件。")
    make, mimetype, title = FILES[name]
    return make(session, consultation, summaries.summarise(session, consultation, at)), mimetype, title
