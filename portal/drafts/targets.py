"""Numeric targets of a plan as data: which indicator shall reach which value, in what unit, by what year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.drafts.draft import Node

_YEAR = re.compile(r"(?<!\d)(20[2-5]\d)年(?:底|末|前|以前|年底)?(?!至|到|—|-)")
_UNITS = (
    "个百分点|平方公里|平方米|立方米|万人次|人次|万元|亿元|亿度|万吨|公里|小时|分钟|工作日|千瓦|兆瓦|美元|元|家|个|项|件|人|名|户|种|"
    "座|台|套|篇|所|处|条|次|场|期|批|吨|亩|公顷|米|倍|位|天|日|年|分|万|亿|%|％|‰"
)
_NUMBER = rf"(?P<value>\d[\d,，]*(?:\.\d+)?)\s?(?P<scale>[万亿千百]?)(?P<unit>(?:{_UNITS})(?:[/／每](?:万人|人|年|月|天|平方米))?)?"
_REACHES = re.compile(
    r"(?P<verb>达到|達到|提高到|提升到|增加到|增长到|增長到|扩大到|擴大到|提高至|提升至|增加至|增长至|下降到|下降至|降低到|降低至|降到|降至|"
    r"压缩到|压缩至|控制在|稳定在|保持在|突破|超过|超過|不低于|不少于|不高于|不超过|不超過|达)"
    rf"(?P<about>约)?{_NUMBER}(?P<bound>以上|以下|以内|左右)?"
)
_AVERAGE = re.compile(
    rf"(?P<verb>年均(?:增长|增長|增速)|新增|累计新增)(?P<about>约|达到|不低于|超过)?{_NUMBER}(?P<bound>以上|以下|以内|左右)?"
)
_FROM = re.compile(r"由[^，。；、]{0,4}?\d[^，。；、]{0,14}$")
_BREAK = re.compile(r"[，,。；;：:！\n]|[^\u4e00-\u9fff]、")
_LEAD = re.compile(
    r"^(?:力争|力爭|争取|确保|確保|实现|實現|推动|使|其中|并|並|且|全面|到|每年|全市|全区|全县|全省|我市|我区)+"
)
_YEAR_CELL = re.compile(r"(20[2-5]\d)")
_FIGURE_CELL = re.compile(r"^[>≥＞<≤＜约]?\s?(\d[\d,]*(?:\.\d+)?)\s?([%％‰]?)(?:以上|左右|以下)?$")
_UNIT_IN_NAME = re.compile(r"[（(]([^（()）]{1,10})[）)]$")


@dataclass(frozen=True, slots=True)
class NumericTarget:
    """One target: `node` is the clause's index, `value` the figure as printed, `bound` what is said with it (以上 …)."""

    node: int
    indicator: str
    value: str
    unit: str
    year: int | None
    bound: str = ""


def read_targets(nodes: Sequence[Node]) -> tuple[NumericTarget, ...]:
    """Every numeric target the clauses state, in the order of the draft."""
    found: list[NumericTarget] = []
    for index, node in enumerate(nodes):
        words = "\n".join(part for part in (node.heading, node.text) if part)
        found += _of_text(index, words)
        found += _of_table(index, node)
    return tuple(found)


def _of_text(index: int, words: str) -> Iterator[NumericTarget]:
    year: int | None = None
    for sentence in re.split(r"(?<=[。；;\n])", words):
        named = list(_YEAR.finditer(sentence))
        for match in _matches(sentence):
            before = [int(y.group(1)) for y in named if y.end() <= match.start()]
            year = before[-1] if before else (year if not named else None)
            if match["unit"] == "年" and match["value"].startswith("20"):
                continue  # 由2020年提高到2025年: a year is no figure
            indicator = _indicator(sentence[: match.start()], match["verb"])
            if indicator and (match["unit"] or match["scale"]):
                yield NumericTarget(
                    index,
                    indicator,
                    match["value"].replace("，", ",").strip(","),
                    (match["scale"] or "") + (match["unit"] or ""),
                    year,
                    _bound(match),
                )
        if named:
            year = int(named[-1].group(1))


def _matches(sentence: str) -> list[re.Match[str]]:
    found = [*_REACHES.finditer(sentence), *_AVERAGE.finditer(sentence)]
    found.sort(key=lambda match: match.start())
    return [m for i, m in enumerate(found) if not i or m.start() >= found[i - 1].end()]


def _bound(match: re.Match[str]) -> str:
    said = match["bound"] or ""
    if match["verb"] in ("不低于", "不少于", "突破", "超过", "超過"):
        return "以上"
    if match["verb"] in ("不高于", "不超过", "不超過", "控制在"):
        return "以内"
    return said or ("左右" if match["about"] == "约" else "")


def _indicator(before: str, verb: str) -> str:
    """The words just before the verb that name what is measured."""
    cut = list(_BREAK.finditer(before))
    name = before[cut[-1].end() :] if cut else before
    name = _FROM.sub("", name)
    name = re.sub(r"^.*?20[2-5]\d年(?:底|末|前)?", "", name)
    name = _LEAD.sub("", name.strip()).strip(' 　“”"')
    if verb.startswith(("年均", "新增", "累计")):
        name = f"{name}{verb}" if name else ""
    return name if 2 <= len(name) <= 40 and not re.search(r"[\d%]$", name) else ""


def _of_table(index: int, node: Node) -> Iterator[NumericTarget]:
    if len(node.rows) < 2:
        return
    head = node.rows[0]
    years = {column: int(match.group(1)) for column, cell in enumerate(head) if (match := _YEAR_CELL.search(cell))}
    if not years:
        return
    # The indicator stands next to its figures; what is left of it is the group it belongs to.
    first = min(years)
    for row in node.rows[1:]:
        name = next((cell for cell in reversed(row[:first]) if re.search(r"[\u4e00-\u9fff]{2}", cell)), "")
        unit = match.group(1) if (match := _UNIT_IN_NAME.search(name)) else ""
        for column, year in years.items():
            figure = _FIGURE_CELL.match(row[column].strip()) if column < len(row) else None
            if name and figure:
                yield NumericTarget(
                    index, _UNIT_IN_NAME.sub("", name).strip(), figure.group(1), figure.group(2) or unit, year
                )
