"""Word files: paragraphs with their automatic numbers written out, tables, text boxes, tracked changes accepted."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from portal.drafts.draft import Doubt
from portal.drafts.headlines import fields_of_row
from portal.drafts.lines import Line, cleaned, read_lines
from portal.drafts.sources.numbering import Numbering, value_of
from portal.drafts.sources.revisions import settled
from portal.drafts.sources.source import LARGEST_TEXT, MOST_LINES, Source, too_much
from portal.errors import Unreadable

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_LARGEST_PART = 30 * 1024 * 1024
_MOST_PARTS = 10_000
# Tags and attributes of one part: each takes some hundred bytes of memory however short it is written.
_MOST_MARKUP = 800_000
_WIDEST = 60
# Around paragraphs, rows and cells may stand content controls, which say nothing about the text.
_WRAPPERS = {W + "sdt", W + "sdtContent", W + "ins", W + "moveTo", W + "customXml", W + "smartTag"}
_SILENT = {W + "pPr", W + "rPr", W + "txbxContent", W + "instrText", W + "rt", W + "sdtPr"}


def names(data: bytes) -> set[str]:
    """The parts of a package; raises `zipfile.BadZipFile` when it is none, `Unreadable` for absurdly many."""
    # Every entry of the directory begins with this mark: counted before anything is read from it.
    if data.count(b"PK\x01\x02") > _MOST_PARTS:
        raise _too_large()
    with zipfile.ZipFile(BytesIO(data)) as package:
        return set(package.namelist())


def read_docx(data: bytes) -> Source:
    """A DOCX's bytes to lines; raises `Unreadable` for broken, encrypted or outsized files."""
    try:
        names(data)
        package = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise _broken() from error
    with package:
        document = _part(package, "word/document.xml")
        if document is None:
            raise _broken()
        numbering = Numbering(_part(package, "word/numbering.xml"), _part(package, "word/styles.xml"))
        notes = [_part(package, f"word/{name}.xml") for name in ("footnotes", "endnotes")]
    doubts = settled(document)
    body = document.find(W + "body")
    if body is None:
        raise _broken()
    lines: list[Line] = []
    size = 0
    for text, cells, frame in _content(body, numbering):
        size += len(text) + sum(map(len, cells))
        if size > LARGEST_TEXT or len(lines) > MOST_LINES:
            raise too_much()
        if fields := fields_of_row(cells):
            text, cells = fields, ()
        if cells:
            lines.append(Line(len(lines) + 1, "", 0, cells, frame))
            continue
        for line in read_lines(text):
            lines.append(Line(len(lines) + 1, line.text, line.indent, (), frame))
    page: dict[int, str] = {}
    for text in _notes(notes):
        for line in read_lines(text):
            page[len(lines)] = "脚注"
            lines.append(Line(len(lines) + 1, line.text))
    if page:
        doubts.append(
            Doubt(min(page) + 1, "footnotes", "文件里的脚注没有读入正文，列在最后", "需要公布的请改写为正文里的“注”。")
        )
    return Source(lines, doubts, page)


def _part(package: zipfile.ZipFile, name: str) -> etree._Element | None:
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    if info.flag_bits & 1:
        raise Unreadable("这个 Word 文件设了密码，请取消密码后再上传。")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _broken()
    if info.file_size > _LARGEST_PART or (
        info.file_size > 1_000_000 and info.file_size > 200 * max(info.compress_size, 1)
    ):
        raise _too_large()
    try:
        with package.open(info) as stream:
            # The size in the directory may lie: never read more than was allowed.
            raw = stream.read(_LARGEST_PART + 1)
    except Exception as error:  # zlib.error, BadZipFile and the rest have no common base
        raise _broken() from error
    if len(raw) > _LARGEST_PART or sum(map(raw.count, (b"<", b'="', b"='"))) > _MOST_MARKUP:
        raise _too_large()
    if b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw:
        raise _not_allowed()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise _broken() from error
    # Asked of the parser too: the bytes may be in any encoding.
    if root.getroottree().docinfo.internalDTD is not None:
        raise _not_allowed()
    return root


