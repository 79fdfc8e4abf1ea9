"""How long the public must be heard: the minimum periods by document type, and what a proposed window comes to.

The minimums are data (`DEFAULT_DOCUMENT_TYPES` seeds a table that a bureau edits); the counting is here. Two ways of
counting are in real use. `civil` leaves the first day out (民法典 第二百零一条, applied by analogy); `inclusive` counts
both ends. Every assessment gives both.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from portal.rules.holidays import Calendar, CalendarMissing
from portal.rules.window import Day, day_in_beijing
from portal.rules.words import LabelledEnum

Mode = Literal["civil", "inclusive"]
T = TypeVar("T")

SHORTEST_REASON = 10  # characters; the law asks for an explanation, the number is ours [recommendation]

_ONE_DAY = timedelta(days=1)


class Unit(LabelledEnum):
    """In what a minimum is counted."""

    DAY = "day", "日"
    WORKDAY = "workday", "个工作日"


class Force(LabelledEnum):
    """How strictly a minimum binds."""

    USUAL = "usual", "一般不少于"  # may be shortened with a published reason
    AT_LEAST = "at_least", "不得少于"  # may not be shortened
    NONE = "none", "建议不少于"  # nothing prescribed; we only warn


@dataclass(frozen=True, slots=True)
class DocumentTypeRule:
    """What one type of document needs. `minimum` and `unit` are None together: no number of days is prescribed."""

    code: str
    name: str
    minimum: int | None
    unit: Unit | None
    force: Force
    needs_explanatory_note: bool
    basis: str


def _rule(
    code: str,
    name: str,
    minimum: int | None,
    unit: Unit | None,
    force: Force,
    basis: str,
    *,
    note: bool = False,
) -> DocumentTypeRule:
    return DocumentTypeRule(code, name, minimum, unit, force, note, basis)


# A 起草说明 is a duty where the law says 公布草案及其说明; elsewhere it is good practice and not asked for here.
DEFAULT_DOCUMENT_TYPES: tuple[DocumentTypeRule, ...] = (
    _rule("LAW", "法律草案", 30, Unit.DAY, Force.USUAL, "《立法法》第四十条"),
    _rule(
        "XZFG", "行政法规草案（起草）", 30, Unit.DAY, Force.USUAL,
        "《行政法规制定程序条例》第十三条；《立法法》第七十四条", note=True,
    ),
    _rule(
        "XZFG-2", "行政法规送审稿、修改稿（审查）", 30, Unit.DAY, Force.USUAL,
        "《行政法规制定程序条例》第二十条",
    ),
    _rule(
        "GZ", "规章草案（起草）", 30, Unit.DAY, Force.USUAL, "《规章制定程序条例》第十五条", note=True,
    ),
    _rule("GZ-2", "规章送审稿、修改稿（审查）", 30, Unit.DAY, Force.USUAL, "《规章制定程序条例》第二十一条"),
    _rule(
        "ZDJC", "重大行政决策草案", 30, Unit.DAY, Force.USUAL,
        "《重大行政决策程序暂行条例》第十五条", note=True,
    ),
    _rule(
        "ZDJC-D", "部门、乡镇重大行政决策草案", 30, Unit.DAY, Force.USUAL,
        "参照《重大行政决策程序暂行条例》第四十二条、第十五条", note=True,
    ),
    _rule(
        "GFXWJ-E", "与市场主体生产经营活动密切相关的行政规范性文件", 30, Unit.DAY, Force.USUAL,
        "《优化营商环境条例》第六十二条",
    ),
    _rule(
        "GFXWJ", "其他行政规范性文件", 7, Unit.WORKDAY, Force.USUAL,
        "《市县法治政府建设示范指标体系》（指标要求）",
    ),
    _rule("CXGH", "城乡规划草案", 30, Unit.DAY, Force.AT_LEAST, "《城乡规划法》第二十六条"),
    _rule(
        "FWZS", "房屋征收补偿方案", 30, Unit.DAY, Force.AT_LEAST,
        "《国有土地上房屋征收与补偿条例》第十条",
    ),
    _rule("WNGH", "五年规划纲要", None, None, Force.NONE, "《国家发展规划法》第十二条、第三十六条（未规定天数）"),
    _rule("GPJZ", "公平竞争审查听取意见", None, None, Force.NONE, "《公平竞争审查条例》第十六条（未规定天数）"),
    _rule("QT", "其他规划、工作方案、通知", 7, Unit.WORKDAY, Force.NONE, "本平台建议，可由各单位调整"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """The length of a span by each way of counting; the working days are None when a year has no calendar."""

    civil: int
    inclusive: int
    workdays_civil: int | None
    workdays_inclusive: int | None

    def days(self, unit: Unit, mode: Mode) -> int | None:
        """The one of the four that a unit and a way of counting name."""
        if unit is Unit.DAY:
            return self.civil if mode == "civil" else self.inclusive
        return self.workdays_civil if mode == "civil" else self.workdays_inclusive


def count(first: date, last: date, calendar: Calendar) -> Count:
    """Count a span of days. Raises ValueError when `last` is before `first`."""
    if last < first:
        raise ValueError("the last day is before the first")
    civil = (last - first).days
    return Count(
        civil,
        civil + 1,
        _or_none(lambda: calendar.workdays(first + _ONE_DAY, last) if civil else 0),
        _or_none(lambda: calendar.workdays(first, last)),
    )


def earliest_end(start: date, n: int, unit: Unit, mode: Mode, calendar: Calendar) -> date:
    """The earliest last day of a window of `n` units that begins on `start`.

    Raises ValueError unless n is positive, CalendarMissing when working days run into a year without data.
    """
    if n < 1:
        raise ValueError("a period has at least one day")
    if unit is Unit.DAY:
        return start + timedelta(days=n if mode == "civil" else n - 1)
    day = start
    left = n - (mode == "inclusive" and calendar.is_workday(day))
    while left:
        day = calendar.next_workday(day)
        left -= 1
    return day


class Weight(LabelledEnum):
    """What a message of an assessment means for the officer."""

    REFUSAL = "refusal", "不能发布"
    REASON = "reason", "须说明理由"
    WARNING = "warning", "提醒"


@dataclass(frozen=True, slots=True)
class Message:
    """One finding: a Chinese sentence with %(name)s places (translated, then filled, as a Refusal is)."""

    weight: Weight
    sentence: str
    places: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.sentence % dict(self.places) if self.places else self.sentence


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a proposed window comes to.

    `is_legal`: it may be published as it stands. `needs_reason`: it may be, once a reason of SHORTEST_REASON
    characters stands. `is_refused`: it may not be at all. `is_shortened`: it is under a usual minimum, so the reason
    is printed in the notice. `days` is in the rule's unit and mode (None when nothing is prescribed).
    """

    is_legal: bool
    needs_reason: bool
    is_refused: bool
    is_shortened: bool
    counted_from: date
    days: int | None
    minimum: int | None
    unit: Unit | None
    counts: Count | None
    earliest_end: date | None
    ends_on_rest_day: bool | None
    next_workday: date | None
    messages: tuple[Message, ...]


