"""The source of a web page before it is parsed: what takes room and says nothing, and what is made to exhaust."""

from __future__ import annotations

import re
from collections import Counter

from portal.drafts.sources.source import too_much
from portal.errors import Unreadable

# A picture may be written out inside the page.
_DATA = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=\s%]*", re.IGNORECASE)
_DRAWING = re.compile(r"<svg(?=[\s>])", re.IGNORECASE)
# A tag with its attributes, as a browser takes them: quotes count only after the sign that gives a value.
_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>]*)((?:[^>\"'=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+|[\"'])*+)",
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Elements that hold nothing, or end by themselves where the next begins.
_OPEN_ENDED = frozenset(
    [
        "br", "hr", "img", "input", "meta", "link", "col", "area", "base", "embed", "source", "track", "wbr",
        "param", "frame", "keygen", "p", "li", "td", "th", "tr", "dt", "dd", "option", "optgroup", "thead", "tbody",
        "tfoot", "colgroup", "rt", "rp", "html", "head", "body",
    ]
)  # fmt: skip
_FORMATTING = frozenset(
    [
        "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
    ]
)  # fmt: skip
# Inside these, an end of something opened outside is not heeded.
_SPECIAL = frozenset(
    [
        "div", "table", "section", "article", "ul", "ol", "dl", "form", "center", "blockquote", "fieldset", "main",
        "nav", "header", "footer", "aside",
    ]
)  # fmt: skip
_DEEPEST = 3_000
_LOOK = 60
_MOST_TAGS = 200_000
_MOST_ATTRIBUTES = 1_000
# Formatting that is left open is opened again in every later paragraph: so many elements would be made.
_MOST_AGAIN = 500_000


def without_pictures(text: str) -> str:
    """The page without its drawings and without pictures that are written out in it."""
    pieces = _DRAWING.split(_DATA.sub("", text))
    kept = [pieces[0]]
    for piece in pieces[1:]:
        end = piece.lower().find("</svg>")
        kept.append(piece[end + 6 :] if end >= 0 else "<svg" + piece)
    return "".join(kept)


def refuse_exhausting(text: str) -> None:
    """Raises `Unreadable` for a page beyond any real one: the parser's time grows with the square of the depth and of
    the attributes, and its memory with the formatting that is never closed."""
    stack: list[str] = []
    held: Counter[str] = Counter()
    formatting = again = 0
    for count, match in enumerate(_TAG.finditer(text)):
        name = match[2].lower()
        if name in _FORMATTING:
            if not match[1]:
                formatting += 1
            elif formatting:
                formatting -= 1
        else:
            again += formatting
        if name not in _OPEN_ENDED:
            if not match[1]:
                stack.append(name)
                held[name] += 1
            elif held[name]:
                _close(stack, held, name)
        if len(stack) > _DEEPEST or again > _MOST_AGAIN or _is_crowded(match[3]):
            raise Unreadable("这个网页嵌套过深，无法读取，请把正文复制到文本框里。")
        if count > _MOST_TAGS:
            raise too_much()


def _is_crowded(attributes: str) -> bool:
    """Whether a tag has more attributes than any real one."""
    if len(attributes) < _MOST_ATTRIBUTES:
        return False
    bare = _QUOTED.sub("", attributes)
    return sum(map(bare.count, " \t\r\n\f/=")) > _MOST_ATTRIBUTES


def _close(stack: list[str], held: Counter[str], name: str) -> None:
    """End an element and what was left open inside it, unless a special element stands between."""
    if name not in _SPECIAL:
        for above in reversed(stack[-_LOOK:]):
            if above == name:
                break
            if above in _SPECIAL:
                return
        else:
            return
    while stack:
        last = stack.pop()
        held[last] -= 1
        if last == name:
            return
