"""Lists of consultations: the shelves of the home page, the index with its filters, the one before and the one after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from portal.models import Bureau, CommentWindow, Consultation, DocumentType, DraftVersion
from portal.rules import subjects, window
from portal.rules.window import WindowState
from portal.rules.words import Standing

#: a window that ends within this many days stands on the first shelf
SOON_DAYS = 3
#: how many a page of the index shows
PAGE = 20
#: how many of those that are over the home page shows; the index has them all
SHELF = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    consultation: Consultation
    window: CommentWindow
    standing: Standing

    @property
    def received(self) -> int:
        """How many comments came in; none is ever removed, so the last number is the count."""
        return self.consultation.comments_numbered

    @property
    def extended_at(self) -> datetime | None:
        """When the window in force was announced in place of a shorter one; None when it is the first."""
        return self.window.created_at if self.window.announcement else None

    @property
    def changed_at(self) -> datetime:
        """When the public last had something new to read of it: draft, further version, extension, results, end."""
        consultation, version = self.consultation, self.consultation.version
        return latest(
            consultation.first_published_at or self.window.opens_at,
            version.published_at if version.number > 1 else None,
            self.extended_at,
            consultation.results_published_at if self.standing is Standing.ANSWERED else None,
            consultation.withdrawn_at if self.standing is Standing.WITHDRAWN else None,
        )


def latest(first: datetime, *others: datetime | None) -> datetime:
    """The last of some instants, those that there are."""
    return max([first, *(other for other in others if other is not None)])


def standing(
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
    *,
    answered_at: datetime | None = None,
    withdrawn_at: datetime | None = None,
) -> Standing:
    """Where a published consultation stands at `at`."""
    if withdrawn_at is not None and withdrawn_at <= at:
        return Standing.WITHDRAWN
    match window.state(opens_at, closes_at, at):
        case WindowState.UPCOMING:
            return Standing.UPCOMING
        case WindowState.OPEN:
            return Standing.SOON if window.days_left(closes_at, at) < SOON_DAYS else Standing.OPEN
    return Standing.ANSWERED if answered_at is not None and answered_at <= at else Standing.IN_ANSWER


def entry(consultation: Consultation, at: datetime) -> Entry:
    """One consultation that is loaded already, as a line of a list."""
    current = consultation.window
    assert current is not None, "a published consultation has a window"
    return _line(consultation, current, at)


def _line(consultation: Consultation, current: CommentWindow, at: datetime) -> Entry:
    stands = standing(
        current.opens_at,
        current.closes_at,
        at,
        answered_at=consultation.results_published_at,
        withdrawn_at=consultation.withdrawn_at,
    )
    return Entry(consultation, current, stands)


def _entries(session: Session, query: Select[Consultation, CommentWindow], at: datetime) -> list[Entry]:
    """The consultations of a query that ends in a window, without the long texts no list shows."""
    options = (
        joinedload(Consultation.bureau),
        joinedload(Consultation.document_type),
        defer(Consultation.notice),
        defer(Consultation.explanatory_note),
    )
    return [_line(found, current, at) for found, current in session.execute(query.options(*options))]


def _public(at: datetime) -> Select[Consultation, CommentWindow]:
    return (
        select(Consultation, CommentWindow)
        .join(CommentWindow, CommentWindow.consultation_id == Consultation.id)
        .where(Consultation.first_published_at <= at, CommentWindow.superseded_at.is_(None))
    )


def _not_withdrawn(at: datetime) -> ColumnElement[bool]:
    return or_(Consultation.withdrawn_at.is_(None), Consultation.withdrawn_at > at)


@dataclass(frozen=True, slots=True)
class Shelves:
    """The home page, each shelf in its own order. Of those that are over, the newest."""

    soon: list[Entry]
    open: list[Entry]
    upcoming: list[Entry]
    in_answer: list[Entry]
    answered: list[Entry]
    withdrawn: list[Entry]


def shelves(session: Session, at: datetime) -> Shelves:
    """What is open and coming, and the newest of what is being answered and was answered."""
    is_answered = Consultation.results_published_at <= at
    unanswered = or_(Consultation.results_published_at.is_(None), Consultation.results_published_at > at)
    over = CommentWindow.closes_at <= at
    goes_on = _public(at).where(_not_withdrawn(at))
    running = _entries(session, goes_on.where(CommentWindow.closes_at > at), at)
    in_answer = goes_on.where(over, unanswered).order_by(CommentWindow.closes_at.desc(), Consultation.id.desc())
    answered = goes_on.where(over, is_answered).order_by(
        Consultation.results_published_at.desc(), Consultation.id.desc()
    )
    withdrawn = (
        _public(at).where(Consultation.withdrawn_at <= at).order_by(Consultation.withdrawn_at.desc(), Consultation.id)
    )

    def shelf(wanted: Standing, key: Callable[[Entry], Any]) -> list[Entry]:
        return sorted((line for line in running if line.standing is wanted), key=key)

    return Shelves(
        shelf(Standing.SOON, lambda line: (line.window.closes_at, line.consultation.id)),
        shelf(Standing.OPEN, lambda line: (line.window.closes_at, line.consultation.id)),
        shelf(Standing.UPCOMING, lambda line: (line.window.opens_at, line.consultation.id)),
        _entries(session, in_answer.limit(SHELF), at),
        _entries(session, answered.limit(SHELF), at),
        _entries(session, withdrawn.limit(SHELF), at),
    )


@dataclass(frozen=True, slots=True)
class Record:
    """What the site did in the last twelve months (the year counter of the website rules)."""

    consultations: int
    comments: int
    answered: int


def record(session: Session, at: datetime) -> Record:
    """Counts over the consultations first published in the twelve months before `at`."""
    row = session.execute(
        select(
            func.count(Consultation.id),
            func.coalesce(func.sum(Consultation.comments_numbered), 0),
            func.count(Consultation.results_published_at).filter(Consultation.results_published_at <= at),
        ).where(Consultation.first_published_at <= at, Consultation.first_published_at > at - timedelta(days=365))
    ).one()
    return Record(*(int(count) for count in row))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asked the index for; empty: everything."""

    bureau: str = ""
    type: str = ""
    subject: str = ""
    state: str = ""
    year: str = ""

    def without(self, name: str) -> dict[str, str]:
        """The others that are set, for the address of the index."""
        return {key: value for key, value in asdict(self).items() if value and key != name}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, and how many there would be with the other filters as they are."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the index, and what can be chosen."""

    entries: list[Entry]
    total: int
    page: int
    pages: int
    filters: Filters
    choices: dict[str, list[Choice]]


