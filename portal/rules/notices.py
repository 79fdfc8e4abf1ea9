"""Whether the words of a notice agree with the facts beside them: what was published can never be changed.

Only what the template of form C-0 writes is looked at, so that a notice in an officer's own words is never refused for
a date or a number that means something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.rules import window

_PERIOD = re.compile(
    r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:\d{1,2}时(?:\d{1,2}分)?)?至"
    r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日((?:\d{1,2}时(?:\d{1,2}分)?)?)"
)
_EMAIL = re.compile(r"电子邮[件箱][：:]([^\s，；。,;]+@[^\s，；。,;]+)")


class Contradiction(StrEnum):
    """What a notice says otherwise than the facts."""

    PERIOD = "period"
    TITLE = "title"
    EMAIL = "email"
    POSTAL_ADDRESS = "postal_address"
    FAX = "fax"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is typed beside the notice. `email` may hold several addresses, parted by “；”."""

    title: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    email: str = ""
    postal_address: str = ""
    fax: str = ""
    phone: str = ""


def contradictions(text: str, facts: Facts) -> Iterator[Contradiction]:
    """Everything in the plain words of a notice that is not as the facts are."""
    if _has_other_period(text, facts):
        yield Contradiction.PERIOD
    if "（征求意见稿）》" in text and f"《{facts.title}（征求意见稿）》" not in text:
        yield Contradiction.TITLE
    if any(address not in facts.email for address in _EMAIL.findall(text)):
        yield Contradiction.EMAIL
    for label, fact, found in (
        ("信函：", facts.postal_address, Contradiction.POSTAL_ADDRESS),
        ("传真：", facts.fax, Contradiction.FAX),
        ("电话（咨询和口头意见登记）：", facts.phone, Contradiction.PHONE),
    ):
        if label in text and (not fact or fact not in text):
            yield found


def _has_other_period(text: str, facts: Facts) -> bool:
    if facts.opens_at is None or facts.closes_at is None:
        return False
    told = list(_PERIOD.finditer(text))
    opens_on, closes_on = window.day_in_beijing(facts.opens_at), window.last_day(facts.closes_at)
    closing = window.closing_words(facts.closes_at)
    return bool(told) and not any(_is(each, opens_on, closes_on, closing) for each in told)


def _is(told: re.Match[str], opens_on: date, closes_on: date, closing: str) -> bool:
    year, month, day, end_year, end_month, end_day, hour = told.groups()
    begins = (int(year), int(month), int(day))
    ends = (int(end_year or year), int(end_month or month), int(end_day))
    return (
        begins == (opens_on.year, opens_on.month, opens_on.day)
        and ends == (closes_on.year, closes_on.month, closes_on.day)
        and (not hour or closing.endswith(hour))
    )
