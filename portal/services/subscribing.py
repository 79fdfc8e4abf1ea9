"""Being told by mail: asked for, confirmed by the owner of the address, told once for each event, left with one press.

Whether an address is known is said to nobody: asking is answered the same whatever the table has, and only the mail
that goes out differs. Leaving takes the row and every letter of it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.errors import NotThere, NotValid
from portal.models import Bureau, Consultation, Happening, Job, OutgoingEmail, Subscription
from portal.rules import identifiers, plaintext, subjects, window
from portal.rules.words import HappeningKind
from portal.sealing import Seal
from portal.services import jobs, outbox

ADDRESS = "subscription.address"
JOB = "subscription.tell"
#: how long a link that confirms is good for; what nobody confirmed is removed then
GOOD_FOR = timedelta(days=2)
#: between two letters that ask for confirmation, and how many topics of one address may wait for it
PAUSE = timedelta(minutes=10)
MOST_WAITING = 5
#: who waited for the results of one consultation is forgotten so long after them
KEPT_AFTER_RESULTS = timedelta(days=180)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Topic:
    """What somebody wants to be told: new drafts (all, of a bureau, on a subject), or one consultation's results."""

    consultation: Consultation | None = None
    bureau: Bureau | None = None
    #: one of the subjects of the first level
    subject: str = ""

    @property
    def key(self) -> str:
        """How it is kept."""
        if self.consultation is not None:
            return f"results/{self.consultation.id}"
        if self.bureau is not None:
            return f"drafts/bureau/{self.bureau.id}"
        return f"drafts/subject/{subjects.SUBJECTS.index(self.subject)}" if self.subject else "drafts"

    @property
    def words(self) -> str:
        """What it is, as a letter says it."""
        if self.consultation is not None:
            return f"《{self.consultation.title}（征求意见稿）》的意见采纳情况"
        if self.bureau is not None:
            return f"{self.bureau.name}新发布的征求意见稿"
        return f"“{self.subject}”类新发布的征求意见稿" if self.subject else "新发布的征求意见稿"


def topic_of(subscription: Subscription) -> Topic:
    """The topic of a kept subscription."""
    number = subscription.topic.removeprefix("drafts/subject/")
    subject = subjects.SUBJECTS[int(number)] if number != subscription.topic else ""
    return Topic(subscription.consultation, subscription.bureau, subject)


