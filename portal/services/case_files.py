"""What the file keeps of the answers: the report that goes up with the draft and the working table (C-1, C-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import NotThere
from portal.models import Campaign, Comment, Consultation, Response
from portal.reports import situation, workbooks, working_table
from portal.reports.characters import nested
from portal.reports.summary import Summary
from portal.reports.working_table import Backing
from portal.rules.words import CommentState, Disposition
from portal.services import consistency, lineage, placing, routing, summaries

#: a campaign of so many comments that was not adopted is told of in the report
CONCENTRATED = 3


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
    """What many people asked for and was not adopted, one sentence each (国办发〔2019〕9号)."""
    # the pairs first: a whole campaign cannot be told from another by PostgreSQL, which knows no equal JSON
    pairs = (
        select(Campaign.id.label("campaign_id"), Response.id.label("response_id"))
        .join(Comment, Comment.campaign_id == Campaign.id)
        .join(Response, Response.id == Comment.response_id)
        .where(
            Campaign.consultation_id == consultation.id,
            Campaign.is_short.is_(False),
            Campaign.submissions >= CONCENTRATED,
            Response.disposition == Disposition.NOT_ADOPTED,
            Comment.state == CommentState.PUBLISHED,
        )
        .distinct()
        .subquery()
    )
    rows = session.execute(
        select(Campaign, Response)
        .join(pairs, pairs.c.campaign_id == Campaign.id)
        .join(Response, Response.id == pairs.c.response_id)
        .order_by(Campaign.submissions.desc(), Campaign.id, Response.id)
    ).all()
    return [
        f"关于“{nested(consistency.name_of(campaign))}”（{campaign.submissions}件，文字{campaign.texts}种），未采纳，"
        f"理由：{response.reason.rstrip('。')}。"
        for campaign, response in rows
    ]


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
