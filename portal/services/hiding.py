"""Personal data that was overlooked and has been public: hidden by one act, wherever it was published (补充隐去).

The comment gets a further decision, so that its public copy, the search and the interface for programs have the words
no more. What was frozen — published results, kept summaries — never changes; it is shown without them from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Actor, Permission, require
from portal.errors import NotValid
from portal.models import (
    Clause,
    Comment,
    Consultation,
    DraftVersion,
    FrozenSummary,
    LateRedaction,
    ModerationDecision,
    Redaction,
    SummaryFile,
)
from portal.rules import plaintext
from portal.rules.words import CommentState
from portal.services import audit, masking, moderation, searching
from portal.services.masking import Mask

#: comments of one act: whoever has more presses again
MOST = 500
LONGEST_WORDS, LONGEST_NOTE = 200, 1000
#: shorter ones would also hide what is none: a figure, a part of another word
SHORTEST, SHORTEST_PLAIN = 2, 5


@dataclass(frozen=True, slots=True)
class Done:
    """In how many comments words were hidden, and in how many others they can still be read."""

    comments: int
    left: int


def words_hidden(session: Session, consultation_id: int) -> dict[str, str]:
    """The words that were hidden after they had been public, and what is shown instead."""
    rows = session.execute(
        select(Redaction, Comment.body, Comment.proposed_text)
        .join(LateRedaction, LateRedaction.redaction_id == Redaction.id)
        .join(ModerationDecision, ModerationDecision.id == Redaction.decision_id)
        .join(Comment, Comment.id == ModerationDecision.comment_id)
        .where(LateRedaction.consultation_id == consultation_id)
        .order_by(LateRedaction.id)
    )
    return {
        (body if redaction.field == "body" else proposed)[redaction.start : redaction.end]: redaction.replacement
        for redaction, body, proposed in rows
    }


def last_hidden_at(session: Session, consultation_id: int) -> datetime | None:
    """When words were hidden last that had been public; None when there are none."""
    return session.scalar(
        select(func.max(LateRedaction.hidden_at)).where(LateRedaction.consultation_id == consultation_id)
    )


def visible(comment: Comment) -> str:
    """The first words of a public comment that look like personal data; empty when none do."""
    own = masking.own_numbers(comment.submission.consultation)
    found = masking.suggested(comment.public_body, comment.public_proposed_text, own)
    found.sort(key=lambda mask: not mask.is_certain)
    texts = {"body": comment.public_body, "proposed_text": comment.public_proposed_text}
    return next((texts[mask.field][mask.start : mask.end] for mask in found), "")


def others(session: Session, comment: Comment, words: str) -> int:
    """How many other public comments of the consultation show these words."""
    return session.scalar(select(func.count()).select_from(_showing(comment, words).subquery())) or 0


def hide(
    session: Session,
    actor: Actor,
    comment: Comment,
    words: str,
    *,
    note: str,
    is_everywhere: bool,
    revision: int,
    at: datetime,
) -> Done:
    """Hides every place where `words` stand in a public comment, and with `is_everywhere` in the others too.

    `note` says why, for the record. Raises AlreadyDone when somebody decided meanwhile; NotValid when the comment is
    not public or does not show the words, and when they are too short or the draft's own, so that hiding them would
    spoil what is no personal data.
    """
    moderation.lock(session, comment, revision)
    consultation = comment.submission.consultation
    require(actor, Permission.MODERATE, consultation.bureau_id)
    if comment.state is not CommentState.PUBLISHED:
        raise NotValid("这条意见没有公开，不用补充隐去。")
    words = plaintext.received_within(words, LONGEST_WORDS, "要隐去的文字", "hidden_words")
    note = plaintext.received_within(note, LONGEST_NOTE, "审核说明", "note")
    _require_fit(session, consultation, words)
    if words not in comment.public_body and words not in comment.public_proposed_text:
        raise NotValid("这条意见公开的文字里没有“%(words)s”，请照公开的文字填写。", fault="hidden_words", words=words)
    if len(note) < 2:
        raise NotValid("请在说明里写明为什么补充隐去，例如提出人来电要求。", fault="note")
    made = _hide_in(session, actor, comment, words, note, at)
    if made is None:
        raise NotValid("这条意见公开的文字里没有“%(words)s”，请照公开的文字填写。", fault="hidden_words", words=words)
    session.add(LateRedaction(consultation_id=consultation.id, redaction_id=made.id, hidden_at=at))
    count, left = 1, others(session, comment, words)
    if is_everywhere and left:
        rows = _showing(comment, words).order_by(Comment.id).limit(MOST - 1).with_for_update(key_share=True, of=Comment)
        for other in session.scalars(rows.options(joinedload(Comment.submission))).all():
            if _hide_in(session, actor, other, words, note, at) is not None:
                count, left = count + 1, left - 1
    # they are made again from what was kept, without the words
    kept = select(FrozenSummary.id).where(FrozenSummary.consultation_id == consultation.id)
    session.execute(delete(SummaryFile).where(SummaryFile.summary_id.in_(kept)))
    session.flush()
    return Done(count, left)


def _require_fit(session: Session, consultation: Consultation, words: str) -> None:
    least = SHORTEST_PLAIN if words.isascii() else SHORTEST
    if len("".join(words.split())) < least:
        raise NotValid(
            "要隐去的文字太短，会连带隐去别的内容。请写长一些：汉字不少于2个，字母、数字不少于5个。",
            fault="hidden_words",
        )
    ours = (consultation.title, consultation.bureau.name, consultation.contact_unit)
    in_draft = select(Clause.id).join(DraftVersion, DraftVersion.id == Clause.version_id).where(
        DraftVersion.consultation_id == consultation.id,
        or_(Clause.heading.contains(words, autoescape=True), Clause.text.contains(words, autoescape=True)),
    )  # fmt: skip
    if any(words in text for text in ours) or session.scalar(in_draft.limit(1)) is not None:
        raise NotValid(
            "“%(words)s”也是征求意见稿里的文字，隐去会改动别的内容。请连同前后几个字一起写。", fault="hidden_words",
            words=words,
        )  # fmt: skip


def _showing(comment: Comment, words: str) -> Select[Comment]:
    shows = or_(
        Comment.public_body.contains(words, autoescape=True),
        Comment.public_proposed_text.contains(words, autoescape=True),
    )
    return select(Comment).where(
        Comment.consultation_id == comment.consultation_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.id != comment.id,
        shows,
    )


def _hide_in(session: Session, actor: Actor, comment: Comment, words: str, note: str, at: datetime) -> Redaction | None:
    """A further decision that publishes the comment without these words; the first redaction that is new.

    None where they only seem to stand: what is shown is put together around something that is hidden already.
    """
    if words not in comment.body and words not in comment.proposed_text:
        return None
    before = _masks(session, comment)
    added = [mask for mask in masking.masks_of_words(comment, words) if not _is_covered(mask, before)]
    if not added:
        return None
    decision = ModerationDecision(
        comment_id=comment.id,
        revision=comment.revision + 1,
        decided_by_id=actor.account_id,
        decided_at=at,
        from_state=CommentState.PUBLISHED,
        to_state=CommentState.PUBLISHED,
        note=note,
    )
    new = [_redaction(mask) for mask in added]
    decision.redactions = [_redaction(mask) for mask in before] + new
    masks = [*before, *added]
    comment.public_body = masking.public_copy(comment.body, "body", masks)
    comment.public_proposed_text = masking.public_copy(comment.proposed_text, "proposed_text", masks)
    comment.revision += 1
    session.add(decision)
    session.flush()
    searching.keep_comment(session, comment)
    consultation = comment.submission.consultation
    audit.record(
        session,
        actor,
        "comment.hide",
        f"consultation:{consultation.slug}/{comment.reference}",
        at,
        {"revision": comment.revision, "masked": len(masks), "added": len(added)},
    )
    return new[0]


def _masks(session: Session, comment: Comment) -> list[Mask]:
    """What is hidden in the public copy now."""
    last = session.scalar(
        select(ModerationDecision)
        .where(
            ModerationDecision.comment_id == comment.id, ModerationDecision.to_state == CommentState.PUBLISHED
        )
        .order_by(ModerationDecision.revision.desc())
        .limit(1)
        .options(selectinload(ModerationDecision.redactions))
    )  # fmt: skip
    return [Mask(r.field, r.start, r.end, r.kind, r.replacement) for r in last.redactions] if last else []


def _is_covered(mask: Mask, masks: Sequence[Mask]) -> bool:
    return any(m.field == mask.field and m.start <= mask.start and mask.end <= m.end for m in masks)


def _redaction(mask: Mask) -> Redaction:
    return Redaction(field=mask.field, start=mask.start, end=mask.end, kind=mask.kind, replacement=mask.replacement)