@dataclass(frozen=True, slots=True)
class _Card:
    """As much of a consultation as the filters look at."""

    id: int
    values: dict[str, str]

    def fits(self, filters: dict[str, str]) -> bool:
        return all(_has(self.values[name], name, value) for name, value in filters.items())


def _has(own: str, name: str, asked: str) -> bool:
    # what ends soon is open too
    return own == asked or (name == "state" and asked == Standing.OPEN and own == Standing.SOON)


def index(session: Session, filters: Filters, at: datetime, page: int = 1) -> Listing:
    """The consultations that fit the filters, newest first; a page that is not there is the last."""
    rows = session.execute(
        select(
            Consultation.id,
            Bureau.code,
            DocumentType.code,
            Consultation.subject,
            Consultation.first_published_at,
            Consultation.results_published_at,
            Consultation.withdrawn_at,
            CommentWindow.opens_at,
            CommentWindow.closes_at,
        )
        .join(CommentWindow, CommentWindow.consultation_id == Consultation.id)
        .join(Consultation.bureau)
        .outerjoin(Consultation.document_type)
        .where(Consultation.first_published_at <= at, CommentWindow.superseded_at.is_(None))
        .order_by(Consultation.first_published_at.desc(), Consultation.id.desc())
    )
    cards = [
        _Card(
            id_,
            {
                "bureau": bureau,
                "type": kind or "",
                "subject": subjects.first_level(subject),
                "state": standing(opens_at, closes_at, at, answered_at=answered_at, withdrawn_at=withdrawn_at).value,
                "year": str(window.day_in_beijing(published_at).year),
            },
        )
        for id_, bureau, kind, subject, published_at, answered_at, withdrawn_at, opens_at, closes_at in rows
        if published_at is not None
    ]
    fitting = [card.id for card in cards if card.fits(filters.without(""))]
    pages = max(1, -(-len(fitting) // PAGE))
    page = min(max(1, page), pages)
    shown = fitting[(page - 1) * PAGE : page * PAGE]
    entries = {line.consultation.id: line for line in _entries(session, _of(shown, at), at)} if shown else {}
    return Listing(
        [entries[id_] for id_ in shown if id_ in entries],
        len(fitting),
        page,
        pages,
        filters,
        {name: _choices(session, name, filters, cards) for name in asdict(filters)},
    )


def _of(ids: Iterable[int], at: datetime) -> Select[Consultation, CommentWindow]:
    return _public(at).where(Consultation.id.in_(ids))


def _choices(session: Session, name: str, filters: Filters, cards: list[_Card]) -> list[Choice]:
    others = filters.without(name)
    counts = Counter(card.values[name] for card in cards if card.fits(others))
    if name == "state":
        counts[Standing.OPEN.value] += counts[Standing.SOON.value]
    chosen = getattr(filters, name)
    return [
        Choice(value, label, counts[value], value == chosen)
        for value, label in _labels(session, name, cards)
        if counts[value] or value == chosen
    ]


def _labels(session: Session, name: str, cards: list[_Card]) -> list[tuple[str, str]]:
    match name:
        case "bureau":
            bureaus = session.execute(select(Bureau.code, Bureau.name))
            return sorted(((code, label) for code, label in bureaus), key=lambda pair: pair[1])
        case "type":
            types = session.execute(select(DocumentType.code, DocumentType.name).order_by(DocumentType.position))
            return [(code, label) for code, label in types]
        case "subject":
            return [(subject, subject) for subject in subjects.SUBJECTS]
        case "state":
            return [
                (member.value, "正在征求意见（含即将截止）" if member is Standing.OPEN else member.label)
                for member in Standing
            ]
    return [(year, year) for year in sorted({card.values["year"] for card in cards}, reverse=True)]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The consultation published before or after another."""

    slug: str
    title: str


def neighbours(session: Session, consultation: Consultation, at: datetime) -> tuple[Neighbour | None, Neighbour | None]:
    """The one published before it and the one after."""
    published = Consultation.first_published_at
    public = select(Consultation.slug, Consultation.title).where(published <= at)
    when = consultation.first_published_at
    before = public.where(or_(published < when, (published == when) & (Consultation.id < consultation.id))).order_by(
        published.desc(), Consultation.id.desc()
    )
    after = public.where(or_(published > when, (published == when) & (Consultation.id > consultation.id))).order_by(
        published, Consultation.id
    )
    found = [session.execute(query.limit(1)).first() for query in (before, after)]
    older, newer = (Neighbour(*row) if row else None for row in found)
    return older, newer


def _history() -> tuple[Any, ...]:
    """What it takes to say when something last changed, and what it was before."""
    versions = selectinload(Consultation.versions).load_only(DraftVersion.number, DraftVersion.published_at)
    return versions, selectinload(Consultation.windows)


def newest(session: Session, at: datetime, limit: int, before: int | None = None) -> list[Entry]:
    """The newest consultations, older than the one with the id `before`; for feeds and programs."""
    query = _public(at).order_by(Consultation.id.desc()).limit(limit).options(*_history())
    return _entries(session, query if before is None else query.where(Consultation.id < before), at)


def deadlines(session: Session, at: datetime) -> list[Entry]:
    """The consultations whose deadline is to come, the first deadline first.

    Those that were withdrawn are among them until then: a calendar that holds the deadline has to be told.
    """
    query = _public(at).where(CommentWindow.closes_at > at).options(*_history())
    return _entries(session, query.order_by(CommentWindow.closes_at, Consultation.id), at)
