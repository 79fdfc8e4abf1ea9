"""New comments put where they belong: beside the same text, beside a representative they are near to, or alone.

A text is compared with what represents a campaign and with what stands alone, never with all members of a campaign:
what is in a campaign is near its representative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, CompoundSelect, Table, bindparam, func, literal_column, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.analysis.distinct import digest_of
from portal.analysis.likeness import near_ones
from portal.analysis.sketches import BANDS, HEAD, band_keys, head_of, sketch
from portal.models import Campaign, CampaignGrouping, Comment, DistinctText, TextBand
from portal.rules.words import CommentState
from portal.services import baskets

#: so many comments are put in their place in one transaction, which whoever sends may have to wait for
AT_ONCE = 25
#: of each band the neighbours on either side, and of all that were met those met most often: so many that represent
#: campaigns, and so many that stand alone
_REACH = 8
_COMPARED = (32, 16)
#: what represents a campaign stands in the bands once more under keys of its own, so that it is met however many texts
#: that stand alone are between
SHELF = 1 << 62

_BAND = cast(Table, TextBand.__table__)


def words(body: str, proposed_text: str) -> str:
    """What of a comment is compared: all that its author wrote."""
    said = "" if body == baskets.ONLY_PROPOSED and proposed_text else body
    return f"{said}\n{proposed_text}" if said and proposed_text else said or proposed_text


def words_of(comment: Comment) -> str:
    """As `words`, of a comment."""
    return words(comment.body, comment.proposed_text)


@dataclass(slots=True)
class Arrival:
    """A new comment and where it goes. `text` and `near` name stored texts, `same` and `beside` earlier arrivals."""

    comment_id: int
    submission_id: int
    stands: bool
    received_at: datetime
    #: empty for what has no letters
    digest: str = ""
    is_short: bool = True
    keys: tuple[int, ...] = ()
    words: str = ""
    text: int | None = None
    near: int | None = None
    same: int | None = None
    beside: int | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Some new comments in the order they came, the number of the last, and whether these are all."""

    arrivals: tuple[Arrival, ...]
    upto: int
    is_last: bool


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────


def _neighbours() -> CompoundSelect[Any]:
    """The texts that stand next to a new one in each of the bands, and whether as one that represents a campaign."""
    parts = []
    for shelf in (SHELF, 0):
        for band in range(BANDS):
            key, begin, end = (bindparam(f"{name}{band}", type_=BigInteger) + shelf for name in ("key", "begin", "end"))
            here = select(_BAND.c.text_id).where(_BAND.c.consultation_id == bindparam("consultation")).limit(_REACH)
            for part in (
                here.where(_BAND.c.key >= key, _BAND.c.key < end).order_by(_BAND.c.key),
                here.where(_BAND.c.key < key, _BAND.c.key >= begin).order_by(_BAND.c.key.desc()),
            ):
                parts.append(
                    select(part.subquery().c.text_id, literal_column("1" if shelf else "0").label("stands_for"))
                )
    return union_all(*parts)


_NEIGHBOURS = _neighbours()


def gathered(session: Session, consultation_id: int, upto: int) -> Arrivals:
    """The next comments after number `upto`, and where each of them belongs."""
    rows = session.execute(
        select(
            Comment.id,
            Comment.number,
            Comment.submission_id,
            Comment.state,
            Comment.received_at,
            Comment.body,
            Comment.proposed_text,
        )
        .where(Comment.consultation_id == consultation_id, Comment.number > upto)
        .order_by(Comment.number)
        .limit(AT_ONCE)
    ).all()
    arrivals = []
    for row in rows:
        said = words(row.body, row.proposed_text)
        arrival = Arrival(row.id, row.submission_id, row.state is not CommentState.WITHDRAWN, row.received_at)
        if digest := digest_of(said):
            made = sketch(said)
            arrival.digest, arrival.words = digest.hex(), said
            arrival.is_short, arrival.keys = made.is_short, band_keys(made)
        arrivals.append(arrival)
    known = known_texts(session, consultation_id, {each.digest for each in arrivals if each.digest})
    for index, arrival in enumerate(arrivals):
        if not arrival.digest:
            continue
        if (text_id := known.get(arrival.digest)) is not None:
            arrival.text = text_id
        elif (same := _same(arrivals[:index], arrival)) is not None:
            arrival.same = same
        elif arrival.keys:
            arrival.near = _near(session, consultation_id, arrival)
            if arrival.near is None:
                arrival.beside = _beside(arrivals[:index], arrival)
    return Arrivals(tuple(arrivals), rows[-1].number if rows else upto, len(rows) < AT_ONCE)