def assess(
    rule: DocumentTypeRule,
    *,
    opens_on: date,
    closes_on: date,
    calendar: Calendar,
    published: datetime | date | None = None,
    mode: Mode = "civil",
    reason: str = "",
) -> Assessment:
    """Whether a window from `opens_on` to `closes_on` is long enough for a type of document, and what to do if not.

    `published` is the instant of first publication (or its day in Beijing); the minimum runs from that day, or from
    `opens_on` when that is later, never from a typed date before anyone could read the draft. None means not yet
    published: it is taken to happen on `opens_on`.
    Raises CalendarMissing when the rule counts working days and a year has no calendar, ValueError for a naive instant.
    """
    first = _counted_from(opens_on, published)
    if closes_on < first:
        return _never_open(rule, first)
    counts = count(first, closes_on, calendar)
    days: int | None = None
    earliest: date | None = None
    messages: list[Message] = []
    if rule.minimum is not None and rule.unit is not None:
        if rule.unit is Unit.WORKDAY:
            calendar.workdays(first, closes_on)  # say which year is missing instead of guessing
        days = counts.days(rule.unit, mode)
        with suppress(CalendarMissing):  # the proposed window is inside the calendar, the legal one may end past it
            earliest = earliest_end(first, rule.minimum, rule.unit, mode, calendar)
    is_short = days is not None and rule.minimum is not None and days < rule.minimum
    is_refused = is_short and rule.force is Force.AT_LEAST
    is_shortened = is_short and rule.force is Force.USUAL
    needs_reason = is_shortened and len("".join(reason.split())) < SHORTEST_REASON
    if first > opens_on:
        messages.append(_message(Weight.WARNING, "期限自首次发布之日（%(day)s）起算", day=Day(first)))
    if is_short:
        messages.append(_too_short(rule, days, earliest, needs_reason=needs_reason))
    is_rest, next_workday, remark = _end(closes_on, calendar)
    if remark is not None:
        messages.append(remark)
    return Assessment(
        is_legal=not is_refused and not needs_reason,
        needs_reason=needs_reason,
        is_refused=is_refused,
        is_shortened=is_shortened,
        counted_from=first,
        days=days,
        minimum=rule.minimum,
        unit=rule.unit,
        counts=counts,
        earliest_end=earliest,
        ends_on_rest_day=is_rest,
        next_workday=next_workday,
        messages=tuple(messages),
    )


