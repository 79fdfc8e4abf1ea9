"""Which marks are really clauses: the one that comes next in its series is believed where another would not be."""

from __future__ import annotations

import re
from typing import Literal

from portal.drafts.marks import CONVENTION, STRUCTURE, Mark, marks_at
from portal.drafts.numerals import whole_number

Fit = Literal["next", "first", "continues", "restart", "repeat", "gap", "back", "loose"]

# After 第三条 these words say that the article is only spoken of.
_SPOKEN_OF = re.compile(
    r"^\s?第[一二三四五六七八九十百\d]+(?:款|项|項|目|条|條|章|节|節)|^(?:至|[、和与或及])\s?第|^[款项項](?![目式次])|^(?:的规定|规定的|規定的|所列|所称|之规定)"
)
_LIKELY_SPOKEN_OF = re.compile(
    r"^(?:的|所|之|中[的规規]|规定|規定|关于|關於|[(（]?[一二三四五六七八九十]+[)）]?[款项項目])"
)
# 三、四年级 and 二、三产业 are pairs of numbers.
_COUNTED = re.compile(r"[一二三四五六七八九十](?:年级|季度|线城市|类[地区别]|[级等档期批层楼月]|次?产业|[、,，])")
# What makes 1.5 or 3.30 one number: less is doubted where 3. is what comes next.
_QUANTITY = {
    "first": re.compile(r"\d+(?:\.\d+)*\s?(?:[%％万亿元倍吨米亩]|公里|公顷|平方|千米)"),
    "next": re.compile(r"\d+(?:\.\d+)*\s?[%％万亿倍]"),
}
# （一）项规定 is spoken of; （一）项目建设 and （二）目标任务 are clauses.
_REST_OF_REFERENCE = re.compile(r"[项項款目条](?:$|[、,，的和或及与至所规規情中之第（(。；;）)])|[、,，和或][（(]")
_HAN_OR_QUOTE = re.compile(r"[\u3400-\u9fff“《‘「（(【\"A-Za-z□☆★]")


def rank(kind: str) -> int:
    """Where a kind of mark usually stands: 0 for a part, more for what hangs below."""
    if kind.startswith("dec"):
        return CONVENTION["numb"]
    return CONVENTION.get(kind, len(CONVENTION))


class Tracker:
    """The last value of every series of marks that is open, fed in document order."""

    def __init__(self) -> None:
        self.open: dict[str, Mark] = {}
        self.past: dict[str, Mark] = {}

    def fit(self, mark: Mark) -> Fit:
        """How the mark continues the series of its kind."""
        last = self.open.get(mark.kind)
        if last is None:
            if (mark.last == 1 and len(mark.value) == 1) or (mark.kind.startswith("dec") and self._opens(mark)):
                return "first"
            before = self.past.get(mark.kind)
            return "continues" if before is not None and _succeeds(before, mark) else "loose"
        if _succeeds(last, mark):
            return "next"
        if mark.value == last.value:
            return "repeat"
        if mark.value[-1] == 1:
            return "restart"
        return "gap" if mark.value > last.value else "back"

    def _opens(self, mark: Mark) -> bool:
        if mark.last != 1:
            return False
        for kind in ("num", "numb", f"dec{len(mark.value) - 1}"):
            above = self.open.get(kind)
            if above is not None and above.value == mark.value[:-1]:
                return True
        return False

    def push(self, mark: Mark, text: str = "") -> None:
        """Accept a mark: series below it are closed, and may be continued later; an annex begins every series anew."""
        if mark.kind in {"annex", "table", "box"}:
            if mark.kind == "annex" and len(text) <= 12 and not text.endswith(("：", ":")):
                self.open.clear()
                self.past.clear()
            return
        level = rank(mark.kind)
        for kind in list(self.open):
            lower = rank(kind) > level or (kind.startswith("dec") and mark.kind == "numb")
            if mark.kind.startswith("dec") and kind.startswith("dec"):
                lower = kind > mark.kind
            if kind != mark.kind and lower and not (kind == "article" and mark.kind in STRUCTURE):
                self.past[kind] = self.open.pop(kind)
        self.open[mark.kind] = mark


def _succeeds(last: Mark, mark: Mark) -> bool:
    if len(mark.value) == len(last.value):
        return mark.value[:-1] == last.value[:-1] and mark.last == last.last + 1
    if mark.kind == "article":
        # 第十二条之一 stands between 第十二条 and 第十三条.
        return mark.value == (*last.value, 1) or (len(mark.value) == 1 and mark.value[0] == last.value[0] + 1)
    return False


def spoken_of(text: str, mark: Mark, strong: bool = False) -> bool:
    """Whether a structural mark is only a reference (第三条第二款…); less doubted where a paragraph surely begins."""
    if mark.kind not in STRUCTURE:
        return False
    rest = text[mark.end :]
    if rest[:1] in "款项項" and text[mark.end - 1].isspace():
        # Nobody parts 第三条 and 第二款 by a blank, but a clause about 项目 or 款项 begins so.
        return False
    return bool(_SPOKEN_OF.match(rest)) or (not strong and bool(_LIKELY_SPOKEN_OF.match(rest)))


def plausible_body(text: str, mark: Mark) -> bool:
    """Whether what follows the mark can begin a clause: a number after 12. is a quantity."""
    rest = text[mark.end : mark.end + 3]
    if not rest:
        return True
    if mark.kind in {"num", "numb"} and rest[0].isdigit():
        return False
    if mark.kind in {"circ", "nump", "cnp", *STRUCTURE}:
        return not (mark.kind in {"cnp", "nump"} and _REST_OF_REFERENCE.match(rest))
    if mark.kind == "cn" and _COUNTED.match(text, mark.end) and (whole_number(text[mark.end]) or 0) > mark.last:
        return False
    stripped = rest.lstrip()
    return not stripped or bool(_HAN_OR_QUOTE.match(stripped)) or (stripped[0].isdigit() and mark.kind in {"cn", "num"})


def first_mark(text: str, tracker: Tracker, decimals: bool, strong: bool = True) -> Mark | None:
    """The mark a line opens with, read in the light of the series so far; None when it opens with none.

    `strong` says that a paragraph surely begins here, so that a gap or a lost beginning is believed.
    """
    for mark in marks_at(text):
        if mark.kind in {"annex", "table", "box"}:
            if strong or (len(text) <= 30 and not re.search(r"[。，；、）]", text)):
                return mark
            continue
        if mark.kind.startswith("dec") and not decimals:
            continue
        fit = tracker.fit(mark)
        expected = fit in {"next", "first", "continues"}
        if mark.kind == "num" and text[mark.end : mark.end + 1].isdigit():
            # 1.80周岁及以上 is item 1. when 1. is what comes next; 12.5亿元 is not.
            if fit in {"next", "first"} and strong and not _QUANTITY[fit].match(text, mark.end):
                return mark
            continue
        if mark.kind == "numb" and not (decimals and expected and len(text) < 40):
            continue
        if mark.number.endswith("部分") and (len(text) > 40 or text.endswith("。")):
            continue
        if mark.kind == "alpha" and fit not in {"next", "first"}:
            continue
        if mark.kind == "cn" and mark.shape in {"", ",", "，"} and not (expected and len(text) < 60):
            continue
        if not plausible_body(text, mark) or spoken_of(text, mark, strong):
            continue
        if mark.kind == "num" and mark.last > 60 and not expected:
            continue
        if not strong and not expected:
            continue
        return mark
    return None
