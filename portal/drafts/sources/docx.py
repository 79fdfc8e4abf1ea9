"""Word files: paragraphs with their automatic numbers written out, tables, text boxes, tracked changes accepted."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from portal.drafts.draft import Doubt
from portal.drafts.lines import Line, read_lines
from portal.drafts.sources.numbering import Numbering, value_of
from portal.drafts.sources.source import LARGEST_TEXT, Source, too_much
from portal.errors import Unreadable

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_LARGEST_PART = 60 * 1024 * 1024
_BROKEN = "这个 Word 文件已损坏，无法打开，请重新保存后再上传。"
_DELETED = {W + "del", W + "moveFrom", W + "delText", W + "instrText"}


def read_docx(data: bytes) -> Source:
    """A DOCX's bytes to lines; raises `Unreadable` for broken, encrypted or outsized files."""
    try:
        package = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise Unreadable(_BROKEN) from error
    with package:
        document = _part(package, "word/document.xml")
        if document is None:
            raise Unreadable(_BROKEN)
        numbering = Numbering(_part(package, "word/numbering.xml"), _part(package, "word/styles.xml"))
    body = document.find(W + "body")
    if body is None:
        raise Unreadable(_BROKEN)
    lines: list[Line] = []
    size = 0
    for text, cells, frame in _content(body, numbering):
        size += len(text) + sum(map(len, cells))
        if size > LARGEST_TEXT:
            raise too_much()
        if cells:
            lines.append(Line(len(lines) + 1, "", 0, cells, frame))
            continue
        for line in read_lines(text):
            lines.append(Line(len(lines) + 1, line.text, line.indent, (), frame))
    doubts = []
    if any(document.find(f".//{W}{name}") is not None for name in ("ins", "del", "moveFrom", "moveTo")):
        doubts.append(
            Doubt(
                1,
                "tracked-changes",
                "文件里有未处理的修订痕迹，已按“接受全部修订”读取",
                "请在 Word 里确认修订后再发布。",
            )
        )
    return Source(lines, doubts)


def _part(package: zipfile.ZipFile, name: str) -> etree._Element | None:
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    if info.flag_bits & 1:
        raise Unreadable("这个 Word 文件设了密码，请取消密码后再上传。")
    if info.file_size > _LARGEST_PART or (
        info.file_size > 1_000_000 and info.file_size > 200 * max(info.compress_size, 1)
    ):
        raise Unreadable("这个 Word 文件解压后过大，可能有问题，请另存后再上传。")
    try:
        with package.open(info) as stream:
            # The size in the directory may lie: never read more than was allowed.
            raw = stream.read(_LARGEST_PART + 1)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise Unreadable(_BROKEN) from error
    except Exception as error:  # zlib.error has no common base with the others
        raise Unreadable(_BROKEN) from error
    if len(raw) > _LARGEST_PART:
        raise Unreadable("这个 Word 文件解压后过大，可能有问题，请另存后再上传。")
    if b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw:
        raise Unreadable("这个 Word 文件含有不允许的内容，请另存后再上传。")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(_BROKEN) from error


def _content(body: etree._Element, numbering: Numbering) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """(text, cells, frame) of every paragraph and table row, in order; text boxes after the paragraph they hang on."""
    frame = 0
    stack: list[tuple[etree._Element, int]] = [(child, 0) for child in reversed(body)]
    while stack:
        element, inside = stack.pop()
        tag = element.tag
        if tag == W + "p":
            yield _paragraph(element, numbering), (), inside
            boxes = [
                box
                for box in element.iter(W + "txbxContent")
                if not any(parent.tag == _MC + "Fallback" for parent in box.iterancestors())
            ]
            for box in reversed(boxes):
                frame += 1
                stack.extend((child, frame) for child in reversed(box))
        elif tag == W + "tbl":
            frame += 1
            rows = _rows(element, numbering)
            if rows is None:
                stack.extend(
                    (child, frame) for cell in reversed(list(element.iter(W + "tc"))) for child in reversed(cell)
                )
            else:
                for cells in rows:
                    yield "", cells, frame
        elif tag in {W + "sdt", W + "sdtContent", W + "ins", W + "moveTo", W + "customXml", W + "smartTag"}:
            stack.extend((child, inside) for child in reversed(element))


def _rows(table: etree._Element, numbering: Numbering) -> list[tuple[str, ...]] | None:
    """The cells of a table; None for a table of one column, which is a frame around paragraphs."""
    rows: list[tuple[str, ...]] = []
    for row in table.findall(W + "tr"):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        cells: list[str] = []
        for cell in row.iter(W + "tc"):
            words = [_paragraph(p, numbering) for p in cell.findall(W + "p")]
            merged = cell.find(f"{W}tcPr/{W}vMerge")
            if merged is not None and merged.get(W + "val") != "restart":
                words = []
            cells.append(re.sub(r"\s*\n\s*", "", "".join(word.strip() for word in words)))
            span = value_of(cell.find(f"{W}tcPr"), "gridSpan", "1") or "1"
            cells += [""] * (min(int(span), 60) - 1 if span.isdigit() else 0)
        if any(cells):
            rows.append(tuple(cells))
    if not rows or max(map(len, rows)) < 2 or table.find(f".//{W}tc//{W}tbl") is not None:
        return None
    return rows


def _paragraph(paragraph: etree._Element, numbering: Numbering) -> str:
    words = "".join(_words(paragraph))
    number = numbering.next_number(paragraph)
    if not number or not words.strip():
        return words
    # An automatic number and its words are kept apart by what Word puts there; a bullet is no number.
    return number + (" " if number[-1].isdigit() else "") + words.lstrip()


def _words(paragraph: etree._Element) -> Iterator[str]:
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        tag = element.tag
        if tag in _DELETED or tag in {
            W + "pPr",
            W + "rPr",
            W + "txbxContent",
            W + "pict",
            W + "drawing",
            _MC + "Fallback",
        }:
            continue
        if tag == W + "t":
            yield element.text or ""
        elif tag == W + "tab":
            yield "\t"
        elif tag in {W + "br", W + "cr"}:
            if element.get(W + "type") not in {"page", "column"}:
                yield "\n"
        elif tag == W + "noBreakHyphen":
            yield "-"
        elif tag == W + "sym":
            code = element.get(W + "char") or ""
            yield _symbol(code)
        else:
            stack.extend(reversed(element))


def _symbol(code: str) -> str:
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    return "" if 0xF000 <= value <= 0xF0FF or value < 0x20 else chr(value)
