"""Comments put into their campaigns as they arrive, in the background, and from time to time all anew.

The worker sees by itself that there is something to do: a consultation has numbered more comments than were looked at.
How far that has come stands in the database with what was done, so that a worker that is killed goes on where it was.
Each step looks first, without holding up anybody, and then writes a bounded part. Whoever sends waits for nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from portal.models import CampaignGrouping, CommentWindow, Consultation, Job
from portal.rules.words import JobState
from portal.services import arriving, jobs, regrouping

KIND = "campaigns"
#: after so many steps a job ends, so that mail and other work have their turn, and is asked for again
ROUND = 25
#: how long to wait before trying again what has failed for good
REST = timedelta(hours=1)


def due(session: Session, at: datetime) -> list[int]:
    """The consultations where comments wait to be grouped. One look at small tables, fit for once a second."""
    grouping = CampaignGrouping
    is_open = exists().where(CommentWindow.consultation_id == Consultation.id, CommentWindow.closes_at > at)
    return list(
        session.scalars(
            select(Consultation.id)
            .outerjoin(grouping, grouping.consultation_id == Consultation.id)
            .where(
                Consultation.comments_numbered > 0,
                or_(
                    grouping.id.is_(None),
                    Consultation.comments_numbered > grouping.upto,
                    grouping.whole_at.is_(None),
                    grouping.began_at.is_not(None),
                    (grouping.whole_upto < grouping.upto) & ~is_open,
                ),
            )
            .order_by(Consultation.id)
        )
    )


def ask(session: Session, consultation: Consultation, at: datetime) -> Job | None:
    """Asks for the comments of a consultation to be grouped; None while something that failed rests."""
    rests = select(Job.id).where(
        Job.kind == KIND,
        Job.consultation_id == consultation.id,
        Job.state == JobState.FAILED,
        Job.finished_at > at - REST,
    )
    if session.scalar(rests.limit(1)):
        return None
    return jobs.ask(session, KIND, at=at, consultation=consultation, key=f"{KIND}:{consultation.id}")


def is_whole_due(grouping: CampaignGrouping | None, numbered: int, *, is_open: bool) -> bool:
    """Whether all is grouped anew: at first, when asked for, when half as much again has come, and after the end."""
    if grouping is None or grouping.whole_at is None:
        return True
    fresh = numbered - grouping.whole_upto
    return 2 * fresh > grouping.whole_upto + 100 or (fresh > 0 and not is_open)


def _gather(session: Session, job: Job, setting: jobs.Setting) -> Any:
    """What the next step is and all it needs to know."""
    consultation = session.get_one(Consultation, job.consultation_id)
    numbered = consultation.comments_numbered
    grouping = session.scalar(select(CampaignGrouping).where(CampaignGrouping.consultation_id == consultation.id))
    seen = (grouping.upto, dict(grouping.place)) if grouping else (0, {})
    if grouping is not None and grouping.began_at is not None:
        return seen, regrouping.gathered(session, grouping, numbered, setting.engine)
    window = consultation.window
    is_open = window is not None and window.closes_at > setting.at
    if is_whole_due(grouping, numbered, is_open=is_open):
        return seen, regrouping.Begin()
    return seen, arriving.gathered(session, consultation.id, seen[0])


def _apply(session: Session, job: Job, setting: jobs.Setting, gathered: Any) -> bool:
    """Writes one part; says whether this was the last of the round."""
    consultation_id = job.consultation_id
    if consultation_id is None or gathered is None:
        return True
    grouping = arriving.lock(session, consultation_id)
    if grouping is None:
        # the consultation's row keeps two workers from making two of these
        session.execute(
            select(Consultation.id).where(Consultation.id == consultation_id).with_for_update(key_share=True)
        )
        grouping = CampaignGrouping(consultation_id=consultation_id, place={})
        session.add(grouping)
        session.flush()
    seen, step = gathered
    job.place = {"steps": job.place.get("steps", 0) + 1}
    if seen != (grouping.upto, dict(grouping.place)):
        return False  # something else was done meanwhile: look again
    if isinstance(step, arriving.Arrivals):
        arriving.put(session, grouping, step, setting.at)
        is_last = step.is_last
    else:
        is_last = regrouping.written(session, grouping, step, setting.at)
    job.done, job.total = grouping.upto, session.get_one(Consultation, consultation_id).comments_numbered
    is_last = is_last or job.place["steps"] >= ROUND
    if is_last:
        # one job a second would fill the list: those before this one said what this one says
        session.execute(
            delete(Job).where(
                Job.kind == KIND, Job.consultation_id == consultation_id, Job.state == JobState.DONE, Job.id != job.id
            )
        )
    return is_last


JOB = jobs.Kind(_apply, _gather)
