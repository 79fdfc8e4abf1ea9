"""Figures of the draft that people want changed: 建议将15%提高到20% is a value from 15 % to 20 %.

What is measured is named by the words before the figures, as far as the comment says it; a comment on a clause often
does not. `portal/drafts/targets.py` reads the figures of the draft itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portal.analysis.wording import SAME_UNIT, UNITS, folded, in_digits

_VALUE = r"(?<![0-9,])[0-9][0-9,]{0,14}(?:\.[0-9]{1,6})?"
_VERBS = (
    "提高|提升|上调|调高|增加|增长|扩大|加大|放宽|延长|延后|推迟|提前|降低|下调|调低|减少|缩短|缩减|压缩|压减|下降|改|调整|修改|变更|变|"
    "提|降|升|减|调|延|增|涨"
)
_CHANGE = re.compile(
    rf"(?:(?P<old>{_VALUE})\s?(?P<old_unit>{UNITS})?(?:以上|以下|以内|左右)?(?:的[\u4e00-\u9fff]{{1,6}}?)?[,\s]?)?"
    rf"(?:适当|直接|再|统一|一律|最高|逐步|应当?|可以?|要|都){{0,2}}(?:{_VERBS})(?:到|至|为|成)"
    rf"(?P<before>不低于|不少于|不超过|不高于|至少|最高|最低|约)?"
    rf"(?P<new>{_VALUE})\s?(?P<unit>{UNITS})?(?:(?<=[时点])(?P<minutes>[0-9]{{1,2}})分)?(?P<after>以上|以下|以内|左右)?"
)
_LIMIT = re.compile(
    rf"(?:建议|希望|应当?|请|规定|明确)[^,。;!?\n0-9]{{0,16}}?(?P<before>不得?低于|不得?少于|不得?超过|不得?高于|至少|最高)"
    rf"(?P<new>{_VALUE})\s?(?P<unit>{UNITS})(?P<after>以上|以下|以内|左右)?"
)
_FIGURE = re.compile(rf"(?P<value>{_VALUE})\s?(?P<unit>{UNITS})")
_LEAD = re.compile(r".*(?:建议|希望|应当|应该|能不能|能否|可否|可以|请|将|把|对)")
_TAIL = re.compile(
    r"(?:太[高低少多长短小大]了?|由|从|自|的|是|为|到|只有|仅|不低于|不超过|不少于|最高|最低|规定|定为|按|[,“”\"\s])+$"
)
_LOOK_BACK = 60  # what is measured is named nearby
_AT_LEAST = frozenset(("不低于", "不得低于", "不少于", "不得少于", "至少", "最低", "以上"))
_AT_MOST = frozenset(("不超过", "不得超过", "不高于", "不得高于", "最高", "以下", "以内"))


@dataclass(frozen=True, slots=True)
class FigureChange:
    """What one comment wants one figure to be. `old` and `indicator` are empty when the comment does not say them."""

    indicator: str
    old: str
    new: str
    unit: str
    bound: str = ""  # 以上, 以内, 左右


def figure_changes(text: str) -> tuple[FigureChange, ...]:
    """Every change of a figure that a comment proposes, in its order."""
    words = in_digits(folded(text))
    return tuple(change for sentence in re.split(r"[。;!?\n]", words) for change in _of_sentence(sentence))


def _of_sentence(sentence: str) -> Iterator[FigureChange]:
    found = list(_CHANGE.finditer(sentence))
    taken = {match.start("new") for match in found}
    found += [match for match in _LIMIT.finditer(sentence) if match.start("new") not in taken]
    for match in sorted(found, key=lambda each: each.start("new")):
        parts = match.groupdict()
        unit = parts["unit"] or parts.get("old_unit") or ""
        if not unit:
            continue  # 改为第3项 and 改到2楼 change no figure
        old, start = parts.get("old") or "", match.start()
        before = sentence[max(0, start - _LOOK_BACK) : start]
        indicator = _indicator(before)
        new = _plain(parts["new"]) + (f":{parts['minutes']}" if parts.get("minutes") else "")
        # A figure right before the words tells what is to be changed: 抵扣比例40%低了，建议提高到50%.
        if not old:
            said = [each for each in _FIGURE.finditer(before) if _is_same(each["unit"], unit)]
            said = [each for each in said if _plain(each["value"]) != new]
            if said:
                old = said[-1]["value"]
                first = next(each for each in said if each["value"] == old)
                indicator = _indicator(before[: first.start()]) or indicator
        if _plain(old) != new:
            yield FigureChange(indicator, _plain(old), new, unit, _bound(parts))


def _indicator(before: str) -> str:
    name = re.split(r"[,:、(]", _TAIL.sub("", before))[-1]
    name = _TAIL.sub("", _LEAD.sub("", name))
    return name if 2 <= len(name) <= 20 and not re.search(r"[0-9]$", name) else ""


def _is_same(one: str, other: str) -> bool:
    return SAME_UNIT.get(one, one) == SAME_UNIT.get(other, other)


def _plain(value: str) -> str:
    return value.replace(",", "")


def _bound(parts: dict[str, str | None]) -> str:
    said = {parts["before"], parts["after"]}
    if said & _AT_LEAST:
        return "以上"
    if said & _AT_MOST:
        return "以内"
    return "左右" if said & {"约", "左右"} else ""
