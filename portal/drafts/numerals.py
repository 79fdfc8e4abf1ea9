"""Chinese and other numerals as drafts print them, and the whole numbers they stand for."""

from __future__ import annotations

import re

DIGITS = {"零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
DIGITS |= {"八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000}
CHINESE = "零〇○一二三四五六七八九十百千两兩"

_RANGES = (
    ("①", 20, 1), ("㉑", 15, 21), ("㊱", 15, 36), ("⑴", 20, 1), ("⒈", 20, 1), ("㈠", 10, 1), ("⒜", 26, 1),
    ("❶", 10, 1), ("➀", 10, 1), ("㊀", 10, 1), ("Ⅰ", 12, 1), ("ⅰ", 12, 1), ("ⓐ", 26, 1), ("０", 10, 0),
)  # fmt: skip
_SINGLE = {chr(ord(first) + i): start + i for first, count, start in _RANGES for i in range(count)}
_FULL_WIDTH = {ord("０") + i: str(i) for i in range(10)}
_ROMAN = re.compile(r"^[IVXivx]+$")


def whole_number(text: str) -> int | None:
    """'十六' → 16, '二百零一' → 201, '20' → 20, '③' → 3, '〇五' → 5; None when it is no number."""
    if not text:
        return None
    if len(text) == 1 and text in _SINGLE:
        return _SINGLE[text]
    text = text.translate(_FULL_WIDTH)
    if text.isascii() and text.isdigit():
        return int(text) if len(text) < 10 else None
    if not all(char in DIGITS or char in UNITS for char in text):
        return None
    if not any(char in UNITS for char in text):
        # Read digit by digit: 二〇三五.
        return int("".join(str(DIGITS[char]) for char in text)) if len(text) < 10 else None
    total = current = 0
    for char in text:
        if char in DIGITS:
            current = DIGITS[char]
        else:
            total += (current or 1) * UNITS[char]
            current = 0
    return total + current


def is_roman(text: str) -> bool:
    """Whether the letters are a small Roman number, as page numbers of a preface are."""
    return bool(_ROMAN.match(text))


def chinese(number: int) -> str:
    """16 → '十六', 201 → '二百零一', as clauses are cited; up to 9999."""
    if number < 0 or number > 9999:
        return str(number)
    names = "零一二三四五六七八九"
    if number < 10:
        return names[number]
    out = ""
    pending_zero = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            out += ("零" if pending_zero and out else "") + names[digit] + name
            pending_zero = False
        else:
            pending_zero = bool(out)
    return out.removeprefix("一") if out.startswith("一十") else out
