"""PDF: the text of its pages, as lines; a scan without text is refused."""

from __future__ import annotations

import re

import pypdfium2

from portal.drafts.lines import Line, read_lines
from portal.drafts.sources.source import LARGEST_TEXT, Source, too_much
from portal.errors import Unreadable

_MOST_PAGES = 1_500


def read_pdf(data: bytes) -> Source:
    """A PDF's bytes to lines; page numbers and wraps are undone where every text's are."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("这个 PDF 设了密码，请取消密码后再上传。") from error
        raise Unreadable("这个 PDF 已损坏，无法打开，请重新导出后再上传。") from error
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise too_much()
        lines: list[Line] = []
        size = 0
        for index in range(count):
            try:
                page = document[index]
                words = page.get_textpage()
                text = words.get_text_bounded()
                words.close()
                page.close()
            except pypdfium2.PdfiumError as error:
                raise Unreadable(
                    "这个 PDF 的第%(page)d页已损坏，无法读取，请重新导出后再上传。", page=index + 1
                ) from error
            size += len(text)
            if size > LARGEST_TEXT:
                raise too_much()
            for line in read_lines(_tidied(text)):
                line.number = len(lines) + 1
                lines.append(line)
    finally:
        document.close()
    if size < 20 * max(count, 1) and sum(len(line.text) for line in lines) < 200:
        raise Unreadable("这个 PDF 是扫描图片，没有文字，请上传能选中文字的 PDF，或先做文字识别。")
    return Source(lines)


def _tidied(text: str) -> str:
    # A hyphen that broke a Latin word is marked by U+FFFE or U+0002 in what PDFium returns.
    return re.sub(r"[\ufffe\uffff\x02]\r?\n?", "", text).replace("\r\n", "\n")
