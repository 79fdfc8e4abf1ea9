"""Word's automatic numbers: 一、 and 第三条 are not in the text of a DOCX but counted from its numbering part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from portal.drafts.numerals import chinese

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_DIGIT_BY_DIGIT = ("ideographDigital", "chineseCountingDigital", "japaneseDigitalTenThousand", "taiwaneseDigital")
_LONGEST = 120
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"


def value_of(element: etree._Element | None, name: str, default: str | None = None) -> str | None:
    """The w:val of a child, the default when there is none."""
    child = element.find(W + name) if element is not None else None
    return child.get(W + "val", default) if child is not None else default


def number_text(value: int, style: str) -> str:
    """A number as Word's number format writes it."""
    if style in {"bullet", "none"}:
        return ""
    if style in _DIGIT_BY_DIGIT and value > 9:
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value))
    if style.startswith(
        ("chineseCounting", "japaneseCounting", "taiwaneseCounting", "koreanCounting", *_DIGIT_BY_DIGIT)
    ):
        return chinese(value)
    if style == "chineseLegalSimplified":
        return "".join("零壹贰叁肆伍陆柒捌玖"[int(digit)] for digit in str(value))
    if style.startswith("decimalEnclosedCircle") and 1 <= value <= 50:
        return chr(value + (0x245F if value <= 20 else 0x323C if value <= 35 else 0x328D))
    if style.startswith("ideographEnclosedCircle") and 1 <= value <= 10:
        return chr(0x3280 + value - 1)
    if style == "decimalEnclosedParen":
        return f"（{value}）"
    if style == "decimalEnclosedFullstop":
        return f"{value}."
    if style in {"upperLetter", "lowerLetter"}:
        letter = chr(ord("A") + (value - 1) % 26) * min((value - 1) // 26 + 1, 9)
        return letter if style == "upperLetter" else letter.lower()
    if style in {"upperRoman", "lowerRoman"}:
        roman = _roman(min(value, 3_999))
        return roman if style == "upperRoman" else roman.lower()
    if style == "ideographTraditional":
        return _STEMS[(value - 1) % 10]
    if style == "ideographZodiac":
        return _BRANCHES[(value - 1) % 12]
    return f"{value:02d}" if style == "decimalZero" else str(value)


def _roman(value: int) -> str:
    out = ""
    for size, letters in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
                          (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        while value >= size:
            out += letters
            value -= size
    return out


@dataclass(slots=True)
class _Level:
    start: int = 1
    style: str = "decimal"
    text: str = ""
    is_legal: bool = False
    style_id: str | None = None
    # The level above which it begins anew; 0 for one that counts on through the whole text.
    restarts_after: int | None = None


@dataclass(slots=True)
class _List:
    abstract: str
    levels: dict[int, _Level]
    restarts: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Style:
    list_id: str | None
    level: int | None
    based_on: str | None


class Numbering:
    """Counts along the document: `next_number` must be asked for every paragraph, in order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._styles: dict[str, _Style] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        self._usual = ""
        if numbering is not None:
            self._read_lists(numbering)
        if styles is not None:
            self._read_styles(styles)

    def _read_lists(self, root: etree._Element) -> None:
        abstract: dict[str, dict[int, _Level]] = {}
        linked: dict[str, str] = {}
        by_style: dict[str, str] = {}
        for element in root.findall(W + "abstractNum"):
            name = element.get(W + "abstractNumId") or ""
            abstract[name] = {_number(level.get(W + "ilvl"), 0): _level(level) for level in element.findall(W + "lvl")}
            if (style := value_of(element, "styleLink")) is not None:
                by_style[style] = name
            if (style := value_of(element, "numStyleLink")) is not None:
                linked[name] = style
        for element in root.findall(W + "num"):
            name = value_of(element, "abstractNumId", "") or ""
            name = by_style.get(linked.get(name, ""), name)
            levels = dict(abstract.get(name, {}))
            restarts = {}
            for override in element.findall(W + "lvlOverride"):
                at = _number(override.get(W + "ilvl"), 0)
                start = value_of(override, "startOverride")
                if start is not None:
                    restarts[at] = _number(start, 1)
                if (replaced := override.find(W + "lvl")) is not None:
                    levels[at] = _level(replaced)
            self._lists[element.get(W + "numId") or ""] = _List(name, levels, restarts)

    def _read_styles(self, root: etree._Element) -> None:
        for style in root.findall(W + "style"):
            if style.get(W + "type") == "paragraph" and style.get(W + "default") in {"1", "true", "on"}:
                self._usual = style.get(W + "styleId") or ""
            numbered = style.find(f"{W}pPr/{W}numPr")
            level = value_of(numbered, "ilvl")
            self._styles[style.get(W + "styleId") or ""] = _Style(
                value_of(numbered, "numId"),
                _number(level, 0) if level is not None else None,
                value_of(style, "basedOn"),
            )

    def next_number(self, paragraph: etree._Element) -> str:
        """The automatic number of this paragraph as Word shows it; '' when it has none."""
        properties = paragraph.find(W + "pPr")
        numbered = properties.find(W + "numPr") if properties is not None else None
        list_id = value_of(numbered, "numId")
        level_text = value_of(numbered, "ilvl")
        level = _number(level_text, 0) if level_text is not None else None
        style = value_of(properties, "pStyle") or self._usual
        names: list[str] = []
        while list_id is None and style in self._styles and style not in names:
            known = self._styles[style]
            names.append(style)
            list_id = known.list_id
            level = known.level if level is None else level
            style = known.based_on or ""
        if level is None:
            level = self._level_of_style(list_id, names)
        if not list_id or list_id == "0" or list_id not in self._lists:
            return ""
        return self._count(list_id, level or 0)

    def _level_of_style(self, list_id: str | None, names: Sequence[str]) -> int | None:
        """A style that names only its list stands at the level that names the style, or the one it is based on."""
        known = self._lists.get(list_id or "")
        if known is None:
            return None
        levels = {level.style_id: at for at, level in known.levels.items() if level.style_id}
        return next((levels[name] for name in names if name in levels), None)

    def _count(self, list_id: str, at: int) -> str:
        known = self._lists[list_id]
        counts = self._counts.setdefault(known.abstract, {})
        if list_id not in self._begun:
            self._begun.add(list_id)
            for restarted in known.restarts:
                counts.pop(restarted, None)
        level = known.levels.get(at, _Level(text=f"%{at + 1}."))
        counts[at] = counts[at] + 1 if at in counts else known.restarts.get(at, level.start)
        for deeper in [key for key in counts if key > at]:
            after = known.levels.get(deeper, _Level()).restarts_after
            if after is None or at < after:
                del counts[deeper]

        def shown(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            part = known.levels.get(index, _Level())
            style = "decimal" if level.is_legal and part.style != "decimalZero" else part.style
            return number_text(counts.get(index, part.start), style)

        return "" if level.style == "bullet" else re.sub(r"%([1-9])", shown, level.text)


def _level(element: etree._Element) -> _Level:
    legal = element.find(W + "isLgl")
    after = value_of(element, "lvlRestart")
    return _Level(
        _number(value_of(element, "start", "1"), 1),
        value_of(element, "numFmt", "decimal") or "decimal",
        (value_of(element, "lvlText", "") or "")[:_LONGEST],
        legal is not None and legal.get(W + "val") not in {"0", "false", "off"},
        value_of(element, "pStyle"),
        _number(after, 0) if after is not None else None,
    )


def _number(text: str | None, default: int) -> int:
    """A number from the file; the default for none, or one no document counts to."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 6 else default
