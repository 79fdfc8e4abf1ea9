"""The phrases in which a notice says from when to when opinions are heard."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from portal.drafts.numerals import whole_number

_DAY = r"(?:(?P<{p}y>(?:19|20)\d{{2}})\s*[年./-]\s*)?(?P<{p}m>\d{{1,2}})\s*[月./-]\s*(?P<{p}d>\d{{1,2}})\s*[日號号]?"
_A, _B = _DAY.format(p="a"), _DAY.format(p="b")
_TIME = r"(?:\s*[（(][^）)]{0,8}[）)])?(?:\s*(?:上午|下午|晚上?|中午)?\s*\d{1,2}\s*[:：時时点]\s*(?:\d{1,2})?分?(?:[:：]\d{2})?|\s*24时)?"
_TO = r"\s*(?:起)?\s*[，,]?\s*(?:至|到|—+|－+|-+|~|～|…+)\s*"

_TALKS = re.compile(r"征求|徵求|征集|意见|意見|反馈|反饋|建议|建議|公示期|公示时间|公示時間|期限|时间|時間|截止|日期")
_RANGE = re.compile(rf"(?:从|從|自|由|于|於|为|為|[:：]|，|,|^|是)?\s*{_A}{_TIME}(?:起)?{_TO}{_B}")
_NOW_TO = re.compile(rf"(?:即日|公布之日|发布之日|公告之日|發布之日|本公告发布之日|通知发布之日|今日)\s*起?{_TO}{_B}")
_FROM = re.compile(
    rf"(?:自|从|從){_A}\s*起|(?:开始|開始|起始)(?:时间|時間|日期)\s*(?:为|是|[:：])?\s*{_DAY.format(p='c')}"
)
# 3月1日至31日: the month is said once.
_SAME_MONTH = re.compile(
    r"((?:(?:19|20)\d{2}\s*年\s*)?\d{1,2}\s*月)(\s*\d{1,2}\s*日?\s*(?:起)?\s*(?:至|到|—+|－+|-+|~|～)\s*)(?=\d{1,2}\s*日)"
)
_SPELT = re.compile(
    r"([二一][〇○零Ｏ九]?[〇○零Ｏ一二三四五六七八九]{2,3})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
# A heading on a line of its own speaks of the dates on the next.
_HEADED = re.compile(r"((?:时间|時間|期限|日期|时限|時限))\n(?=[^\n]{0,12}\d)")
_WITHIN = re.compile(
    r"(?:自|从)?(?:即日|公布之日|发布之日|公告之日|公示之日|本公告发布之日)起\s*(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3})\s*(?P<w>个?工作日|日|天)"
    r"|(?:公示期|期限|征求意见期|时间)(?:为|：|:)\s*(?P<n2>\d{1,3})\s*(?P<w2>个?工作日|日|天)"
)
_APPLY = re.compile(
    rf"(?:申请|申請|申報|申报|报名|報名|受理|报送|報送)(?:时间|時間|期限|时限|時限)[^\d。]{{0,6}}{_A}{_TIME}{_TO}{_B}"
)


@dataclass(frozen=True, slots=True)
class Window:
    """First and last day as ISO dates, None where the notice does not say; `days` when it only gives a length;
    `for_comments` False when the period is for something else (an application)."""

    opens_on: str | None = None
    closes_on: str | None = None
    days: int | None = None
    in_working_days: bool = False
    for_comments: bool = True


def _date(year: int | None, month: str, day: str) -> str | None:
    if year is None:
        return None
    try:
        return dt.date(year, int(month), int(day)).isoformat()
    except ValueError:
        return None


def _year(match: re.Match[str], which: str, otherwise: int | None) -> int | None:
    text = match[f"{which}y"]
    return int(text) if text else otherwise


def read_window(text: str, published_on: str | None, only_applications: bool = False) -> Window | None:
    """The notice's words and its publication date in; its window out, None when no phrase is found.

    A date without a year takes that of the other date, or of publication (the next year when it would lie before it).
    """
    published = _parsed(published_on)
    year = published.year if published else None
    text = _plain(text)
    if only_applications:
        return _application(text, year)
    sentences = [s for s in re.split(r"(?<=[。；;\n])", text) if s.strip()]
    opens: str | None = None
    closes: str | None = None
    for sentence in sentences:
        if not _TALKS.search(sentence):
            continue
        for match in _RANGE.finditer(sentence):
            before = sentence[: match.start()]
            if re.search(r"《[^》]*$", before) or not re.search(
                r"征求|徵求|征集|意见|意見|反馈|反饋|公示|期限|时间|時間",
                before + sentence[match.end() : match.end() + 30],
            ):
                continue
            if re.search(r"(?:申请|申請|申报|申報|报名|報名|受理)[^，。]{0,8}$", before):
                continue
            start_year = _year(match, "a", year)
            end_year = _year(match, "b", start_year)
            first, last = _date(start_year, match["am"], match["ad"]), _date(end_year, match["bm"], match["bd"])
            if first and last:
                if last < first and not match["by"] and end_year:
                    last = _date(end_year + 1, match["bm"], match["bd"])
                return Window(first, last)
        if match2 := _NOW_TO.search(sentence):
            return Window(
                published_on,
                _after(_date(_year(match2, "b", year), match2["bm"], match2["bd"]), published, match2["by"]),
            )
    for sentence in sentences:
        if not _TALKS.search(sentence):
            continue
        if opens is None and (match3 := _FROM.search(sentence)):
            which = "a" if match3["am"] else "c"
            opens = _date(_year(match3, which, year), match3[f"{which}m"], match3[f"{which}d"])
        if closes is None:
            closes = _closing(sentence, published)
    if opens or closes:
        return Window(opens, closes)
    if match4 := _WITHIN.search(text):
        count = match4["n"] or match4["n2"]
        unit = match4["w"] or match4["w2"]
        return Window(published_on, None, whole_number(count), "工作" in unit)
    return _application(text, year)


def _plain(text: str) -> str:
    """Dates spelt in Chinese in figures, a month said once said twice, a heading with the line it speaks of."""
    text = _SPELT.sub(lambda m: f"{whole_number(m[1])}年{whole_number(m[2])}月{whole_number(m[3])}日", text)
    text = _SAME_MONTH.sub(lambda m: m[1] + m[2] + m[1], text)
    return _HEADED.sub(r"\1：", text)


def _application(text: str, year: int | None) -> Window | None:
    match = _APPLY.search(text)
    if match is None:
        return None
    start_year = _year(match, "a", year)
    return Window(
        _date(start_year, match["am"], match["ad"]),
        _date(_year(match, "b", start_year), match["bm"], match["bd"]),
        for_comments=False,
    )


def last_days(text: str, published_on: str | None) -> list[str]:
    """Every last day a text names for opinions, not only the first: two that differ are a conflict to settle."""
    published = _parsed(published_on)
    found: list[str | None] = []
    for sentence in re.split(r"(?<=[。；;\n])", text):
        if not _TALKS.search(sentence) or _APPLY.search(sentence):
            continue
        ends = [*_RANGE.finditer(sentence), *_NOW_TO.finditer(sentence)]
        for match in ends:
            start = match.groupdict().get("ay")
            year = _year(match, "b", int(start) if start else published.year if published else None)
            found.append(_after(_date(year, match["bm"], match["bd"]), published, match["by"] or start))
        if not ends:
            found.append(_closing(sentence, published))
    return [day for day in dict.fromkeys(found) if day]


_LAST_DAY = [
    re.compile(rf"(?:截止|截至|止于|结束)[^\d。；]{{0,14}}{_B}"),
    re.compile(rf"(?:于|於|在|请|請)\s*{_B}{_TIME}\s*(?:[（(][^）)。]{{0,8}}[）)])?\s*(?:之前|以前|前|止|下班前)"),
    re.compile(
        rf"{_B}{_TIME}\s*(?:[（(][^）)。]{{0,8}}[）)])?\s*(?:之前|以前|前|止)[^。；]{{0,40}}(?:反馈|反饋|提出|寄|发送|發送|回复|提交|告知|报送|函告)"
    ),
]


def _closing(sentence: str, published: dt.date | None) -> str | None:
    for pattern in _LAST_DAY:
        match = pattern.search(sentence)
        if match:
            year = _year(match, "b", published.year if published else None)
            return _after(_date(year, match["bm"], match["bd"]), published, match["by"])
    return None


def _after(day: str | None, published: dt.date | None, year: str | None) -> str | None:
    """A last day without a year that would lie before publication is of the next year."""
    parsed = _parsed(day)
    if parsed and published and not year and parsed < published:
        try:
            return parsed.replace(year=parsed.year + 1).isoformat()
        except ValueError:
            return None
    return day


def _parsed(day: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(day) if day else None
    except ValueError:
        return None