def known_texts(session: Session, consultation_id: int, digests: set[str]) -> dict[str, int]:
    """The stored text of each digest; where people parted equal texts, the one that most comments say."""
    rows = session.execute(
        select(DistinctText.digest, DistinctText.id)
        .where(DistinctText.consultation_id == consultation_id, DistinctText.digest.in_(digests))
        .order_by(DistinctText.comments, DistinctText.id.desc())
    )
    return {digest: text_id for digest, text_id in rows}  # noqa: C416 — the last of each digest counts


def _same(earlier: Sequence[Arrival], arrival: Arrival) -> int | None:
    return next((i for i, each in enumerate(earlier) if each.digest == arrival.digest), None)


def _near(session: Session, consultation_id: int, arrival: Arrival) -> int | None:
    """The stored centre that a new text is near to; of several that of the largest campaign."""
    places: dict[str, int] = {"consultation": consultation_id}
    for band, key in enumerate(arrival.keys):
        begin = head_of(key)
        places |= {f"key{band}": key, f"begin{band}": begin, f"end{band}": begin + HEAD}
    met: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    for text_id, stands_for in session.execute(_NEIGHBOURS, places):
        met[1 - stands_for][text_id] += 1
    often = met[0] | met[1]
    asked = {
        text_id
        for counts, most in zip(met, _COMPARED, strict=True)
        for text_id, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:most]
    }
    if not asked:
        return None
    rows = session.execute(
        select(DistinctText.id, Comment.body, Comment.proposed_text, func.coalesce(Campaign.comments, 0).label("size"))
        .join(DistinctText.comment)
        .outerjoin(Campaign, Campaign.id == DistinctText.campaign_id)
        .where(DistinctText.id.in_(asked))
    ).all()
    answers = near_ones(arrival.words, [words(row.body, row.proposed_text) for row in rows])
    near = [row for row, is_near in zip(rows, answers, strict=True) if is_near]
    # as when all is grouped: the campaign that gathers most comes first
    best = max(near, key=lambda row: (row.size, often[row.id], -row.id), default=None)
    return int(best.id) if best is not None else None


def _beside(earlier: Sequence[Arrival], arrival: Arrival) -> int | None:
    """The first of those that came just before, and stand alone so far, that a new text is near to."""
    heads = {head_of(key) for key in arrival.keys}
    asked = [
        i
        for i, each in enumerate(earlier)
        if each.keys and each.text is each.near is each.same is each.beside is None
        if not heads.isdisjoint(head_of(key) for key in each.keys)
    ]
    answers = near_ones(arrival.words, [earlier[i].words for i in asked])
    return next((i for i, is_near in zip(asked, answers, strict=True) if is_near), None)


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────


def put(session: Session, grouping: CampaignGrouping, found: Arrivals, at: datetime) -> None:
    """Puts each arrival where it belongs, and counts it there. The caller has the grouping locked."""
    asked = {each for arrival in found.arrivals for each in (arrival.text, arrival.near) if each is not None}
    stored = {each.id: each for each in session.scalars(select(DistinctText).where(DistinctText.id.in_(asked)))}
    texts: list[DistinctText | None] = []
    for arrival in found.arrivals:
        same = stored.get(arrival.text or 0) or (texts[arrival.same] if arrival.same is not None else None)
        near = stored.get(arrival.near or 0) or (texts[arrival.beside] if arrival.beside is not None else None)
        texts.append(_put(session, grouping.consultation_id, arrival, same, near, at) if arrival.digest else None)
    grouping.upto = found.upto
    session.flush()


def _put(
    session: Session,
    consultation_id: int,
    arrival: Arrival,
    same: DistinctText | None,
    near: DistinctText | None,
    at: datetime,
) -> DistinctText:
    beside = same or near
    campaign = _campaign_around(session, beside, at, is_short=arrival.is_short) if beside is not None else None
    text = same
    if text is None:
        text = DistinctText(
            consultation_id=consultation_id,
            digest=arrival.digest,
            campaign_id=campaign.id if campaign else None,
            comment_id=arrival.comment_id,
            comments=0,
            is_centre=campaign is None and bool(arrival.keys),
        )
        session.add(text)
        session.flush()
        if text.is_centre:
            add_bands(session, [(text, arrival.keys)])
    if campaign is not None:
        _count(session, campaign, text, arrival)
    text.comments += arrival.stands
    session.execute(
        update(Comment)
        .where(Comment.id == arrival.comment_id)
        .values(text_id=text.id, campaign_id=text.campaign_id)
        .execution_options(synchronize_session=False)
    )
    return text


