"""Reading a draft in simplified or traditional script. The stored text is never touched; quotations find their way back."""

from __future__ import annotations

import re
from functools import lru_cache

from opencc import OpenCC

#: glyphs only: tw2sp and its like also change words (建立 would become 创建), which nobody asked for; and those that are
#: written (審核, 作為), where s2t has those of the dictionaries (審覈, 作爲)
_CONFIGURATION = {"hans": "tw2s", "hant": "s2tw"}
#: what OpenCC takes for other words beside their neighbours: 60日内制定 would be 內製定, 向上游付款 would be 上遊
_MENDED = {"製定": "制定", "上遊": "上游", "中遊": "中游", "下遊": "下游"}
_TAG = re.compile(r"(<[^>]*>)")
_SPACE = re.compile(r"\s+")
#: elements whose text somebody types or a program reads
_AS_IS = ("textarea", "script", "style", "code")


@lru_cache(maxsize=2)
def _converter(script: str) -> OpenCC:
    return OpenCC(_CONFIGURATION[script])


def converted(words: str, script: str) -> str:
    """The words in "hans" (simplified) or "hant" (traditional) script."""
    read = str(_converter(script).convert(words))
    if script == "hant":
        for wrong, right in _MENDED.items():
            read = read.replace(wrong, right)
    return read


def page_converted(html: str, script: str) -> str:
    """A page in another script: its text, but neither its tags nor what stands in fields and programs."""
    parts = _TAG.split(html)
    closing = ""
    for index, part in enumerate(parts):
        if index % 2:
            name = part[1:].split(None, 1)[0].rstrip(">/").lower() if len(part) > 2 else ""
            if closing:
                closing = "" if name == closing else closing
            elif name in _AS_IS:
                closing = f"/{name}"
        elif part and not closing:
            parts[index] = converted(part, script)
    return "".join(parts)


def spans(quote: str, words: str) -> list[tuple[int, int]]:
    """Every place of `words` that a quotation can mean, as the first character and the one after the last.

    White space does not count: a selection on a page has other line ends than the text. A quotation copied from
    another script is found through a conversion that keeps the number of characters, and so their places.
    """
    wanted = _SPACE.sub("", quote)
    if not wanted:
        return []
    for read in (words, *(converted(words, script) for script in _CONFIGURATION)):
        if len(read) != len(words):
            continue
        places = [i for i, character in enumerate(read) if not character.isspace()]
        packed = "".join(read[i] for i in places)
        found = []
        at = packed.find(wanted)
        while at >= 0:
            found.append((places[at], places[at + len(wanted) - 1] + 1))
            at = packed.find(wanted, at + 1)
        if found:
            return found
    return []


def quoted(quote: str, words: str) -> str | None:
    """The very words of `words` that a quotation means; None if none."""
    found = spans(quote, words)
    return words[found[0][0] : found[0][1]] if found else None
