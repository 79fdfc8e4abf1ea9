"""Keeping the search index: what is public is in it, in the same transaction that makes it public.

Asking it is in `finding`. Neither trusts the other: what is found is looked up again among what is public.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.drafts.folding import folded, tokens
from portal.models import Clause, Comment, Consultation, SearchEntry
from portal.rules.words import CommentState, Findable

KINDS = tuple(Findable)
#: a longer text is found by its beginning: PostgreSQL takes no more tokens than a megabyte holds
LONGEST = 40_000
#: how many clauses of one draft have a place of their own in the order
MOST_CLAUSES = 16_384
#: rows written at once when the index is built again
BATCH = 2000
#: marks a token that no text can have
MARK = "§"


def key(kind: Findable, subject_id: int) -> int:
    """The key of the entry of a title or a comment: the newest has the largest."""
    return subject_id * (len(KINDS) + 1) + KINDS.index(kind)


def clause_key(clause: Clause) -> int:
    """The key of the entry of a clause: the newest draft first, and in it the first clause first."""
    place = clause.version_id * MOST_CLAUSES + MOST_CLAUSES - 1 - min(clause.position, MOST_CLAUSES - 1)
    return key(Findable.CLAUSE, place)


def scope_token(kind: Findable | None = None, consultation_id: int | None = None) -> str:
    """The token every entry of a kind, or of a consultation, has."""
    return f"{MARK}{kind.value}" if kind else f"{MARK}in{consultation_id}"


def _row(kind: Findable, consultation_id: int, subject_id: int, words: str, entry: int | None = None) -> dict[str, Any]:
    compared = folded(words[:LONGEST])
    marks = {scope_token(kind), scope_token(consultation_id=consultation_id)}
    return {
        "id": key(kind, subject_id) if entry is None else entry,
        "kind": kind,
        "consultation_id": consultation_id,
        "subject_id": subject_id,
        "folded": compared,
        "tokens": " ".join(sorted(tokens(compared) | marks)),
    }


def title_words(consultation: Consultation) -> str:
    """What a consultation is found by beside its draft: its title and who publishes it."""
    return f"{consultation.title} {consultation.publisher}"


def clause_words(clause: Clause) -> str:
    """A clause with its number, as a list shows it."""
    gap = "　" if clause.number and clause.number[-1] not in "、.．）)" else ""
    return f"{clause.number}{gap}{clause.words}"


def comment_words(comment: Comment) -> str:
    """The public copy of a comment: nothing that was masked."""
    return _words(comment.public_body, comment.public_proposed_text)


def _words(body: str, proposed_text: str) -> str:
    return f"{body}\n{proposed_text}".strip()


def _draft_rows(consultation: Consultation, clauses: Iterable[Clause]) -> list[dict[str, Any]]:
    title = _row(Findable.TITLE, consultation.id, consultation.id, title_words(consultation))
    return [
        title,
        *(
            _row(Findable.CLAUSE, consultation.id, clause.id, clause_words(clause), clause_key(clause))
            for clause in clauses
        ),
    ]


def keep_consultation(session: Session, consultation: Consultation) -> None:
    """Puts title and clauses of what the public now reads into the index, in place of an earlier version."""
    session.execute(
        delete(SearchEntry).where(
            SearchEntry.consultation_id == consultation.id, SearchEntry.kind.in_((Findable.TITLE, Findable.CLAUSE))
        )
    )
    session.execute(insert(SearchEntry), _draft_rows(consultation, consultation.version.clauses))


def keep_comment(session: Session, comment: Comment) -> None:
    """Brings the index in step with a comment whose state or public copy has changed."""
    session.execute(delete(SearchEntry).where(SearchEntry.id == key(Findable.COMMENT, comment.id)))
    if comment.state is CommentState.PUBLISHED:
        row = _row(Findable.COMMENT, comment.consultation_id, comment.id, comment_words(comment))
        session.execute(insert(SearchEntry), [row])


def comment_row(consultation_id: int, comment_id: int, body: str, proposed_text: str) -> dict[str, Any]:
    """The entry of a comment with this public copy, made before its transaction begins."""
    return _row(Findable.COMMENT, consultation_id, comment_id, _words(body, proposed_text))


def of_comment(row: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """The same entry for another comment of the same words."""
    return {**row, "id": key(Findable.COMMENT, comment_id), "subject_id": comment_id}


def forget_comments(session: Session, comment_ids: Sequence[int]) -> None:
    """Takes comments out of the index."""
    keys = [key(Findable.COMMENT, each) for each in comment_ids]
    session.execute(delete(SearchEntry).where(SearchEntry.id.in_(keys)))


def add_rows(session: Session, rows: list[dict[str, Any]]) -> None:
    """Puts entries into the index that are not in it."""
    if rows:
        session.execute(insert(SearchEntry), rows)


def rebuild_drafts(session: Session) -> int:
    """Builds the index of titles and clauses again from what is public; how many entries it has."""
    session.execute(delete(SearchEntry).where(SearchEntry.kind.in_((Findable.TITLE, Findable.CLAUSE))))
    public = (
        select(Consultation)
        .where(Consultation.first_published_at.is_not(None))
        .options(joinedload(Consultation.bureau), selectinload(Consultation.versions))
    )
    written = 0
    for consultation in session.scalars(public).all():
        rows = _draft_rows(consultation, session.scalars(select(Clause).where(Clause.version == consultation.version)))
        session.execute(insert(SearchEntry), rows)
        written += len(rows)
    return written


def rebuild_comments(session: Session, after: int = 0) -> tuple[int, int | None]:
    """Builds the index of the next comments again, in the order of their keys.

    How many entries were written, and the `after` of the next call; None when all is done. Short transactions:
    on SQLite nobody else writes during one.
    """
    comments = session.execute(
        select(Comment.id, Comment.consultation_id, Comment.public_body, Comment.public_proposed_text)
        .where(Comment.id > after, Comment.state == CommentState.PUBLISHED)
        .order_by(Comment.id)
        .limit(BATCH)
    ).all()
    last = comments[-1].id if len(comments) == BATCH else None
    stale = [SearchEntry.kind == Findable.COMMENT, SearchEntry.subject_id > after]
    session.execute(delete(SearchEntry).where(*stale, *([SearchEntry.subject_id <= last] if last else [])))
    rows = [
        _row(Findable.COMMENT, consultation_id, comment_id, _words(body, proposed))
        for comment_id, consultation_id, body, proposed in comments
    ]
    if rows:
        session.execute(insert(SearchEntry), rows)
    if last is None and session.get_bind().dialect.name == "postgresql":
        # how common each token is decides how a search goes about it
        session.execute(text("ANALYZE search_entry"))
    return len(rows), last


def complete(session: Session) -> None:
    """Builds the index where there is none yet: a site that was there before its search."""
    if session.scalar(select(SearchEntry.id).limit(1)) is None and rebuild_drafts(session):
        after: int | None = 0
        while after is not None:
            _written, after = rebuild_comments(session, after)
