"""A saved web page: the article is taken out of the site around it by where the prose is dense."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from portal.drafts.headlines import fields_of_row, is_date_line, is_field_line, is_number_line, is_title
from portal.drafts.lines import Line, cleaned, read_lines, squeezed
from portal.drafts.marks import marks_at
from portal.drafts.numerals import chinese
from portal.drafts.sources.markup import refuse_exhausting, without_pictures
from portal.drafts.sources.source import LARGEST_TEXT, Source, too_much
from portal.drafts.sources.text import decoded
from portal.errors import Unreadable

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_SILENT = frozenset(
    [
        "script",
        "style",
        "noscript",
        "iframe",
        "select",
        "option",
        "textarea",
        "template",
        "svg",
        "canvas",
        "object",
        "head",
        "title",
        "button",
        "input",
        "form-item",
        "audio",
        "video",
        "map",
    ]
)
_BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "td",
        "th",
        "caption",
        "ul",
    ]
)
_NAVIGATION = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|menu|header|footer|foot|breadcrumb|crumbs?|sidebar|share|toolbar|copyright|friendlink"
    r"|links?|banner|top-?bar|qrcode|pagination|related|recommend)(?:$|[-_ \d])",
    re.IGNORECASE,
)
_BOX = re.compile(r"\s*(?:专|專)\s*(?:栏|欄)")
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-zA-Z-]+)")
_WIDEST = 60
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NUMBERED_MOST = 10_000
_PROSE = re.compile(r"[。；！？]")
_HAN = re.compile(r"[\u3400-\u9fff]")


class _Block:
    """A line of the page while it is collected: the deepest element that holds it, and how much of it is links."""

    __slots__ = ("cells", "frame", "holder", "linked", "parts", "text")

    def __init__(self, holder: int, frame: int = 0) -> None:
        self.parts: list[str] = []
        self.text = ""
        self.linked = 0
        self.holder = holder
        self.cells: tuple[str, ...] = ()
        self.frame = frame

    def prose(self) -> float:
        """How much this line speaks for the element around it."""
        text = squeezed(" ".join(self.cells) if self.cells else self.text)
        if not text:
            return 0.0
        free = len(text) - self.linked
        if self.cells:
            return 0.3 * free
        if _PROSE.search(text) and free > 12:
            return float(free)
        if marks_at(text) and free >= 4:
            return free + 8.0
        return 0.2 * max(free - 8, 0)


def read_html(data: bytes) -> Source:
    """A page's bytes to the lines of its article, with the site's own lines marked as such."""
    head = _CHARSET.search(data[:4096])
    text = decoded(data, head[1].decode("ascii", "ignore").lower() if head else None)
    text = without_pictures(text)
    if len(text) > LARGEST_TEXT * 3:
        raise too_much()
    refuse_exhausting(text)
    try:
        tree = LexborHTMLParser(text)
    except SelectolaxError as error:
        raise Unreadable("这个网页嵌套过深，无法读取，请把正文复制到文本框里。") from error
    if tree.body is None:
        raise Unreadable("这个网页是空的，没有读到文字。")
    parents: list[int] = [-1]
    blocks = [block for block in _blocks(tree.body, parents) if block.cells or block.text.strip()]
    if not any(_HAN.search(block.text) or block.cells for block in blocks):
        raise Unreadable("这个网页里没有读到中文正文，请把正文复制到文本框里。")
    inside = _article(blocks, parents)
    first = min((k for k, block in enumerate(blocks) if block.holder in inside), default=0)
    titles = {squeezed(node.text()) for node in tree.css("title, h1") if node.text()}
    lines: list[Line] = []
    page: dict[int, str] = {}
    for k, block in enumerate(blocks):
        fields = fields_of_row(block.cells)
        if fields:
            block.text, block.cells = fields, ()
        for line in read_lines(block.text) if not block.cells else [Line(0, "", 0, block.cells)]:
            if not line.text and not line.cells:
                continue
            line.number = len(lines) + 1
            line.frame = block.frame
            if block.holder not in inside and not (
                k < first and first - k <= 40 and _belongs(line.text, titles, block)
            ):
                page[len(lines)] = "网页导航" if k < first else "网页页脚"
            lines.append(line)
    return Source(lines, page=page)


def _belongs(text: str, titles: set[str], block: _Block) -> bool:
    """Above the article stand its title and its fields, outside the element that holds the prose."""
    if block.linked > len(text) * 0.5:
        return False
    bare = squeezed(text)
    if len(bare) >= 6 and any(bare in title for title in titles):
        return True
    return is_field_line(text) or is_date_line(text) or is_number_line(text) or is_title(text)


def _blocks(body: LexborNode, parents: list[int]) -> Iterator[_Block]:
    """Walk the page without recursion; `parents` grows by one entry for every element that is a block."""
    stack: list[tuple[LexborNode, int, bool, int, bool]] = [(body, 0, False, 0, False)]
    block = _Block(0)
    number = ""
    numbers: dict[int, str] = {}
    frames = 0
    done: list[_Block] = []

    def flush(holder: int, frame: int) -> None:
        nonlocal block, number
        block.text = "".join(block.parts)
        if block.text.strip():
            if number and not marks_at(block.text.lstrip()):
                block.text = number + (" " if block.text.lstrip()[0].isdigit() else "") + block.text.lstrip()
            number = ""
            done.append(block)
        block = _Block(holder, frame)

    while stack:
        node, holder, in_link, frame, leaving = stack.pop()
        tag = node.tag or ""
        if leaving:
            flush(holder, frame)
            if tag == "li":
                number = ""
            continue
        if tag == "-text":
            words = node.text_content or ""
            # In a page's source a line break is only a blank.
            words = re.sub(r"[\r\n\t ]+", " ", words)
            if words.strip() or block.parts:
                block.parts.append(words)
                if in_link:
                    block.linked += len(squeezed(words))
            continue
        if tag.startswith("-") or tag in _SILENT or tag == "_comment":
            continue
        attributes = node.attributes
        if tag != "body" and ("hidden" in attributes or _HIDDEN.search(attributes.get("style") or "")):
            continue
        if tag == "br":
            block.parts.append("\n")
            continue
        inner, inner_frame = holder, frame
        if tag in _BLOCK:
            flush(holder, frame)
            yield from done
            done.clear()
            parents.append(holder)
            inner = len(parents) - 1
            if tag == "table":
                frames += 1
                rows = _rows(node)
                if rows is not None:
                    for cells in rows:
                        row = _Block(inner, frames)
                        row.cells = cells
                        yield row
                    continue
                inner_frame = frames if _is_box(node) else frame
            block = _Block(inner, inner_frame)
            number = numbers.pop(node.mem_id, number)
            linked = in_link or bool(
                _NAVIGATION.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}")
            )
            linked = linked or tag in {"nav", "footer"}
            stack.append((node, holder, in_link, frame, True))
            if tag == "ol" and not linked:
                numbers |= _list_numbers(node)
        else:
            linked = in_link or tag == "a"
        children = []
        child = node.child
        while child is not None:
            children.append((child, inner, linked, inner_frame, False))
            child = child.next
        stack.extend(reversed(children))
    flush(0, 0)
    yield from done


def _list_numbers(element: LexborNode) -> dict[int, str]:
    """The numbers a browser writes before the items of a list, by item."""
    attributes = element.attributes
    style = _LIST_STYLE.search(attributes.get("style") or "")
    kind = style[1].lower() if style else attributes.get("type") or "1"
    value = _number(attributes.get("start"), 1)
    found: dict[int, str] = {}
    item = element.child
    while item is not None:
        if item.tag == "li" and value < _NUMBERED_MOST:
            value = _number(item.attributes.get("value"), value)
            found[item.mem_id] = _list_number(value, kind)
            value += 1
        item = item.next
    return found


def _list_number(value: int, kind: str) -> str:
    if kind == "none":
        return ""
    if "chinese" in kind or "ideograph" in kind or "japanese" in kind:
        return f"{chinese(value)}、"
    if kind in {"a", "A"} or "alpha" in kind or "latin" in kind:
        letter = chr(ord("A") + (value - 1) % 26)
        return f"{letter if kind == 'A' or kind.startswith('upper') else letter.lower()}."
    return f"{value}."


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 6 else default


def _below(element: LexborNode) -> Iterator[LexborNode]:
    """Everything inside an element, in order, for as long as it is asked for."""
    stack: list[LexborNode] = []
    at = element.child
    while at is not None or stack:
        if at is None:
            at = stack.pop().next
            continue
        yield at
        if at.child is not None:
            stack.append(at)
            at = at.child
        else:
            at = at.next


def _rows(table: LexborNode) -> list[tuple[str, ...]] | None:
    """The cells of a real table; None for one that only lays out the page, or frames a box."""
    if any(below.tag == "table" for below in _below(table)):
        return None
    rows: list[tuple[str, ...]] = []
    waiting: dict[int, int] = {}
    for row in table.css("tr"):
        cells: list[str] = []
        for cell in row.css("td, th"):
            while waiting.get(len(cells), 0) > 0:
                waiting[len(cells)] -= 1
                cells.append("")
            words = cleaned(cell.text(separator=""))
            down = _span(cell, "rowspan") - 1
            for extra in range(_span(cell, "colspan") if len(cells) < _WIDEST else 1):
                if down > 0:
                    waiting[len(cells)] = down
                cells.append(words if extra == 0 else "")
        while waiting.get(len(cells), 0) > 0:
            waiting[len(cells)] -= 1
            cells.append("")
        if any(cells):
            rows.append(tuple(cells))
    if len(rows) < 2 or max(len(row) for row in rows) < 2:
        return None
    filled = [cell for row in rows for cell in row if cell]
    long = sum(len(cell) for cell in filled if len(cell) > 400)
    if long > 0.5 * sum(map(len, filled)) or sum(1 for row in rows if sum(bool(c) for c in row) > 1) < 2:
        return None
    return rows


def _span(cell: LexborNode, name: str) -> int:
    return max(1, min(_number(cell.attributes.get(name), 1), _WIDEST))


def _is_box(table: LexborNode) -> bool:
    words = ""
    for below in _below(table):
        if below.tag == "-text":
            words += below.text_content or ""
            if len(words) >= 6_000 or (len(words.strip()) > 8 and not _BOX.match(words)):
                return False
    return bool(_BOX.match(words))


def _article(blocks: list[_Block], parents: list[int]) -> set[int]:
    """The element that holds nearly all the prose, and everything in it."""
    weight = [0.0] * len(parents)
    for block in blocks:
        prose = block.prose() if block.linked < 0.6 * max(len(squeezed(block.text)), 1) else 0.0
        weight[block.holder] += prose
    own = list(weight)
    # An element is always numbered after the one around it, so one pass from the end adds up every subtree.
    for element in range(len(parents) - 1, 0, -1):
        weight[parents[element]] += weight[element]
    children: list[list[int]] = [[] for _ in parents]
    for element in range(1, len(parents)):
        children[parents[element]].append(element)
    total = weight[0]
    at = 0
    while True:
        heavy = max(children[at], key=lambda element: weight[element], default=None)
        if (
            heavy is None
            or weight[heavy] < 0.82 * weight[at]
            or weight[heavy] < 0.6 * total
            or own[at] > 0.2 * weight[at]
        ):
            break
        at = heavy
    inside = {at}
    stack = [at]
    while stack:
        for element in children[stack.pop()]:
            inside.add(element)
            stack.append(element)
    return inside
