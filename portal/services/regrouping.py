"""All comments of a consultation grouped anew, with what people decided, and what came of it written part by part.

What was found is kept in one piece; then campaigns, texts and comments are brought to it, each step a short
transaction that changes only what is different. A campaign goes on under its number and its name in the group that has
most of its members. People decide nothing about campaigns meanwhile; comments that arrive wait until it is done.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import numpy as np
from sqlalchemy import (
    Integer,
    Table,
    bindparam,
    column,
    delete,
    func,
    insert,
    select,
    update,
    values,
)
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from portal.analysis.census import Census
from portal.analysis.engine import IN_PROCESS, Engine
from portal.analysis.sketches import band_keys, sketch
from portal.models import Amendment, Campaign, CampaignGrouping, Comment, DistinctText, TextBand
from portal.services import counting, surveying
from portal.services.arriving import keep_bands, shelved, words

#: so many campaigns, entries and comments are written in one transaction
CAMPAIGNS, ENTRIES, COMMENTS = 250, 250, 1_500
#: where nothing has to be written, a step looks on through so many parts
SKIPPED = 20
#: clocks of several processes, and a transaction that waited: what was withdrawn so long before is counted once more
_SLACK = timedelta(minutes=5)

_COMMENT = cast(Table, Comment.__table__)
_TEXT = cast(Table, DistinctText.__table__)
_BAND = cast(Table, TextBand.__table__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Begin:
    """From here on people decide nothing until it is done."""


@dataclass(frozen=True, slots=True)
class Found:
    """What grouping found, in one piece; up to which comment."""

    packed: bytes
    upto: int


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Some of the groups, to be written as campaigns."""

    census: Census
    begin: int
    end: int


