"""The counts of campaigns and of their texts, and comments carried from one campaign to another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, delete, distinct, func, select, update
from sqlalchemy.orm import Session

from portal.analysis.sketches import band_keys, sketch
from portal.models import Campaign, Comment, DistinctText, TextBand
from portal.rules.words import CommentState
from portal.services.arriving import add_bands, shelved, words_of

_BAND = cast(Table, TextBand.__table__)
_TEXT = cast(Table, DistinctText.__table__)


def recount_text(session: Session, text_id: int) -> None:
    """Counts the comments anew that say a text."""
    stands = select(func.count()).where(Comment.text_id == text_id, Comment.state != CommentState.WITHDRAWN)
    session.execute(update(_TEXT).where(_TEXT.c.id == text_id).values(comments=stands.scalar_subquery()))


def recount(session: Session, campaign: Campaign) -> None:
    """Counts a campaign anew from its comments."""
    session.flush()
    campaign.submissions, campaign.comments, campaign.texts = session.execute(
        select(
            func.count(distinct(Comment.submission_id)), func.count(), func.count(distinct(Comment.text_id))
        ).where(Comment.campaign_id == campaign.id, Comment.state != CommentState.WITHDRAWN)
    ).one()  # fmt: skip
    first, last = session.execute(
        select(func.min(Comment.received_at), func.max(Comment.received_at)).where(Comment.campaign_id == campaign.id)
    ).one()
    if first is not None:
        campaign.first_received_at, campaign.last_received_at = first, last


def carry(
    session: Session, campaign: Campaign, comment_ids: Sequence[int], to: Campaign | None, at: datetime
) -> Campaign | None:
    """Carries comments of a campaign into another; with `to` None into a new one, or, a lone one, out of any.

    The caller counts both campaigns afterwards.
    """
    if to is None and len(comment_ids) > 1:
        first = session.get_one(Comment, min(comment_ids))
        to = Campaign(
            consultation_id=campaign.consultation_id, representative_id=first.id, is_short=campaign.is_short,
            submissions=0, comments=0, texts=0, first_received_at=first.received_at,
            last_received_at=first.received_at, grouped_at=at,
        )  # fmt: skip
        session.add(to)
        session.flush()
    to_id = to.id if to else None
    text_ids = set(session.scalars(select(Comment.text_id).where(Comment.id.in_(comment_ids))))
    texts = session.scalars(select(DistinctText).where(DistinctText.id.in_(text_ids))).all()
    for text in texts:
        here = (Comment.text_id == text.id, Comment.id.in_(comment_ids))
        is_whole = not session.scalar(
            select(Comment.id).where(Comment.text_id == text.id, Comment.id.not_in(comment_ids)).limit(1)
        )
        there = None
        if to_id is not None:
            there = session.scalar(
                select(DistinctText).where(
                    DistinctText.consultation_id == text.consultation_id,
                    DistinctText.digest == text.digest,
                    DistinctText.campaign_id == to_id,
                )
            )
        if there is None and is_whole:
            text.campaign_id = to_id
            if to_id is None:
                make_centre(session, text)
            there = text
        elif there is None:
            there = DistinctText(
                consultation_id=text.consultation_id,
                digest=text.digest,
                campaign_id=to_id,
                comment_id=session.scalar(select(func.min(Comment.id)).where(*here)),
                comments=0,
            )
            session.add(there)
        session.flush()
        session.execute(
            update(Comment)
            .where(*here)
            .values(campaign_id=to_id, text_id=there.id)
            .execution_options(synchronize_session=False)
        )
        if there is not text:
            _thin(session, text, there, is_gone=is_whole)
    session.flush()
    session.expire_all()
    return to


def _thin(session: Session, text: DistinctText, there: DistinctText, *, is_gone: bool) -> None:
    """Counts both sides after comments went from one text to the same text elsewhere."""
    there.comment_id = min(there.comment_id, session.scalar(_first(there)) or there.comment_id)
    session.flush()
    recount_text(session, there.id)
    if is_gone:
        if text.is_centre:
            make_centre(session, there)
            _remove_bands(session, text)
        session.flush()
        session.execute(delete(_TEXT).where(_TEXT.c.id == text.id))
        session.expunge(text)
        return
    text.comment_id = session.scalar(_first(text)) or text.comment_id
    session.flush()
    recount_text(session, text.id)


def _first(text: DistinctText) -> Select[Any]:
    return select(func.min(Comment.id)).where(Comment.text_id == text.id)


def make_centre(session: Session, text: DistinctText) -> None:
    """Lets texts that arrive be compared with this one; a short one is like another only if equal."""
    keys = band_keys(sketch(words_of(text.comment)))
    if text.is_centre or not keys:
        return
    text.is_centre = True
    session.flush()
    add_bands(session, [(text, keys)])


def _remove_bands(session: Session, text: DistinctText) -> None:
    session.connection().execute(
        delete(_BAND).where(
            _BAND.c.consultation_id == text.consultation_id,
            _BAND.c.key == bindparam("gone_key"),
            _BAND.c.text_id == text.id,
        ),
        [{"gone_key": key} for key in shelved(band_keys(sketch(words_of(text.comment))), text.campaign_id or 0)],
    )