def ask(session: Session, seal: Seal, email: str, topic: Topic, at: datetime, public_url: str) -> None:
    """Owes a letter that asks the owner of the address to confirm. Raises NotValid for what is no address.

    Nothing is owed again within ten minutes, nor while five topics of the address wait; nobody is told so.
    """
    address = plaintext.one_line(email, 200, "电子邮箱", "email")
    if not address or not identifiers.check("email", address).is_valid:
        raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    mark = _mark(seal, address)
    same = (Subscription.address_trace == mark, Subscription.topic == topic.key)
    found = session.scalar(select(Subscription).where(*same).with_for_update(key_share=True))
    if found is None:
        waiting = select(func.count()).where(Subscription.address_trace == mark, Subscription.confirmed_at.is_(None))
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            return
        found = Subscription(
            address_sealed=seal.close(address, ADDRESS), address_trace=mark, topic=topic.key,
            consultation_id=topic.consultation.id if topic.consultation else None,
            bureau_id=topic.bureau.id if topic.bureau else None, nonce=secrets.token_hex(16), asked_at=at,
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(found)
        except IntegrityError:
            return  # asked for twice at once: the other one owes the letter
    elif at < found.asked_at + PAUSE:
        return
    found.asked_at = at
    if found.confirmed_at is None:
        _owe_confirmation(session, seal, found, topic, at, public_url)
    else:
        lines = [f"您已经订阅了{topic.words}，不用再办。", "有消息时，本网站会发邮件给您。"]
        _owe(session, seal, found, "您已经订阅", lines, at, public_url)


def _owe_confirmation(
    session: Session, seal: Seal, found: Subscription, topic: Topic, at: datetime, public_url: str
) -> None:
    lines = [
        f"有人（应当是您）用这个地址订阅{topic.words}。请打开下面的地址确认，两天内有效：",
        "",
        f"{public_url}/subscriptions/{found.id}/confirm/{token(seal, found, 'confirm')}",
        "",
        "不是您本人操作的，不用理会这封邮件：不确认就不会再收到，两天后这个地址即从本网站删除。",
    ]
    _owe(session, seal, found, "请确认订阅", lines, at, public_url)


def _mark(seal: Seal, address: str) -> str:
    return seal.trace(address.strip().lower(), "subscription-address")


def token(seal: Seal, subscription: Subscription, purpose: str) -> str:
    """What a link in a letter carries: it follows from the row, and nobody without the key can make one."""
    return seal.trace(f"{subscription.id}/{subscription.nonce}/{purpose}", "subscription-link")[:40]


def opened(session: Session, seal: Seal, subscription_id: int, given: str, purpose: str, at: datetime) -> Subscription:
    """The subscription a link belongs to. Raises NotThere for one that is gone, too old or was never given."""
    found = session.scalar(
        select(Subscription).where(Subscription.id == subscription_id).with_for_update(key_share=True)
    )
    fits = hmac.compare_digest(
        token(seal, found, purpose) if found else "0" * 40, given.encode("ascii", "replace").decode()
    )
    is_over = found is not None and found.confirmed_at is None and at >= found.asked_at + GOOD_FOR
    if found is None or not fits or is_over:
        raise NotThere("这个地址已经用过或者过期。如仍需要，请重新订阅。")
    return found


def confirm(session: Session, subscription: Subscription, at: datetime) -> None:
    """The owner of the address has confirmed; doing so again changes nothing."""
    if subscription.confirmed_at is None:
        subscription.confirmed_at = at
        session.flush()


def leave(session: Session, subscription: Subscription) -> None:
    """Removes a subscription and every letter of it, sent or not: nothing of the address stays."""
    session.flush()
    _remove(session, [subscription.id])


def _remove(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(OutgoingEmail).where(OutgoingEmail.subscription_id.in_(ids)))
    session.execute(delete(Subscription).where(Subscription.id.in_(ids)))


def remove_old(session: Session, at: datetime) -> int:
    """Removes what nobody confirmed, and who waited for results that have been out for long; how many."""
    over = select(Consultation.id).where(
        func.coalesce(Consultation.results_published_at, Consultation.withdrawn_at) <= at - KEPT_AFTER_RESULTS
    )
    ids = session.scalars(
        select(Subscription.id).where(
            (Subscription.confirmed_at.is_(None) & (Subscription.asked_at <= at - GOOD_FOR))
            | Subscription.consultation_id.in_(over)
        )
    ).all()
    _remove(session, ids)
    return len(ids)


# ── telling ───────────────────────────────────────────────────────────────────────────────────────────


def _topics(happening: Happening, consultation: Consultation) -> list[str]:
    """The topics an event belongs to."""
    if happening.kind is HappeningKind.PUBLISHED:
        subject = subjects.first_level(consultation.subject)
        found = [Topic(), Topic(bureau=consultation.bureau)] + ([Topic(subject=subject)] if subject else [])
        return [topic.key for topic in found]
    if happening.kind in (HappeningKind.RESULTS, HappeningKind.WITHDRAWN):
        return [Topic(consultation).key]
    return []


def ask_to_tell(session: Session, happening: Happening, consultation: Consultation, at: datetime) -> None:
    """Asks for the letters of an event, where anybody waits for them; they are owed in the background."""
    topics = _topics(happening, consultation)
    if topics and session.scalar(select(Subscription.id).where(Subscription.topic.in_(topics)).limit(1)):
        jobs.ask(session, JOB, at=at, key=f"{JOB}/{happening.id}", arguments={"happening": happening.id})


def _tell(session: Session, job: Job, setting: jobs.Setting, _gathered: Any) -> bool:
    """Owes the letters of one event, some hundreds a step; how far it is is committed with them."""
    happening = session.get_one(Happening, job.arguments["happening"])
    consultation = happening.consultation
    found = session.scalars(
        select(Subscription)
        .where(
            Subscription.topic.in_(_topics(happening, consultation)),
            Subscription.confirmed_at <= happening.happened_at,
            Subscription.id > job.place.get("after", 0),
        )
        .order_by(Subscription.id)
        .limit(_BATCH)
    ).all()
    told = _letter(happening, consultation, setting.public_url)
    for subscription in found:
        # of two topics of one address one letter is enough: the one asked for first
        if _is_told_already(session, subscription, happening, consultation):
            continue
        _owe(session, setting.seal, subscription, told[0], told[1], setting.at, setting.public_url)
        job.done += 1
    if found:
        job.place = {"after": found[-1].id}
    return len(found) < _BATCH


KIND = jobs.Kind(apply=_tell)


def _is_told_already(
    session: Session, subscription: Subscription, happening: Happening, consultation: Consultation
) -> bool:
    earlier = select(Subscription.id).where(
        Subscription.address_trace == subscription.address_trace,
        Subscription.topic.in_(_topics(happening, consultation)),
        Subscription.confirmed_at <= happening.happened_at,
        Subscription.id < subscription.id,
    )
    return session.scalar(earlier.limit(1)) is not None


def _letter(happening: Happening, consultation: Consultation, public_url: str) -> tuple[str, list[str]]:
    """Subject and lines of the letter about an event."""
    title = f"《{consultation.title}（征求意见稿）》"
    where = f"{public_url}/consultations/{consultation.slug}"
    match happening.kind:
        case HappeningKind.PUBLISHED:
            current = consultation.window
            period = f"征求意见时间：{window.words(current.opens_at, current.closes_at)}。" if current else ""
            return f"征求意见：{consultation.title}", [
                f"{consultation.publisher}发布了{title}，向社会公开征求意见。", period, "全文和提意见：", f"{where}/",
            ]  # fmt: skip
        case HappeningKind.RESULTS:
            return f"意见采纳情况：{consultation.title}", [
                f"{consultation.publisher}公布了{title}的意见采纳情况。", "逐条的答复：", f"{where}/results",
            ]  # fmt: skip
        case _:
            return f"已撤回：{consultation.title}", [
                f"{consultation.publisher}撤回了{title}，不再公布意见采纳情况。", "原因：", consultation.withdrawal_reason,
                f"{where}/",
            ]  # fmt: skip


def _owe(
    session: Session, seal: Seal, to: Subscription, subject: str, lines: list[str], at: datetime, public_url: str
) -> None:
    leave_at = f"{public_url}/subscriptions/{to.id}/leave/{token(seal, to, 'leave')}"
    footer = [
        "",
        "—",
        f"您收到这封邮件，是因为这个地址订阅了{topic_of(to).words}。不再需要的，打开下面的地址退订：",
        leave_at,
    ]
    letter = outbox.owe(
        session,
        seal,
        kind="subscription",
        recipient=seal.open(to.address_sealed, ADDRESS),
        subject=subject,
        body="\n".join([*lines, *footer]),
        at=at,
    )
    letter.subscription_id = to.id
    letter.leave_sealed = seal.close(leave_at, outbox.LEAVE)
