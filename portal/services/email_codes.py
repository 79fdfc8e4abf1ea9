"""Showing that an e-mail address is one's own: six digits sent to it, typed in again within ten minutes."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.errors import NotValid, TooMany
from portal.models import Consultation, EmailCode
from portal.rules import codes, identifiers, plaintext
from portal.sealing import Seal
from portal.services import outbox

GOOD_FOR = timedelta(minutes=10)
MOST_TRIES = 5
#: a confirmed address may be sent with for this long; a refused form need not ask for another code
CONFIRMED_FOR = timedelta(minutes=60)
#: between two codes to one address, and how many an hour to one address and from one basket
PAUSE = timedelta(seconds=60)
MOST_AN_HOUR = 5


def send(session: Session, seal: Seal, consultation: Consultation, email: str, basket_trace: str, at: datetime) -> str:
    """Owes a code to an address; the address it was sent to. Raises NotValid for a bad one, TooMany when asked too often."""
    address = plaintext.one_line(email, 200, "电子邮箱", "email")
    if not address:
        raise NotValid("请填写电子邮箱，用来接收验证码。", fault="email")
    if not identifiers.check("email", address).is_valid:
        raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    mark = _address_trace(seal, address)
    # the consultation's row is the turnstile: two presses at once count one after the other
    session.execute(select(Consultation.id).where(Consultation.id == consultation.id).with_for_update(key_share=True))
    hour = (EmailCode.consultation_id == consultation.id, EmailCode.sent_at > at - timedelta(hours=1))
    count, last = session.execute(
        select(func.count(), func.max(EmailCode.sent_at)).where(*hour, EmailCode.address_trace == mark)
    ).one()
    from_basket = session.scalar(select(func.count()).where(*hour, EmailCode.basket_trace == basket_trace)) or 0
    if last is not None and at < last + PAUSE:
        raise TooMany("验证码刚刚发出，请先查收；没有收到的，一分钟后可以再发一次。")
    if max(count, from_basket) >= MOST_AN_HOUR:
        raise TooMany("一小时内最多发%(most)s次验证码，请稍后再试。您写的内容都已保存。", most=MOST_AN_HOUR)
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        EmailCode(
            consultation_id=consultation.id,
            address_trace=mark,
            code_trace=_code_trace(seal, mark, code),
            basket_trace=basket_trace,
            sent_at=at,
        )
    )
    outbox.owe(
        session,
        seal,
        kind="email_code",
        recipient=address,
        subject="提交意见的验证码",
        body=f"您正在对《{consultation.title}（征求意见稿）》提出意见。\n\n验证码：{code}\n\n"
        "10分钟内有效，在任何一台设备上填写都可以。不是您本人操作的，不用理会这封邮件。",
        at=at,
    )
    session.flush()
    return address


def confirm(
    session: Session, seal: Seal, consultation_id: int, email: str, basket_trace: str, code: str, at: datetime
) -> NotValid | None:
    """Tries a code on the newest one sent to this address: None when it fits, otherwise what is wrong.

    An address that is confirmed for this basket needs no code again, whatever still stands in the box.
    Returned and not raised: a wrong try has to be counted, so the caller commits either way.
    """
    address = plaintext.received(email)
    if not address:
        return NotValid("请填写电子邮箱，用来接收验证码。", fault="email")
    if confirmed(session, seal, consultation_id, address, basket_trace, at) is not None:
        return None
    mark = _address_trace(seal, address)
    newest = session.scalar(
        select(EmailCode)
        .where(
            EmailCode.consultation_id == consultation_id,
            EmailCode.address_trace == mark,
            EmailCode.basket_trace == basket_trace,
        )
        .order_by(EmailCode.id.desc())
        .limit(1)
        .with_for_update(key_share=True)
    )
    if newest is None:
        return NotValid("还没有向这个邮箱发送过验证码，请先按“发送验证码”。", fault="email_code")
    if newest.sent_at <= at - GOOD_FOR:
        return NotValid("验证码已过期，请重新发送。", fault="email_code")
    if newest.tries >= MOST_TRIES:
        return NotValid("验证码填错了5次，已经作废，请重新发送。", fault="email_code")
    given = _code_trace(seal, mark, codes.plain(code))
    if not hmac.compare_digest(given, newest.code_trace):
        newest.tries += 1
        session.flush()
        return NotValid("验证码不对，请看最新的一封邮件。", fault="email_code")
    newest.confirmed_at = at
    session.flush()
    return None


def confirmed(
    session: Session, seal: Seal, consultation_id: int, email: str, basket_trace: str, at: datetime
) -> datetime | None:
    """When this address was shown to be theirs, for this basket; None when it was not, or longer ago than it holds."""
    return session.scalar(
        select(func.max(EmailCode.confirmed_at)).where(
            EmailCode.consultation_id == consultation_id,
            EmailCode.address_trace == _address_trace(seal, email),
            EmailCode.basket_trace == basket_trace,
            EmailCode.confirmed_at > at - CONFIRMED_FOR,
        )
    )


def confirmed_at(
    session: Session, seal: Seal, consultation_id: int, email: str, basket_trace: str, at: datetime
) -> datetime:
    """As `confirmed`. Raises NotValid when it was not."""
    found = confirmed(session, seal, consultation_id, email, basket_trace, at)
    if found is None:
        raise NotValid("请先验证电子邮箱：按“发送验证码”，再填写邮件里的6位数字。", fault="email_code")
    return found


def _address_trace(seal: Seal, address: str) -> str:
    return seal.trace(plaintext.received(address).lower(), "email-address")


def _code_trace(seal: Seal, address_trace: str, code: str) -> str:
    return seal.trace(f"{address_trace}:{code}", "email-code")
