"""For how long what is written about people is kept: the periods an administrator sets, and what the law leaves free.

(China rules E.3: the shortest time that the purpose needs, 个人信息保护法 第十九条; logs for a year at least,
互联网政务应用安全管理规定 第二十条; six months are the floor of 网络安全法 第二十三条.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Period:
    """One period in days: its key, what the page calls it, what it is without being set, and its bounds."""

    key: str
    name: str
    usual: int
    least: int
    most: int
    hint: str


CONTACT = Period(
    "retention_contact_days", "联系方式和来件原文", 180, 30, 730,
    "从公布采纳情况那天起算。《个人信息保护法》第十九条：为实现处理目的所必要的最短时间。写在公开的个人信息处理规则里。",
)  # fmt: skip
BASKET = Period(
    "retention_basket_days", "没有提交的意见", 60, 30, 365,
    "从最后一次改动那天起算。从没有提交过，不属于收到的意见。",
)  # fmt: skip
LOG = Period(
    "retention_log_days", "访问日志", 400, 365, 1825,
    "从写下那天起算。《互联网政务应用安全管理规定》第二十条：不少于一年。",
)  # fmt: skip
PERIODS = (CONTACT, BASKET, LOG)
#: set by the service when the period for contact data becomes longer: what was promised before holds for what came before
LONGER_AT, DAYS_BEFORE = "retention_contact_longer_at", "retention_contact_days_before"


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods in force, in days."""

    contact: int = CONTACT.usual
    basket: int = BASKET.usual
    log: int = LOG.usual
    #: consultations published until then go by the days that were promised then, when those are fewer
    longer_at: datetime | None = None
    contact_before: int = CONTACT.usual

    def days(self, period: Period) -> int:
        return {CONTACT.key: self.contact, BASKET.key: self.basket, LOG.key: self.log}[period.key]


def periods(values: Mapping[str, str], log_days: int = LOG.usual) -> Periods:
    """The periods of these settings; `log_days` is what the environment says of the log."""

    def days(period: Period, usual: int) -> int:
        given = values.get(period.key, "")
        return int(given) if given.isdecimal() else usual

    longer_at = values.get(LONGER_AT, "")
    before = values.get(DAYS_BEFORE, "")
    return Periods(
        contact=days(CONTACT, CONTACT.usual),
        basket=days(BASKET, BASKET.usual),
        log=days(LOG, log_days),
        longer_at=datetime.fromisoformat(longer_at) if longer_at else None,
        contact_before=int(before) if before.isdecimal() else CONTACT.usual,
    )