def _content(body: etree._Element, numbering: Numbering) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """(text, cells, frame) of every paragraph and table row, in order; text boxes after the paragraph they hang on."""
    frame = 0
    stack: list[tuple[etree._Element, int]] = [(child, 0) for child in reversed(body)]
    while stack:
        element, inside = stack.pop()
        tag = element.tag
        if tag == W + "p":
            yield _paragraph(element, numbering), (), inside
            for box in reversed(list(_outermost(element, W + "txbxContent"))):
                frame += 1
                stack.extend((child, frame) for child in reversed(box))
        elif tag == W + "tbl":
            frame += 1
            rows = [list(_own(row, W + "tc")) for row in _own(element, W + "tr")]
            if _is_grid(element, rows):
                for row in rows:
                    cells = _cells(row, numbering)
                    if any(cells):
                        yield "", cells, frame
            else:
                stack.extend((child, frame) for row in reversed(rows) for cell in reversed(row) for child in cell[::-1])
        elif tag in _WRAPPERS:
            stack.extend((child, inside) for child in reversed(element))


def _own(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    """The children with this tag, also where a content control stands around them."""
    stack = list(reversed(element))
    while stack:
        child = stack.pop()
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            stack.extend(reversed(child))


def _outermost(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    """The elements with this tag below, but for those inside one of them."""
    stack = list(reversed(element))
    while stack:
        below = stack.pop()
        if below.tag == tag:
            yield below
        else:
            stack.extend(reversed(below))


def _is_grid(table: etree._Element, rows: list[list[etree._Element]]) -> bool:
    """Whether a table has rows and columns: one of a single column is a frame around paragraphs, and one that
    holds tables lays out the page."""
    wide = any(len(row) > 1 or _span(row[0]) > 1 for row in rows if row)
    return wide and next(_outermost_of(table), None) is None


def _outermost_of(table: etree._Element) -> Iterator[etree._Element]:
    return (below for below in table.iter(W + "tbl") if below is not table)


def _span(cell: etree._Element) -> int:
    span = value_of(cell.find(W + "tcPr"), "gridSpan", "1") or "1"
    return max(1, min(int(span), _WIDEST)) if span.isdecimal() and len(span) < 4 else 1


def _cells(row: list[etree._Element], numbering: Numbering) -> tuple[str, ...]:
    cells: list[str] = []
    for cell in row:
        words = "".join(_paragraph(paragraph, numbering).strip() for paragraph in cell.iter(W + "p"))
        merged = cell.find(f"{W}tcPr/{W}vMerge")
        if merged is not None and merged.get(W + "val") != "restart":
            words = ""
        cells.append(cleaned(re.sub(r"\s*\n\s*", "", words)))
        if len(cells) < 2 * _WIDEST:
            cells += [""] * (_span(cell) - 1)
    return tuple(cells)


def _paragraph(paragraph: etree._Element, numbering: Numbering) -> str:
    words = "".join(_words(paragraph))
    number = numbering.next_number(paragraph)
    if not number or not words.strip():
        return words
    # An automatic number and its words are kept apart by what Word puts there; a bullet is no number.
    return number + (" " if number[-1].isalnum() else "") + words.lstrip()


def _words(paragraph: etree._Element) -> Iterator[str]:
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        tag = element.tag
        if tag in _SILENT:
            continue
        if tag in {W + "t", _M + "t"}:
            yield element.text or ""
        elif tag in {W + "tab", W + "ptab"}:
            yield "\t"
        elif tag in {W + "br", W + "cr"}:
            if element.get(W + "type") not in {"page", "column"}:
                yield "\n"
        elif tag == W + "noBreakHyphen":
            yield "-"
        elif tag == W + "sym":
            yield _symbol(element.get(W + "char") or "")
        else:
            stack.extend(reversed(element))


def _symbol(code: str) -> str:
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    # Private characters are pictures of a symbol font.
    is_private = 0xE000 <= value <= 0xF8FF or 0xD800 <= value <= 0xDFFF
    return "" if is_private or not 0x20 <= value <= 0x10FFFF else chr(value)


def _notes(parts: list[etree._Element | None]) -> Iterator[str]:
    """Footnotes and endnotes, one after the other; the lines Word draws between them are none."""
    for root in parts:
        for note in root if root is not None else ():
            if note.tag in {W + "footnote", W + "endnote"} and note.get(W + "type") in {None, "normal"}:
                text = "".join("".join(_words(paragraph)) for paragraph in note.iter(W + "p")).strip()
                if text:
                    yield text


def _not_allowed() -> Unreadable:
    return Unreadable("这个 Word 文件含有不允许的内容，请另存后再上传。")


def _broken() -> Unreadable:
    return Unreadable("这个 Word 文件已损坏，无法打开，请重新保存后再上传。")


def _too_large() -> Unreadable:
    return Unreadable("这个 Word 文件解压后过大，可能有问题，请另存后再上传。")