def _counted_from(opens_on: date, published: datetime | date | None) -> date:
    if published is None:
        return opens_on
    # A datetime is a date too, so ask for the narrower kind first.
    published_on = day_in_beijing(published) if isinstance(published, datetime) else published
    return max(opens_on, published_on)


def _never_open(rule: DocumentTypeRule, first: date) -> Assessment:
    message = _message(Weight.REFUSAL, "截止日期早于可以提出意见的第一日（%(day)s）", day=Day(first))
    return Assessment(
        False, False, True, False, first, None, rule.minimum, rule.unit, None, None, None, None, (message,)
    )


#: force of the minimum and whether a reason is still missing → weight, the sentence, and the same with the earliest end
_TOO_SHORT = {
    "refused": (
        Weight.REFUSAL,
        "期限为%(days)s%(unit)s，%(basis)s规定不得少于%(minimum)s%(unit)s，不能缩短",
        "期限为%(days)s%(unit)s，%(basis)s规定不得少于%(minimum)s%(unit)s，不能缩短。最早可于%(earliest)s截止",
    ),
    "reason": (
        Weight.REASON,
        "期限为%(days)s%(unit)s，%(basis)s要求一般不少于%(minimum)s%(unit)s，请写明缩短期限的理由",
        "期限为%(days)s%(unit)s，%(basis)s要求一般不少于%(minimum)s%(unit)s，请写明缩短期限的理由。最早可于%(earliest)s截止",
    ),
    "shortened": (
        Weight.WARNING,
        "期限为%(days)s%(unit)s，少于%(minimum)s%(unit)s（%(basis)s），理由将随公告公布",
        "期限为%(days)s%(unit)s，少于%(minimum)s%(unit)s（%(basis)s），理由将随公告公布。最早可于%(earliest)s截止",
    ),
    "advised": (
        Weight.WARNING,
        "期限为%(days)s%(unit)s，建议不少于%(minimum)s%(unit)s（%(basis)s）",
        "期限为%(days)s%(unit)s，建议不少于%(minimum)s%(unit)s（%(basis)s）。最早可于%(earliest)s截止",
    ),
}


def _too_short(rule: DocumentTypeRule, days: int | None, earliest: date | None, *, needs_reason: bool) -> Message:
    case = {
        Force.AT_LEAST: "refused",
        Force.USUAL: "reason" if needs_reason else "shortened",
        Force.NONE: "advised",
    }[rule.force]
    weight, sentence, with_earliest = _TOO_SHORT[case]
    places: dict[str, object] = {
        "days": days,
        "unit": rule.unit.label if rule.unit else "",
        "minimum": rule.minimum,
        "basis": rule.basis,
    }
    if earliest is not None:
        sentence = with_earliest
        places["earliest"] = Day(earliest)
    return _message(weight, sentence, **places)


def _end(closes_on: date, calendar: Calendar) -> tuple[bool | None, date | None, Message | None]:
    """Whether the last day is a rest day, the working day after it, and what to say; None: nobody can tell yet."""
    day = Day(closes_on)
    try:
        if calendar.is_workday(closes_on):
            return False, None, None
    except CalendarMissing as missing:
        sentence = "尚无%(year)s年的节假日安排，无法判断截止日%(day)s是否为休息日"
        return None, None, _message(Weight.WARNING, sentence, year=missing.year, day=day)
    # 民法典 第二百零三条 moves the end of statutory periods; a date a notice names is not moved by itself, so we
    # only offer the next working day.
    following = _or_none(lambda: calendar.next_workday(closes_on))
    if following is None:
        return True, None, _message(Weight.WARNING, "截止日%(day)s为休息日，建议顺延至下一工作日", day=day)
    sentence = "截止日%(day)s为休息日，建议顺延至下一工作日%(following)s"
    return True, following, _message(Weight.WARNING, sentence, day=day, following=Day(following))


def _message(weight: Weight, sentence: str, **places: object) -> Message:
    return Message(weight, sentence, tuple(places.items()))


def _or_none(ask: Callable[[], T]) -> T | None:
    """The answer, or None where it would need a calendar we do not have."""
    try:
        return ask()
    except CalendarMissing:
        return None
