"""Asking the search index: titles, clauses and published comments, by consultation, the newest first.

Nothing here reads more than it shows or a fixed number of candidates, however many comments there are.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.drafts.folding import MOST_CHARACTERS, Term, excerpt, terms
from portal.models import Clause, Comment, Consultation, DraftVersion, SearchEntry, Submission
from portal.rules.words import CommentState, Findable
from portal.services import searching
from portal.services.lookup import COUNTED, Lookup

__all__ = ["COUNTED", "FIRST", "MOST_CHARACTERS", "PAGE", "Found", "Group", "Hit", "comment_at", "find"]

PAGE = 20
#: a comment as it is cited, also with another dash
_REFERENCE = re.compile(r"[Cc][-‐‑–—−]?(\d{1,9})")
#: how many of each kind a search of every kind shows; the rest is with its kind
FIRST = {Findable.TITLE: 5, Findable.CLAUSE: 8, Findable.COMMENT: 8}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: a title (neither clause nor comment), a clause, or a comment (and its clause)."""

    kind: Findable
    consultation: Consultation
    pieces: list[tuple[str, bool]]
    clause: Clause | None = None
    comment: Comment | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one consultation."""

    consultation: Consultation
    title: list[tuple[str, bool]]
    hits: list[Hit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. `after` is where the next page begins, None at the end."""

    terms: list[Term]
    groups: list[Group]
    counts: dict[Findable, int]
    after: str | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def find(
    session: Session,
    query: str,
    at: datetime,
    *,
    kind: Findable | None = None,
    consultation_id: int | None = None,
    after: str = "",
) -> Found:
    """What is public at `at` and has every term of the query, of every consultation or of one.

    Of every kind the first few, or the pages of one kind. `after` is the place the page before gave; anything else
    begins at the top.
    """
    wanted = terms(query)
    cited = _cited(session, query, consultation_id, at) if kind in (None, Findable.COMMENT) and not after else []
    if not wanted:
        return Found([], [], dict.fromkeys(Findable, 0), None)
    lookups = {each: Lookup(session, wanted, each, consultation_id) for each in Findable}
    keys: list[tuple[Findable, int]] = []
    rest = False
    if cited:
        keys += [(Findable.COMMENT, entry) for entry in cited]
    if kind is None:
        for each, most in FIRST.items():
            keys += [(each, entry) for entry in lookups[each].keys(None, most)]
    else:
        found = lookups[kind].keys(_place(after), PAGE + 1)
        keys, rest = keys + [(kind, entry) for entry in found[:PAGE]], len(found) > PAGE
    hits = _hits(session, list(dict.fromkeys(keys)), wanted, at)
    counts = {each: lookup.count for each, lookup in lookups.items()}
    counts[Findable.COMMENT] += len(cited)
    return Found(wanted, _grouped(hits, wanted), counts, str(keys[-1][1]) if rest else None)


def _cited(session: Session, query: str, consultation_id: int | None, at: datetime) -> list[int]:
    """The entries of public comments with this reference, where the query is one: C-23 is in many consultations."""
    match = _REFERENCE.fullmatch(unicodedata.normalize("NFKC", query).strip())
    if match is None:
        return []
    found = (
        select(Comment.id)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .where(
            Comment.number == int(match[1]),
            Comment.state == CommentState.PUBLISHED,
            Consultation.first_published_at <= at,
        )
        .order_by(Consultation.first_published_at.desc(), Consultation.id.desc())
        .limit(FIRST[Findable.COMMENT])
    )
    if consultation_id is not None:
        found = found.where(Comment.consultation_id == consultation_id)
    return [searching.key(Findable.COMMENT, comment_id) for comment_id in session.scalars(found)]


def _place(after: str) -> int | None:
    return int(after) if after.isascii() and after.isdecimal() and len(after) <= 18 else None


def _hits(session: Session, keys: list[tuple[Findable, int]], wanted: list[Term], at: datetime) -> list[Hit]:
    """The things behind the keys, in their order; one that is not public is not among them."""
    found: dict[tuple[Findable, int], Hit] = {}
    behind = dict(
        session.execute(
            select(SearchEntry.id, SearchEntry.subject_id).where(SearchEntry.id.in_([key for _, key in keys]))
        ).all()
    )
    ordered = [(kind, behind[key]) for kind, key in keys if key in behind]
    subjects = {kind: [subject for of, subject in ordered if of is kind] for kind in Findable}
    public = Consultation.first_published_at <= at
    of_consultation = (joinedload(Consultation.bureau), selectinload(Consultation.versions))
    if subjects[Findable.TITLE]:
        titles = select(Consultation).where(Consultation.id.in_(subjects[Findable.TITLE]), public)
        for consultation in session.scalars(titles.options(*of_consultation)):
            found[Findable.TITLE, consultation.id] = Hit(
                Findable.TITLE, consultation, excerpt(searching.title_words(consultation), wanted)
            )
    if subjects[Findable.CLAUSE]:
        clauses = (
            select(Clause, Consultation)
            .join(Clause.version)
            .join(DraftVersion.consultation)
            .where(Clause.id.in_(subjects[Findable.CLAUSE]), DraftVersion.published_at.is_not(None), public)
        )
        for clause, consultation in session.execute(clauses.options(*of_consultation)):
            found[Findable.CLAUSE, clause.id] = Hit(
                Findable.CLAUSE, consultation, excerpt(searching.clause_words(clause), wanted), clause=clause
            )
    if subjects[Findable.COMMENT]:
        comments = (
            select(Comment, Consultation)
            .join(Consultation, Comment.consultation_id == Consultation.id)
            .where(Comment.id.in_(subjects[Findable.COMMENT]), Comment.state == CommentState.PUBLISHED, public)
            .options(
                joinedload(Comment.clause),
                joinedload(Comment.submission).joinedload(Submission.respondent),
                *of_consultation,
            )
        )
        for comment, consultation in session.execute(comments):
            found[Findable.COMMENT, comment.id] = Hit(
                Findable.COMMENT,
                consultation,
                excerpt(searching.comment_words(comment), wanted),
                clause=comment.clause,
                comment=comment,
            )
    return [found[each] for each in ordered if each in found]


def _grouped(hits: list[Hit], wanted: list[Term]) -> list[Group]:
    """By consultation, in the order each came first; clauses of one in the order of its draft."""
    groups: dict[int, Group] = {}
    for hit in hits:
        consultation = hit.consultation
        group = groups.setdefault(
            consultation.id, Group(consultation, excerpt(consultation.title, wanted, len(consultation.title)))
        )
        if hit.kind is not Findable.TITLE:
            group.hits.append(hit)
    for group in groups.values():
        group.hits.sort(
            key=lambda hit: (
                hit.kind is Findable.COMMENT,
                hit.clause.position if hit.clause and hit.kind is Findable.CLAUSE else 0,
            )
        )
    return list(groups.values())


def comment_at(session: Session, consultation: Consultation, number: int) -> Comment | None:
    """A published comment of a consultation by its number, or None."""
    return session.scalar(
        select(Comment)
        .where(
            Comment.consultation_id == consultation.id,
            Comment.number == number,
            Comment.state == CommentState.PUBLISHED,
        )
        .options(joinedload(Comment.clause))
    )
