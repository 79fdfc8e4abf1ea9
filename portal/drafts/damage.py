"""What damage looks like: characters lost on the way, the wrong script, dates that no calendar has, broken numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from portal.drafts.numerals import whole_number
from portal.drafts.script import converted

#: what every kind of damage below holds: most lines are let go after one look
_SUSPECT = re.compile("[?\ufffd锟烫屯锘\u00c2-\u00ef\u2200-\u22ff\ue000-\uf8ff]")
_MOJIBAKE = re.compile(
    r"[\u4e00-\u9fff]\?[\u4e00-\u9fff?]|\?{2,}|\ufffd|锟斤拷|烫烫|屯屯屯|锘縚"
    # ≤ ≥ ≈ ≠ ∶ ∞ stand in tables of targets; the other signs of mathematics beside a Han character are wreckage
    r"|[\u2200-\u221d\u221f-\u2235\u2237-\u2247\u2249-\u225f\u2261-\u2263\u2266-\u22ff]\S{0,2}[\u4e00-\u9fff]{1,3}"
    # UTF-8 read as Latin letters, and characters that only one machine's fonts had
    r"|(?:[\u00c2-\u00ef][\u0080-\u00bf\u0152-\u0178\u2018-\u203a]{1,2}){2}"
    r"|[\u4e00-\u9fff][\ue000-\uf8ff]{1,3}[\u4e00-\u9fff]"
)
_OLD_SCRIPT = re.compile(r"香港|澳[门門]|[台臺][湾灣]|特[别別]行政[区區]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ENOUGH = 4_000
_MOSTLY = 0.03

_ARABIC_DATE = re.compile(
    r"(?<![\d.])(?:(?P<y>(?:19|20)\d{2})\s*年\s*)?(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"
    r"|(?<![\d.-])(?P<y2>(?:19|20)\d{2})-(?P<m2>\d{1,2})-(?P<d2>\d{1,2})(?![\d-])"
)
_CHINESE_DATE = re.compile(
    r"(?P<y>[零〇○一二三四五六七八九]{4})年(?P<m>[一二三四五六七八九十]{1,3})月(?P<d>[一二三四五六七八九十]{1,3})日"
)
_LEAP_YEAR = 2000

_NUMBER = re.compile(r"^[\u4e00-\u9fffA-Za-z]{1,20}〔(?:19|20)\d{2}〕[1-9]\d{0,3}[号號]$|令第?")
_NUMBER_PARTS = re.compile(
    # at an edge of a line the rest of the number may stand on the line beside it
    r"[\u4e00-\u9fff]{1,8}(?:"
    r"〔(?:19|20)\d{2}(?:\d{1,4}(?=[^〕\d])|(?=\s?[^〕\d\s年]))[号號]?"  # the bracket does not close
    r"|(?:19|20)\d{2}〕\s*\d{0,4}[号號]?"  # … or does not open
    r"|〔(?:19|20)\d{2}〕\s*第?\s*\d{1,4}(?=[^\d\s号號、,，至—－~-])"  # no 号
    r"|〔(?:19|20)\d{2}〕\s*第?\s*[号號]"  # no number
    r")"
)
#: the fallback names of 、 that extraction leaves: a point between two Han characters
POINT = re.compile(r"(?<=[\u4e00-\u9fff”》）])[.．](?=[\u4e00-\u9fff“《（])")


def is_garbled(text: str) -> bool:
    """Whether characters of a line were lost or turned into others."""
    return bool(_SUSPECT.search(text) and _MOJIBAKE.search(text))


def first_traditional(lines: list[tuple[int, str]]) -> int | None:
    """The number of the first line in traditional script when that is the script of the text; None when it is not.

    A name or a quotation may keep old characters: only a text in which they are common is told of.
    """
    first: int | None = None
    seen = changed = 0
    for number, text in lines:
        simple = converted(text, "hans")
        differing = sum(a != b for a, b in zip(text, simple, strict=False)) if len(text) == len(simple) else 0
        if differing and first is None:
            first = number
        changed += differing
        seen += len(_HAN.findall(text))
        if seen > _ENOUGH:
            break
    return first if changed > max(8, seen * _MOSTLY) else None


def uses_traditional(office: str) -> bool:
    """Whether an office writes in traditional script by right."""
    return bool(_OLD_SCRIPT.search(office))


def impossible_dates(text: str) -> Iterator[str]:
    """Days as printed that no calendar has: 2月30日, 2022年13月1日, 二〇二二年四月三十一日."""
    if "月" not in text and "-" not in text:
        return
    for match in _ARABIC_DATE.finditer(text):
        year, month, day = match["y"] or match["y2"], match["m"] or match["m2"], match["d"] or match["d2"]
        if not _exists(int(year or _LEAP_YEAR), int(month), int(day)):
            yield match.group()
    for match in _CHINESE_DATE.finditer(text):
        year, month, day = (whole_number(match[part].replace("○", "〇")) for part in "ymd")
        if year is None or month is None or day is None or not _exists(year, month, day):
            yield match.group()


def _exists(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def is_sound_number(number: str) -> bool:
    """Whether a document's own number is whole: 冀政发〔2021〕3号, or the number of an order."""
    return bool(_NUMBER.search(number))


def broken_numbers(text: str) -> Iterator[str]:
    """Document numbers in a text that lost a bracket, their number or 号."""
    if "〔" in text or "〕" in text:
        for match in _NUMBER_PARTS.finditer(text):
            yield match.group().strip()
