"""The HTML of a mail as plain text: paragraphs stay paragraphs, quotations are marked, nothing of it acts.

One walk from left to right: the parsers at hand take minutes for a few hundred kilobytes of hostile tags.
"""

from __future__ import annotations

import html
import re

#: of a longer page only the beginning is read
LONGEST_HTML = 600_000
_SILENT = {"script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe", "select", "textarea"}
_BLOCKS = {
    "p", "div", "br", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section",
    "article", "header", "footer", "hr", "dl", "dt", "dd", "address", "center",
}  # fmt: skip
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,15})(?![a-zA-Z0-9:-])")
_DEEPEST_MARK = 3


def plain(page: str) -> str:
    """An HTML page in, its words out."""
    page = page[:LONGEST_HTML]
    lines: list[list[str]] = [[]]
    depth, at = 0, 0
    missing: set[str] = set()
    while at < len(page):
        begin = page.find("<", at)
        _add(lines, page[at : begin if begin >= 0 else len(page)], depth)
        if begin < 0:
            break
        if page.startswith("<!--", begin):
            at = _after(page, "-->", begin + 4, missing)
            continue
        name = _NAME.match(page, begin + 1)
        if name is None and page[begin + 1 : begin + 2] not in ("!", "?", "/"):
            _add(lines, "<", depth)  # a < b is no tag
            at = begin + 1
            continue
        at = _after(page, ">", begin + 1, missing)
        tag = name[1].lower() if name else ""
        is_end = page.startswith("</", begin)
        if tag in _SILENT and not is_end:
            at = _closed(page, tag, at, missing)
            continue
        if tag == "blockquote":
            depth = max(0, depth - 1) if is_end else depth + 1
        if tag == "br" or (tag in _BLOCKS and lines[-1]):
            lines.append([])
        elif tag in ("td", "th") and not is_end and lines[-1]:
            lines[-1].append("　")
    kept = ["".join(line).replace("\u00a0", " ").rstrip(" ") for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n ")


def _after(page: str, mark: str, at: int, missing: set[str]) -> int:
    """The place behind the next mark, or the end; one that was not found is not looked for again."""
    found = -1 if mark in missing else page.find(mark, at)
    if found < 0:
        missing.add(mark)
        return len(page)
    return found + len(mark)


def _closed(page: str, tag: str, at: int, missing: set[str]) -> int:
    found = None if tag in missing else re.compile(rf"</{tag}\b", re.IGNORECASE).search(page, at)
    if found is None:
        missing.add(tag)
        return at  # never closed: better its words than none
    return _after(page, ">", found.end(), missing)


def _add(lines: list[list[str]], words: str, depth: int) -> None:
    words = re.sub(r"[ \t\r\n\f]+", " ", html.unescape(words))
    if not lines[-1]:
        words = words.lstrip(" ")
        if words and depth > 0:
            words = "> " * min(depth, _DEEPEST_MARK) + words
    if words:
        lines[-1].append(words)
