"""Whether a comment window is open, and the exact words a page says about it.

A window is the half-open span [first day 00:00, last day + 1 day 00:00) in Beijing, kept as two instants in UTC.
The last moment is 24:00 of the last day (民法典 第二百零三条), or an hour the notice names ("17时").
The zone of the server never matters: every function takes aware instants and refuses naive ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from portal.rules.words import LabelledEnum

# A fixed offset, not a tz database: China keeps UTC+8 all year, and a server without tzdata must count the same.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

_MIDNIGHT = time(0, 0)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that a sentence names; Chinese as text, and the web floor can say it in another language."""

    on: date

    def __str__(self) -> str:
        return date_words(self.on)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant that a sentence names, to the minute."""

    at: datetime

    def __str__(self) -> str:
        return instant_words(self.at)


@dataclass(frozen=True, slots=True)
class Second:
    """An instant that a sentence names to the second, where a second decides."""

    at: datetime

    def __str__(self) -> str:
        clock = in_beijing(self.at)
        return f"{date_words(clock.date())}{clock.hour}时{clock.minute:02d}分{clock.second:02d}秒"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a window that a sentence names: midnight is 24时 of the day before."""

    at: datetime

    def __str__(self) -> str:
        return closing_words(self.at)


class WindowState(LabelledEnum):
    """Where an instant stands to a window (征集状态)."""

    UPCOMING = "upcoming", "未开始"
    OPEN = "open", "进行中"
    CLOSED = "closed", "已截止"
    #: decided by an officer, not by the clock: state() never returns it
    WITHDRAWN = "withdrawn", "已撤回"


def in_beijing(at: datetime) -> datetime:
    """The same instant on a Beijing clock. Raises ValueError for a naive datetime."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(BEIJING)


def day_in_beijing(at: datetime) -> date:
    """The day it is in Beijing at an instant. Raises ValueError for a naive datetime."""
    return in_beijing(at).date()


def bounds(opens_on: date, closes_on: date, closes_time: time | None = None) -> tuple[datetime, datetime]:
    """The two instants (UTC) of a window given in Beijing days; the second is the first instant that is too late.

    `closes_time` is the hour a notice names for its last day (民法典 第二百零三条: 停止业务活动的时间为截止时间);
    without it the last day counts to 24:00. Raises ValueError when the window would end before it begins.
    """
    opens_at = datetime.combine(opens_on, _MIDNIGHT, BEIJING)
    try:
        if closes_time is None:
            closes_at = datetime.combine(closes_on + timedelta(days=1), _MIDNIGHT, BEIJING)
        else:
            closes_at = datetime.combine(closes_on, closes_time.replace(tzinfo=None), BEIJING)
    except OverflowError as error:
        raise ValueError("the last day is past the end of the calendar") from error
    if closes_at <= opens_at:
        raise ValueError("a window cannot end before it begins")
    return opens_at.astimezone(UTC), closes_at.astimezone(UTC)


def state(opens_at: datetime, closes_at: datetime, at: datetime) -> WindowState:
    """The one answer to "is it open?" at an instant: the first instant is in, the last is out.

    Raises ValueError when any of the three is naive.
    """
    opens, closes, moment = in_beijing(opens_at), in_beijing(closes_at), in_beijing(at)
    if moment < opens:
        return WindowState.UPCOMING
    return WindowState.OPEN if moment < closes else WindowState.CLOSED


def is_late(
    closes_at: datetime, received_on: date, received_time: time | None = None, postmarked_on: date | None = None
) -> bool:
    """Whether something came after the deadline: a letter by its postmark, all else by its arrival.

    Without an hour the day decides, in favour of whoever wrote.
    """
    if postmarked_on is not None:
        return postmarked_on > last_day(closes_at)
    if received_time is None:
        return received_on > last_day(closes_at)
    return datetime.combine(received_on, received_time, BEIJING) >= closes_at


def last_day(closes_at: datetime) -> date:
    """The last day in Beijing on which something can be sent: closing at 0:00 of the 13th means the 12th."""
    return (in_beijing(closes_at) - _INSTANT).date()


def days_left(closes_at: datetime, at: datetime) -> int:
    """Whole Beijing days from the day of `at` to the last day: 0 on the last day and ever after."""
    return max(0, (last_day(closes_at) - day_in_beijing(at)).days)


def date_words(day: date) -> str:
    """2022年3月5日 — Arabic numerals, full year, no leading zero (GB/T 9704-2012)."""
    return f"{day.year}年{day.month}月{day.day}日"


def instant_words(at: datetime) -> str:
    """An instant on a Beijing clock, to the minute: 2022年3月12日9时05分; midnight is 0时."""
    moment = in_beijing(at)
    clock = f"{moment.hour}时" + (f"{moment.minute:02d}分" if moment.minute else "")
    return date_words(moment.date()) + clock


def closing_words(closes_at: datetime) -> str:
    """The last moment, without further words: 2022年3月12日24时. Midnight is said as 24:00 of the day it ends."""
    return date_words(last_day(closes_at)) + closing_hour(closes_at)


def words(opens_at: datetime, closes_at: datetime) -> str:
    """The whole window: 2022年2月10日至2022年3月12日24时（含当日，北京时间）."""
    opens = in_beijing(opens_at)
    # A window that began at midnight needs no hour; one that began when the notice went out at nine does.
    begins = date_words(opens.date()) + ("" if opens.time() == _MIDNIGHT else _hour_words(opens.time()))
    whole_day = "含当日，" if _ends_with_the_day(closes_at) else ""
    return f"{begins}至{closing_words(closes_at)}（{whole_day}北京时间）"


def closes_words(closes_at: datetime) -> str:
    """The deadline: 截至2022年3月12日24时（含当日）, or 截至2018年8月26日17时 when the notice names an hour."""
    return f"截至{closing_words(closes_at)}" + ("（含当日）" if _ends_with_the_day(closes_at) else "")


def left_words(opens_at: datetime, closes_at: datetime, at: datetime) -> str:
    """How long it still is: 3日后开始 / 还剩12天 / 今日24时截止 / 已截止."""
    match state(opens_at, closes_at, at):
        case WindowState.UPCOMING:
            opens = in_beijing(opens_at)
            days = (opens.date() - day_in_beijing(at)).days
            return f"{days}日后开始" if days else f"今日{_hour_words(opens.time())}开始"
        case WindowState.OPEN:
            days = days_left(closes_at, at)
            return f"还剩{days}天" if days else f"今日{closing_hour(closes_at)}截止"
        case _:
            return "已截止"


def _ends_with_the_day(closes_at: datetime) -> bool:
    return in_beijing(closes_at).time() == _MIDNIGHT


def closing_hour(closes_at: datetime) -> str:
    """The hour of the last day at which a window ends: 24时, or 17时 when the notice names one."""
    return "24时" if _ends_with_the_day(closes_at) else _hour_words(in_beijing(closes_at).time())


def _hour_words(clock: time) -> str:
    """17时, 17时30分, and seconds only where there are some: words must not promise more than the rule."""
    said = f"{clock.hour}时"
    if clock.minute or clock.second:
        said += f"{clock.minute:02d}分"
    return said + (f"{clock.second:02d}秒" if clock.second else "")
