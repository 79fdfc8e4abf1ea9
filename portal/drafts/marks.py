"""The marks clauses begin with: 第三条, 一、, （一）, 1., （1）, ①, 1.1, 专栏2, 表1, 附件.

A mark is read from the beginning of a text; whether it is really one is decided from its neighbours (levels.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from portal.drafts.numerals import CHINESE, whole_number

STRUCTURE = ("part", "subpart", "chapter", "section", "subsection", "article")
_STRUCTURE_WORD = {
    "部分": "part",
    "编": "part",
    "編": "part",
    "篇": "part",
    "分编": "subpart",
    "分編": "subpart",
    "章": "chapter",
}
_STRUCTURE_WORD |= {"节": "section", "節": "section", "目": "subsection", "条": "article", "條": "article"}

# How plans and statutes usually nest; a document may say otherwise (levels.py).
CONVENTION = {name: rank for rank, name in enumerate((*STRUCTURE, "cn", "cnp", "numb", "num", "nump", "circ", "alpha"))}

_S = r"[ \t\u00a0\u3000]*"
_CN = f"[{CHINESE}]"
_N = rf"(?:{_CN}+|[0-9０-９]+)"
# An 、 or a dot is lost in some pages: the mark must then stand before something that cannot continue a number.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("structure", re.compile(
        rf"第{_S}(?P<n>{_CN}+(?:{_S}{_CN}+)*|[0-9０-９]+){_S}(?P<w>部分|分编|分編|编|編|篇|章|节|節|目|条|條)"
        rf"(?P<z>(?:之{_CN}{{1,3}}(?![{CHINESE}]))*)(?P<after>{_S}[、:：.．]?)")),
    ("box", re.compile(rf"(?:专{_S}栏|專{_S}欄){_S}(?P<n>{_N})(?P<after>{_S}[:：]?)")),
    ("table", re.compile(
        rf"(?P<w>附?表){_S}(?P<n>[0-9０-９]+(?:[-－.．][0-9]+)*|{_CN}{{1,3}}(?=[ \u3000：:]))(?![0-9])"
        rf"(?P<after>{_S}[:：]?)")),
    ("annex", re.compile(rf"(?P<w>附{_S}件|附{_S}录|附{_S}錄|附{_S}表)(?P<n>{_S}{_N})?")),
    ("cnp", re.compile(
        rf"[（(]{_S}(?P<n>{_CN}{{1,4}}){_S}[）)](?P<after>{_S}[、.．]?)|(?P<m>[㈠-㈩])(?P<after2>[、.．]?)")),
    ("nump", re.compile(
        rf"[（(]{_S}(?P<n>[0-9０-９]{{1,3}}){_S}[）)](?P<after>[、.．]?)|(?P<m>[⑴-⒇])|(?P<k>[0-9０-９]{{1,3}})[）)]")),
    ("cn", re.compile(rf"(?P<n>{_CN}{{1,4}}){_S}(?P<after>[、.．﹒]|,(?=[^0-9])|，|(?=[ \u3000]+[\u4e00-\u9fff“《]))")),
    ("circ", re.compile(r"(?P<n>[①-⑳㉑-㉟㊱-㊿❶-❿➀-➉])(?P<after>[、.．]?)")),
    ("dec", re.compile(rf"(?P<n>[0-9]{{1,2}}(?:{_S}?[.．]{_S}?[0-9]{{1,3}}){{1,4}})(?![0-9%％])(?P<after>[、.．]?)")),
    ("num", re.compile(rf"(?P<n>[0-9０-９]{{1,3}}){_S}?(?P<after>[.．、﹒]|,(?=\D))|(?P<m>[⒈-⒛])")),
    ("alpha", re.compile(r"(?P<n>[A-Za-z])(?P<after>[.．、)）])(?=[ \u3000]?[\u4e00-\u9fff《“])")),
    ("numb", re.compile(r"(?P<n>[0-9]{1,2})(?=[ \u3000\u00a0]+[\u4e00-\u9fff“《])")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark as printed: `kind`, `number` without blanks, its `value` (1.2 → (1, 2)), and where the body begins.

    `shape` tells 1. from 1、 and （1） from 1） when both are used at once.
    """

    kind: str
    number: str
    value: tuple[int, ...]
    end: int
    shape: str = ""

    @property
    def last(self) -> int:
        return self.value[-1]


