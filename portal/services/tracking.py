"""Finding a submission again by its receipt, and what became of each of its comments."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.drafts.difference import passage
from portal.models import Amendment, Appeal, Clause, Comment, Consultation, ModerationDecision, Submission
from portal.rules import receipts
from portal.rules.answering import IN_DRAFT
from portal.rules.window import WindowState
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import baskets


def tracked(session: Session, seal: Seal, number: str, secret: str) -> Submission | None:
    """The submission of this receipt when the secret is its own; None otherwise, whichever was wrong."""
    submission = session.scalar(
        select(Submission)
        .where(Submission.receipt_number == receipts.normal_receipt_number(number))
        .options(
            joinedload(Submission.consultation).options(
                joinedload(Consultation.bureau), selectinload(Consultation.windows)
            ),
            joinedload(Submission.respondent),
            joinedload(Submission.letter),
            selectinload(Submission.comments).options(
                joinedload(Comment.clause), joinedload(Comment.published_response), joinedload(Comment.evidence)
            ),
        )
    )
    given = seal.trace(baskets.plain_code(secret), "receipt")
    expected = submission.secret_trace if submission else "0" * 64
    return submission if hmac.compare_digest(given, expected) else None


@dataclass(frozen=True, slots=True)
class Story:
    """One comment of a submission and everything that happened to it; `earlier` are the words it replaced."""

    comment: Comment
    #: the newest decision, when there is one
    decision: ModerationDecision | None
    appeal: Appeal | None
    #: the amendment that withdrew it
    withdrawal: Amendment | None
    earlier: tuple[Comment, ...]
    #: the published comment it was merged into
    merged_into: Comment | None = None
    #: the words of the clause its answer changes; empty when it changes none
    original: str = ""

    @property
    def may_be_amended(self) -> bool:
        """Whether its author could still correct or withdraw it, the window allowing."""
        return self.comment.state in AMENDABLE

    @property
    def may_be_appealed(self) -> bool:
        return self.comment.state is CommentState.WITHHELD and self.appeal is None


#: the states in which an author may still correct or withdraw
AMENDABLE = (CommentState.PENDING, CommentState.PUBLISHED, CommentState.WITHHELD, CommentState.MERGED)


def stories(session: Session, submission: Submission) -> list[Story]:
    """The comments of a submission in the order of the draft, each correction standing for what it replaced."""
    ids = [comment.id for comment in submission.comments]
    decisions: dict[int, ModerationDecision] = {}
    for decision in session.scalars(
        select(ModerationDecision)
        .where(ModerationDecision.comment_id.in_(ids))
        .order_by(ModerationDecision.comment_id, ModerationDecision.revision)
    ):
        decisions[decision.comment_id] = decision
    amendments = {a.comment_id: a for a in session.scalars(select(Amendment).where(Amendment.comment_id.in_(ids)))}
    appeals = {
        a.comment_id: a
        for a in session.scalars(select(Appeal).where(Appeal.comment_id.in_(ids)).options(joinedload(Appeal.decision)))
    }
    comments = {comment.id: comment for comment in submission.comments}
    targets = [comment.merged_into_id for comment in submission.comments if comment.merged_into_id]
    into = (
        {
            target.id: target
            for target in session.scalars(
                select(Comment).where(Comment.id.in_(targets)).options(joinedload(Comment.response))
            )
        }
        if targets
        else {}
    )
    replaced = {a.replaced_by_id: a.comment_id for a in amendments.values() if a.replaced_by_id}
    found = []
    for comment in submission.comments:
        amendment = amendments.get(comment.id)
        if amendment is not None and amendment.replaced_by_id:
            continue
        earlier, before = [], replaced.get(comment.id)
        while before is not None:
            earlier.append(comments[before])
            before = replaced.get(before)
        found.append(
            Story(
                comment,
                decisions.get(comment.id),
                appeals.get(comment.id),
                amendment,
                tuple(reversed(earlier)),
                into.get(comment.merged_into_id or 0),
                _original(session, comment),
            )
        )
    return sorted(found, key=lambda s: (s.comment.clause.position if s.comment.clause else -1, s.comment.number))


def _original(session: Session, comment: Comment) -> str:
    response = comment.published_response
    if response is None or not response.changed_text or response.changed_text.rstrip("。") == IN_DRAFT:
        return ""
    clause = session.get(Clause, response.clause_id) if response.clause_id else comment.clause
    return passage(clause.wording, response.changed_text) if clause is not None else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way of a submission: its name, when it was done (None: not yet) and how many comments it was."""

    name: str
    at: datetime | None
    count: int = 0


def steps(submission: Submission, told: list[Story], at: datetime) -> list[Step]:
    """How far a submission has come. Of what ended, by its author or by the bureau, no further step is promised."""
    received = Step("收到", submission.received_at)
    standing = [story for story in told if story.comment.state is not CommentState.WITHDRAWN]
    if not standing:
        return [received, Step("撤回", max((s.withdrawal.amended_at for s in told if s.withdrawal), default=None))]
    decided = [story.decision for story in standing if story.decision is not None]
    is_reviewed = all(story.comment.state is not CommentState.PENDING for story in standing) and bool(decided)
    shown = [s.decision for s in standing if s.decision and s.comment.state is CommentState.PUBLISHED]
    current = submission.consultation.window
    closes_at = current.closes_at if current else None
    out_at = submission.consultation.results_published_at
    is_answered = out_at is not None and out_at <= at
    looked_at = [
        received,
        Step("审核", max(d.decided_at for d in decided) if is_reviewed else None),
        Step("公开", max((d.decided_at for d in shown), default=None) if is_reviewed else None, len(shown)),
    ]
    if submission.consultation.state(at) is WindowState.WITHDRAWN and not is_answered:
        ended = Step("征求意见撤回", submission.consultation.withdrawn_at)
        return sorted((step for step in (*looked_at, ended) if step.at), key=lambda step: step.at or at)
    return [
        *looked_at,
        Step("研究", closes_at if closes_at and closes_at <= at else None),
        Step("答复", out_at if is_answered else None),
    ]
