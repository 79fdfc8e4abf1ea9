"""What staff write for the summary in their own words: paragraphs with references, and what was done to reach people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Clause, Comment, Consultation, NarrativeParagraph
from portal.reports import references
from portal.rules import plaintext
from portal.rules.words import CommentState
from portal.services import audit, masking, places

LONGEST = 4000


def published_references(session: Session, consultation: Consultation) -> set[str]:
    """Every reference a sentence may carry now."""
    numbers = session.scalars(
        select(Comment.number).where(
            Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED
        )
    )  # fmt: skip
    return {f"C-{number}" for number in numbers}


def paragraphs(session: Session, consultation: Consultation) -> list[NarrativeParagraph]:
    """Every paragraph, also those that were only proposed: the head of the report first, then clause by clause."""
    found = session.scalars(
        select(NarrativeParagraph)
        .where(NarrativeParagraph.consultation_id == consultation.id)
        .order_by(NarrativeParagraph.id)
    )
    order = {"": -1, **{clause.label: clause.position for clause in consultation.version.clauses}}
    return sorted(found, key=lambda each: (order.get(each.place, len(order)), each.id))


def write(
    session: Session, actor: Actor, consultation: Consultation, place: str, words: str, at: datetime,
    paragraph_id: int | None = None, seen: str = "",
) -> NarrativeParagraph:  # fmt: skip
    """Writes a paragraph, or writes one anew; what was only proposed becomes the words of whoever saves it.

    `seen` is the stamp of the words as the page showed them; empty where nobody looked. Raises NotValid for a sentence
    about opinions without a reference, or with one that leads nowhere; AlreadyDone when somebody else has written
    others meanwhile.
    """
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    words = plaintext.received_within(words, LONGEST, "这一段文字", "words")
    if not words:
        raise NotValid("请填写文字。", fault="words")
    masking.require_none(words, consultation, "words")
    if place and not session.scalar(
        select(Clause.id).where(Clause.version_id == consultation.version.id, Clause.label == place)
    ):
        raise NotThere("没有这个条款。")
    require_sound(words, published_references(session, consultation))
    if paragraph_id is None:
        paragraph = NarrativeParagraph(consultation_id=consultation.id, place=place)
    else:
        paragraph = _in_hand(session, consultation, paragraph_id)
        if seen and paragraph.words != words and seen != plaintext.stamp(paragraph.words):
            raise AlreadyDone("这一段刚刚已由他人修改，您的这一次没有保存。您写的内容在下面，请看过最新的内容再改。")
    paragraph.words, paragraph.is_proposed = words, False
    paragraph.written_by_id, paragraph.written_at = actor.account_id, at
    session.add(paragraph)
    session.flush()
    audit.record(
        session, actor, "narrative.write", f"consultation:{consultation.slug}", at,
        {"paragraph": paragraph.id, "place": paragraph.place, "words": plaintext.stamp(words)},
    )  # fmt: skip
    return paragraph


def paragraph_of(session: Session, consultation: Consultation, paragraph_id: int) -> NarrativeParagraph:
    """A paragraph of this consultation. Raises NotThere."""
    found = session.get(NarrativeParagraph, paragraph_id)
    if found is None or found.consultation_id != consultation.id:
        raise NotThere("没有这一段文字，可能已经被删去。")
    return found


def _in_hand(session: Session, consultation: Consultation, paragraph_id: int) -> NarrativeParagraph:
    """A paragraph as it stands, held until the commit: of two who write, the second sees what the first has written."""
    paragraph = paragraph_of(session, consultation, paragraph_id)
    session.refresh(paragraph, with_for_update=True)
    return paragraph


def remove(
    session: Session, actor: Actor, consultation: Consultation, paragraph_id: int, at: datetime, seen: str = ""
) -> None:
    """Takes a paragraph out of the next summary; those that were kept stay as they are.

    Raises AlreadyDone when it is no longer what the page showed (`seen`, as in `write`).
    """
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    paragraph = _in_hand(session, consultation, paragraph_id)
    if seen and seen != plaintext.stamp(paragraph.words):
        raise AlreadyDone("这一段刚刚已由他人修改，没有删去。请看过最新的内容再决定。")
    session.delete(paragraph)
    session.flush()
    audit.record(
        session, actor, "narrative.remove", f"consultation:{consultation.slug}", at,
        {"paragraph": paragraph_id, "words": plaintext.stamp(paragraph.words)},
    )  # fmt: skip


def tell_outreach(
    session: Session, actor: Actor, consultation: Consultation, words: str, at: datetime, seen: str = ""
) -> None:
    """Says what was done to reach people: meetings, posters, invitations.

    `seen` is the stamp of the words as the page showed them; empty where nobody looked.
    Raises AlreadyDone when somebody else has written others meanwhile.
    """
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    places.lock(session, consultation)
    session.refresh(consultation, ["outreach"])
    told = plaintext.received_within(words, LONGEST, "宣传和听取意见的工作", "outreach")
    if told == consultation.outreach:
        return
    masking.require_none(told, consultation, "outreach")
    if seen and seen != plaintext.stamp(consultation.outreach):
        raise AlreadyDone("这一段刚刚已由他人修改，您的这一次没有保存。您写的内容在下面，请看过最新的内容再改。")
    consultation.outreach = told
    session.flush()
    audit.record(
        session, actor, "summary.outreach", f"consultation:{consultation.slug}", at, {"words": consultation.outreach}
    )


def require_sound(words: str, published: Collection[str]) -> None:
    """Raises NotValid, naming the sentence, when one about opinions has no reference or one that leads nowhere."""
    for sentence, reference in references.unsupported(words, published):
        if reference:
            raise NotValid(
                "“%(words)s”引用的[%(reference)s]不存在或者没有公开。请改正编号，或者删去这一句。",
                fault="words", words=sentence, reference=reference,
            )  # fmt: skip
        raise NotValid(
            "“%(words)s”说到了意见，却没有注明意见编号。请在句末注明，例如[C-34]；几条意见写作[C-34、C-35]。",
            fault="words", words=sentence,
        )  # fmt: skip