def marks_at(text: str, start: int = 0) -> tuple[Mark, ...]:
    """Every way the text from `start` can be read as a mark, likeliest first."""
    if start >= len(text):
        return ()
    patterns = _patterns_for(text[start])
    if not patterns:
        return ()
    # Every step of the reading asks again about the same line; long ones are not kept.
    return _remembered(text, start) if len(text) < 1_000 else _read(text, start, patterns)


@lru_cache(maxsize=8_192)
def _remembered(text: str, start: int) -> tuple[Mark, ...]:
    return _read(text, start, _patterns_for(text[start]))


def _read(text: str, start: int, patterns: tuple[tuple[str, re.Pattern[str]], ...]) -> tuple[Mark, ...]:
    found: list[Mark] = []
    for kind, pattern in patterns:
        match = pattern.match(text, start)
        mark = _mark(kind, match, text) if match else None
        if mark is not None:
            found.append(mark)
    return tuple(found)


@lru_cache(maxsize=4_096)
def _patterns_for(first: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, pattern) for kind, pattern in _PATTERNS if _may_begin(kind, first))


def _may_begin(kind: str, first: str) -> bool:
    if kind in _FIRST:
        return first in _FIRST[kind]
    if kind in {"cnp", "nump"}:
        return first in "（(" or "⑴" <= first <= "⒇" or "㈠" <= first <= "㈩" or first.isdigit()
    if kind == "circ":
        return not first.isascii() and first not in CHINESE and whole_number(first) is not None
    if kind == "alpha":
        return first.isascii() and first.isalpha()
    return first.isdigit() or "⒈" <= first <= "⒛"


_FIRST = {"structure": "第", "box": "专專", "table": "表附", "annex": "附", "cn": CHINESE}


def _mark(kind: str, match: re.Match[str], text: str) -> Mark | None:
    groups = match.groupdict()
    name = groups.get("n") or groups.get("m") or groups.get("k") or ""
    name = re.sub(r"\s", "", name)
    after = (groups.get("after") or groups.get("after2") or "").strip()
    number = re.sub(r"\s", "", match.group())
    if kind == "structure":
        kind = _STRUCTURE_WORD[groups["w"]]
        value = _values([name, *(groups["z"] or "").split("之")[1:]])
        return Mark(kind, number, value, match.end()) if value else None
    if kind == "annex":
        return Mark("annex", number, (whole_number(name) or 0,), match.end())
    if kind == "table":
        value = _values(re.split(r"[-－.．]", name))
        return Mark("table", number, value, match.end()) if value else None
    if kind == "dec":
        parts = [int(part) for part in re.split(r"[.．]", name)]
        if any(part == 0 for part in parts):
            return None
        return Mark(f"dec{len(parts)}", number, tuple(parts), match.end())
    if kind == "alpha":
        return Mark(kind, number, (ord(name.lower()) - 96,), match.end(), after)
    single = whole_number(name)
    if not single:
        return None
    if kind == "cn" and ((len(name) > 1 and not any(char in name for char in "十百")) or name.startswith(("百", "千"))):
        # 三四、 is a pair of numbers, not a mark.
        return None
    if kind == "cn" and name == "十" and text.startswith(("百", "千", "万", "亿"), match.end()):
        return None
    shape = after or ("）" if groups.get("k") else "（" if kind in {"nump", "cnp"} else "")
    return Mark(kind, number, (single,), match.end(), shape)


def _values(names: Sequence[str]) -> tuple[int, ...]:
    """Every name as a number; empty when one of them is none."""
    found = [whole_number(name) for name in names]
    return () if None in found else tuple(value or 0 for value in found)
