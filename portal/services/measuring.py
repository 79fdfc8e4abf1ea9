"""How the portal is doing, in a few cheap looks: what waits, how long, and what failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import CommentWindow, Consultation, Job, OutgoingEmail, Webhook, WebhookDelivery
from portal.rules.words import CommentState, DeliveryState, JobState, Standing
from portal.services import dead_letters, listing, tallies
from portal.services.outbox import GIVEN_UP_AFTER


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts at one instant; ages in seconds, 0 when nothing waits."""

    submissions: int
    comments: dict[CommentState, int]
    letters_waiting: int
    letters_given_up: int
    oldest_letter: float
    jobs: dict[JobState, int]
    oldest_job: float
    #: addresses in use that are told of events, and what became of what is owed to them
    webhooks: int
    deliveries: dict[DeliveryState, int]
    #: of those that wait: tried already, and not taken
    deliveries_failing: int
    oldest_delivery: float
    consultations: dict[Standing, int]


def measure(session: Session, at: datetime) -> Measures:
    """Everything, in a handful of queries however much was said."""
    submissions = session.scalar(select(func.coalesce(func.sum(Consultation.submissions_numbered), 0))) or 0
    counts = session.execute(select(*(func.coalesce(func.sum(column), 0) for column in tallies.COLUMNS))).one()
    waiting, oldest_letter = session.execute(
        select(func.count(), func.min(OutgoingEmail.created_at)).where(
            OutgoingEmail.sent_at.is_(None),
            OutgoingEmail.given_up_at.is_(None),
            OutgoingEmail.attempts < GIVEN_UP_AFTER,
        )
    ).one()
    given_up = dead_letters.waiting(session)
    jobs = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
    oldest_job = session.scalar(
        select(func.min(Job.asked_at)).where(Job.state.in_((JobState.WAITING, JobState.RUNNING)), Job.due_at <= at)
    )
    webhooks = session.scalar(select(func.count()).select_from(Webhook).where(Webhook.stopped_at.is_(None))) or 0
    of_those_in_use = WebhookDelivery.webhook_id.in_(select(Webhook.id).where(Webhook.stopped_at.is_(None)))
    deliveries = dict(
        session.execute(
            select(WebhookDelivery.state, func.count()).where(of_those_in_use).group_by(WebhookDelivery.state)
        ).all()
    )
    failing, oldest_delivery = session.execute(
        select(func.count().filter(WebhookDelivery.attempts > 0), func.min(WebhookDelivery.created_at)).where(
            of_those_in_use, WebhookDelivery.state == DeliveryState.WAITING
        )
    ).one()
    standings = Counter(
        listing.standing(opens_at, closes_at, at, answered_at=answered_at, withdrawn_at=withdrawn_at)
        for opens_at, closes_at, answered_at, withdrawn_at in session.execute(
            select(
                CommentWindow.opens_at,
                CommentWindow.closes_at,
                Consultation.results_published_at,
                Consultation.withdrawn_at,
            )
            .join(CommentWindow.consultation)
            .where(CommentWindow.superseded_at.is_(None), Consultation.first_published_at <= at)
        )
    )
    return Measures(
        submissions=int(submissions),
        comments=dict(zip(CommentState, map(int, counts), strict=True)),
        letters_waiting=waiting,
        letters_given_up=given_up,
        oldest_letter=_age(oldest_letter, at),
        jobs={state: jobs.get(state, 0) for state in JobState},
        oldest_job=_age(oldest_job, at),
        webhooks=webhooks,
        deliveries={state: deliveries.get(state, 0) for state in DeliveryState},
        deliveries_failing=failing,
        oldest_delivery=_age(oldest_delivery, at),
        consultations={standing: standings[standing] for standing in Standing},
    )


def _age(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since is not None else 0.0