@dataclass(slots=True)
class Texts:
    """What has to change so that some of the entries stand as they were found."""

    place: dict[str, Any]
    changed: list[dict[str, Any]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    #: stored texts that become centres, with the campaign they are in then, and those that were
    centres: list[tuple[int, str, int | None]] = field(default_factory=list)
    no_centres: list[tuple[int, str]] = field(default_factory=list)
    #: the band keys of these and of the added ones that are centres, by digest
    keys: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        return not (self.changed or self.added or self.removed or self.centres or self.no_centres)


@dataclass(frozen=True, slots=True)
class Comments:
    """Comments with the campaign and the text they are to name."""

    place: dict[str, Any]
    changed: list[dict[str, Any]]

    @property
    def is_nothing(self) -> bool:
        return not self.changed


@dataclass(frozen=True, slots=True)
class End:
    """Everything is written."""


Step = Begin | Found | Campaigns | Texts | Comments | End


def gathered(session: Session, grouping: CampaignGrouping, numbered: int, engine: Engine = IN_PROCESS) -> Step:
    """What the next step has to write."""
    place = grouping.place
    if place["phase"] == "find":
        return Found(surveying.survey(session, grouping.consultation_id, numbered, engine), numbered)
    packed = session.scalar(select(CampaignGrouping.found).where(CampaignGrouping.id == grouping.id))
    if packed is None:
        return Begin()
    kept, at = _unpacked(packed), place["at"]
    match place["phase"]:
        case "campaigns":
            return Campaigns(kept, at, min(at + CAMPAIGNS, len(kept.representative)))
        case "texts" | "comments" as phase:
            look = _texts if phase == "texts" else _comments
            campaign_ids = _campaign_ids(session, grouping, kept)
            step = look(session, grouping, kept, campaign_ids, at)
            for _ in range(SKIPPED):
                if not step.is_nothing or step.place["phase"] != phase:
                    break
                step = look(session, grouping, kept, campaign_ids, step.place["at"])
            return step
    return End()


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Census:
    return Census.unpacked(packed)


# ── comparing with what is stored ─────────────────────────────────────────────────────────────────────


def _campaign_ids(session: Session, grouping: CampaignGrouping, kept: Census) -> list[int | None]:
    """The campaign of each group, once written; the last element is for what is alone."""
    rows = session.execute(
        select(Campaign.representative_id, Campaign.id).where(
            Campaign.consultation_id == grouping.consultation_id, Campaign.grouped_at == grouping.began_at
        )
    )
    ids = {representative_id: campaign_id for representative_id, campaign_id in rows}  # noqa: C416
    return [*(ids[representative] for representative in kept.representative.tolist()), None]


def _texts(
    session: Session, grouping: CampaignGrouping, kept: Census, campaign_ids: list[int | None], at: int
) -> Texts:
    last = len(kept.digests)
    end = min(at + ENTRIES, last)
    while end < last and np.array_equal(kept.digests[end], kept.digests[end - 1]):
        end += 1  # entries of one digest are looked at together
    found = Texts({"phase": "texts", "at": end} if end < last else {"phase": "comments", "at": 0})
    wanted: dict[str, list[dict[str, Any]]] = {}
    for entry in range(at, end):
        wanted.setdefault(kept.digest(entry), []).append(
            {
                "campaign_id": campaign_ids[kept.entry_group[entry]],
                "comment_id": int(kept.entry_first[entry]),
                "comments": int(kept.entry_comments[entry]),
                "is_centre": bool(kept.is_centre[entry]),
            }
        )
    stored: dict[str, list[Any]] = {}
    for row in session.execute(
        select(_TEXT).where(
            _TEXT.c.consultation_id == grouping.consultation_id, _TEXT.c.digest.in_(wanted)
        ).order_by(_TEXT.c.id)
    ):  # fmt: skip
        stored.setdefault(row.digest, []).append(row)
    for digest, entries in wanted.items():
        rows = stored.get(digest, [])
        # what is in the right campaign already stays; the rest is given to whatever is left
        pairs = [(each, next((r for r in rows if r.campaign_id == each["campaign_id"]), None)) for each in entries]
        rows = [row for row in rows if all(row is not taken for _, taken in pairs)]
        for each, same in pairs:
            there = same if same is not None else rows.pop() if rows else None
            if there is None:
                found.added.append(each | {"consultation_id": grouping.consultation_id, "digest": digest})
                continue
            if any(getattr(there, name) != value for name, value in each.items()):
                found.changed.append(each | {"text_id": there.id})
            is_elsewhere = (there.campaign_id is None) != (each["campaign_id"] is None)
            if each["is_centre"] and (not there.is_centre or is_elsewhere):
                found.centres.append((there.id, digest, each["campaign_id"]))
            elif there.is_centre and not each["is_centre"]:
                found.no_centres.append((there.id, digest))
        found.removed += [row.id for row in rows]
        found.no_centres += [(row.id, digest) for row in rows if row.is_centre]
    # equal letters have equal keys: those of one comment are those of all
    asked = {digest for _, digest, _ in found.centres} | {digest for _, digest in found.no_centres}
    asked |= {each["digest"] for each in found.added if each["is_centre"]}
    said = _words_of(session, {wanted[digest][0]["comment_id"] for digest in asked})
    found.keys = {digest: band_keys(sketch(said[wanted[digest][0]["comment_id"]])) for digest in asked}
    return found


def _words_of(session: Session, comment_ids: set[int]) -> dict[int, str]:
    rows = session.execute(select(Comment.id, Comment.body, Comment.proposed_text).where(Comment.id.in_(comment_ids)))
    return {comment_id: words(body, proposed_text) for comment_id, body, proposed_text in rows}


def _comments(
    session: Session, grouping: CampaignGrouping, kept: Census, campaign_ids: list[int | None], at: int
) -> Comments:
    part = slice(at, at + COMMENTS)
    numbers = kept.numbers[part].tolist()
    entries = kept.entry_of[part].tolist()
    digests = {entry: kept.digest(entry) for entry in set(entries) if entry >= 0}
    text_ids = {
        (row.digest, row.campaign_id): row.id
        for row in session.execute(
            select(_TEXT.c.id, _TEXT.c.digest, _TEXT.c.campaign_id).where(
                _TEXT.c.consultation_id == grouping.consultation_id, _TEXT.c.digest.in_(set(digests.values()))
            )
        )
    }
    now = {
        row.id: (row.campaign_id, row.text_id)
        for row in session.execute(
            select(_COMMENT.c.id, _COMMENT.c.campaign_id, _COMMENT.c.text_id).where(_COMMENT.c.id.in_(numbers))
        )
    }
    changed = []
    for number, entry, group in zip(numbers, entries, kept.group_of[part].tolist(), strict=True):
        campaign_id = campaign_ids[group]
        text_id = text_ids[digests[entry], campaign_id] if entry >= 0 else None
        if now[number] != (campaign_id, text_id):
            changed.append({"comment_id": number, "to_campaign": campaign_id, "to_text": text_id})
    end = at + len(numbers)
    place = {"phase": "comments", "at": end} if end < len(kept.numbers) else {"phase": "end", "at": 0}
    return Comments(place, changed)


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────


def written(session: Session, grouping: CampaignGrouping, step: Step, at: datetime) -> bool:
    """Writes one part; says whether it was the last. The caller has the grouping locked."""
    match step:
        case Begin():
            # an instant of its own: by it the campaigns are known that were written this time
            last = session.scalar(
                select(func.max(Campaign.grouped_at)).where(Campaign.consultation_id == grouping.consultation_id)
            )
            grouping.began_at = at if last is None or last < at else last + timedelta(microseconds=1)
            grouping.place, grouping.found = {"phase": "find", "at": 0}, None
        case Found():
            grouping.found = step.packed
            grouping.place = {"phase": "campaigns", "at": 0, "upto": step.upto}
        case Campaigns():
            _write_campaigns(session, grouping, step)
            is_last = step.end == len(step.census.representative)
            place = {"phase": "texts", "at": 0} if is_last else {"phase": "campaigns", "at": step.end}
            grouping.place = place | {"upto": grouping.place["upto"]}
        case Texts():
            _write_texts(session, grouping.consultation_id, step)
            grouping.place = step.place | {"upto": grouping.place["upto"]}
        case Comments():
            _write_comments(session, step.changed)
            grouping.place = step.place | {"upto": grouping.place["upto"]}
        case End():
            _end(session, grouping, at)
    session.flush()
    return isinstance(step, End)


def _write_campaigns(session: Session, grouping: CampaignGrouping, step: Campaigns) -> None:
    kept, part = step.census, range(step.begin, step.end)
    came = json.loads(kept.came.tobytes())
    olds = {
        each.id: each
        for each in session.scalars(select(Campaign).where(Campaign.id.in_(kept.continues[part.start : part.stop].tolist())))
    }  # fmt: skip
    for index in part:
        campaign = olds.get(int(kept.continues[index]))
        if campaign is None:
            campaign = Campaign(consultation_id=grouping.consultation_id)
            session.add(campaign)
        campaign.representative_id = int(kept.representative[index])
        campaign.is_short = bool(kept.is_short[index])
        campaign.submissions = int(kept.submissions[index])
        campaign.comments = int(kept.comments[index])
        campaign.texts = int(kept.texts[index])
        campaign.first_received_at = _EPOCH + timedelta(microseconds=int(kept.first_received[index]))
        campaign.last_received_at = _EPOCH + timedelta(microseconds=int(kept.last_received[index]))
        campaign.came = came.get(str(index), {})
        if grouping.began_at is not None:
            campaign.grouped_at = grouping.began_at


def _write_texts(session: Session, consultation_id: int, step: Texts) -> None:
    gone = [
        {"gone_key": key, "gone_text": text_id}
        for text_id, digest in step.no_centres
        for key in shelved(step.keys[digest], 0)
    ]
    if gone:
        session.connection().execute(
            delete(_BAND).where(
                _BAND.c.consultation_id == consultation_id,
                _BAND.c.key == bindparam("gone_key"),
                _BAND.c.text_id == bindparam("gone_text"),
            ),
            gone,
        )
    if step.removed:
        session.execute(delete(_TEXT).where(_TEXT.c.id.in_(step.removed)))
    if step.changed:
        names = ("campaign_id", "comment_id", "comments", "is_centre")
        session.connection().execute(
            update(_TEXT)
            .where(_TEXT.c.id == bindparam("text_id"))
            .values({name: bindparam(f"to_{name}") for name in names}),
            [{"text_id": each["text_id"]} | {f"to_{name}": each[name] for name in names} for each in step.changed],
        )
    bands = [
        (consultation_id, text_id, key)
        for text_id, digest, campaign_id in step.centres
        for key in shelved(step.keys[digest], campaign_id)
    ]
    if step.added:
        # without asking for the new keys: SQLite would be given one row at a time
        session.connection().execute(insert(_TEXT), step.added)
        rows = session.execute(
            select(_TEXT.c.id, _TEXT.c.digest, _TEXT.c.campaign_id).where(
                _TEXT.c.consultation_id == consultation_id, _TEXT.c.digest.in_([each["digest"] for each in step.added])
            )
        )
        ids = {(row.digest, row.campaign_id): row.id for row in rows}
        bands += [
            (consultation_id, ids[each["digest"], each["campaign_id"]], key)
            for each in step.added
            if each["is_centre"]
            for key in shelved(step.keys[each["digest"]], each["campaign_id"])
        ]
    keep_bands(session, bands)


def _write_comments(session: Session, changed: list[dict[str, Any]]) -> None:
    if not changed:
        return
    if session.get_bind().dialect.name == "sqlite":
        session.connection().execute(
            update(_COMMENT)
            .where(_COMMENT.c.id == bindparam("comment_id"))
            .values(campaign_id=bindparam("to_campaign"), text_id=bindparam("to_text")),
            changed,
        )
        return
    # in one statement: PostgreSQL counts the states of comments after each
    to = values(
        column("comment_id", Integer), column("to_campaign", Integer), column("to_text", Integer), name="went"
    ).data([(each["comment_id"], each["to_campaign"], each["to_text"]) for each in changed])
    session.execute(
        update(_COMMENT)
        .where(_COMMENT.c.id == to.c.comment_id)
        .values(campaign_id=as_type(to.c.to_campaign, Integer), text_id=as_type(to.c.to_text, Integer))
    )


def _end(session: Session, grouping: CampaignGrouping, at: datetime) -> None:
    """Removes the campaigns that did not go on, and counts once more where somebody withdrew meanwhile."""
    began_at = grouping.began_at or at
    withdrawn = session.execute(
        select(Comment.campaign_id, Comment.text_id)
        .distinct()
        .join(Amendment, Amendment.comment_id == Comment.id)
        .where(Comment.consultation_id == grouping.consultation_id, Amendment.amended_at > began_at - _SLACK)
    ).all()
    for text_id in {text_id for _, text_id in withdrawn if text_id is not None}:
        counting.recount_text(session, text_id)
    for campaign_id in {campaign_id for campaign_id, _ in withdrawn if campaign_id is not None}:
        counting.recount(session, session.get_one(Campaign, campaign_id))
    session.execute(
        delete(Campaign).where(
            Campaign.consultation_id == grouping.consultation_id, Campaign.grouped_at != grouping.began_at
        )
    )
    grouping.upto = grouping.whole_upto = grouping.place["upto"]
    grouping.whole_at, grouping.began_at, grouping.place, grouping.found = at, None, {}, None