def _campaign_around(session: Session, text: DistinctText, at: datetime, *, is_short: bool) -> Campaign:
    """The campaign a text is in; one that stood alone becomes the representative of a new one."""
    if text.campaign_id is not None:
        return session.get_one(Campaign, text.campaign_id)
    session.flush()
    received_at = session.scalars(select(Comment.received_at).where(Comment.text_id == text.id)).all()
    campaign = Campaign(
        consultation_id=text.consultation_id,
        representative_id=text.comment_id,
        is_short=is_short,
        submissions=text.comments,
        comments=text.comments,
        texts=min(1, text.comments),
        first_received_at=min(received_at),
        last_received_at=max(received_at),
        grouped_at=at,
    )
    session.add(campaign)
    session.flush()
    text.campaign_id = campaign.id
    if text.is_centre:
        add_bands(session, [(text, band_keys(sketch(words_of(text.comment))))])
    session.execute(
        update(Comment)
        .where(Comment.text_id == text.id)
        .values(campaign_id=campaign.id)
        .execution_options(synchronize_session=False)
    )
    return campaign


def _count(session: Session, campaign: Campaign, text: DistinctText, arrival: Arrival) -> None:
    campaign.first_received_at = min(campaign.first_received_at, arrival.received_at)
    campaign.last_received_at = max(campaign.last_received_at, arrival.received_at)
    if not arrival.stands:
        return
    campaign.comments += 1
    campaign.texts += text.comments == 0
    campaign.submissions += not has_another(session, campaign.id, arrival.submission_id, arrival.comment_id)


def has_another(session: Session, campaign_id: int, submission_id: int, comment_id: int) -> bool:
    """Whether the submission of a comment has another one that stands in a campaign."""
    return bool(
        session.scalar(
            select(Comment.id)
            .where(
                Comment.submission_id == submission_id,
                Comment.campaign_id == campaign_id,
                Comment.state != CommentState.WITHDRAWN,
                Comment.id != comment_id,
            )
            .limit(1)
        )
    )


def add_bands(session: Session, texts: Sequence[tuple[DistinctText, Sequence[int]]]) -> None:
    """Lets texts that arrive find these, each with its band keys."""
    keep_bands(
        session,
        [(text.consultation_id, text.id, key) for text, keys in texts for key in shelved(keys, text.campaign_id)],
    )


def shelved(keys: Sequence[int], campaign_id: int | None) -> set[int]:
    """The keys under which a centre stands; a row that leaves a campaign may keep those it had there."""
    return set(keys) if campaign_id is None else {*keys, *(key + SHELF for key in keys)}


def keep_bands(session: Session, rows: Sequence[tuple[int, int, int]]) -> None:
    """Writes rows of consultation, text and key; one that is there already stays."""
    if not rows:
        return
    made = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(_BAND)
    session.connection().execute(
        made.on_conflict_do_nothing(),
        [
            {"consultation_id": consultation_id, "text_id": text_id, "key": key}
            for consultation_id, text_id, key in sorted(rows, key=lambda row: row[2])
        ],
    )


def lock(session: Session, consultation_id: int) -> CampaignGrouping | None:
    """Nobody else changes the campaigns of a consultation until the transaction ends. Taken before any comment is."""
    return session.scalar(
        select(CampaignGrouping)
        .where(CampaignGrouping.consultation_id == consultation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def leave(session: Session, comment: Comment) -> None:
    """Counts a comment no longer that was just withdrawn. It stays where it is, and may be read there."""
    if comment.text_id is None:
        return
    grouping = lock(session, comment.consultation_id)
    if grouping is None or grouping.began_at is not None:
        return  # when all are grouped anew, what was withdrawn meanwhile is counted at the end
    session.refresh(comment, ["campaign_id", "text_id"])
    text = session.get_one(DistinctText, comment.text_id, with_for_update={"key_share": True})
    text.comments -= 1
    if comment.campaign_id is not None:
        campaign = session.get_one(Campaign, comment.campaign_id, with_for_update={"key_share": True})
        campaign.comments -= 1
        campaign.texts -= text.comments == 0
        campaign.submissions -= not has_another(session, campaign.id, comment.submission_id, comment.id)
    session.flush()
