"""PDF: the text of its pages, as lines; a scan without text is refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from portal.drafts.draft import Doubt
from portal.drafts.headlines import FIELD
from portal.drafts.sources.layout import laid_out
from portal.drafts.sources.source import LARGEST_TEXT, MOST_LINES, Source, too_much
from portal.errors import Unreadable

_MOST_PAGES = 1_500
_SECONDS = 30
_THIN = re.compile("\u2006")
_READER = Path(__file__).with_name("pdf_pages.py")


def read_pdf(data: bytes) -> Source:
    """A PDF's bytes to lines that know whether they begin or fill a line of the page, running heads marked."""
    found = _pages(data)
    for page in found["pages"]:
        for line in page["lines"]:
            line[0] = _tidied(line[0])
    lines, page_marks = laid_out(found["pages"])
    if len(lines) > MOST_LINES:
        raise too_much()
    size = sum(len(line.text) for line in lines)
    if size < 20 * max(len(found["pages"]), 1) and (size < 200 or found["pictures"]):
        raise Unreadable("这个 PDF 是扫描图片，没有文字，请上传能选中文字的 PDF，或先做文字识别。")
    return Source(lines, [_of_pictures(found["pictures"])] if found["pictures"] else [], page_marks)


def _of_pictures(numbers: list[int]) -> Doubt:
    return Doubt(
        1,
        "scanned-pages",
        "有%(count)s页是图片，没有读到文字：第%(pages)s页",
        "请核对原件；这几页有条款的，请先做文字识别再上传。",
        {"count": len(numbers), "pages": [str(number) for number in numbers[:10]]},
    )


def _pages(data: bytes) -> dict[str, Any]:
    """What the reader of pages says, in a process of its own: a file may be made to exhaust memory or time."""
    command = [sys.executable, "-I", str(_READER), str(_MOST_PAGES), str(LARGEST_TEXT)]
    try:
        # Every word of the command is ours; it sees the file and nothing of the portal's environment.
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, env={}, check=True)  # noqa: S603 — our own module, without a shell
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise Unreadable("这个 PDF 已损坏，无法打开，请重新导出后再上传。") from error
    fault = found.get("fault")
    if fault == "locked":
        raise Unreadable("这个 PDF 设了密码，请取消密码后再上传。")
    if fault == "long":
        raise too_much()
    if fault == "page":
        raise Unreadable("这个 PDF 的第%(page)d页已损坏，无法读取，请重新导出后再上传。", page=found["page"])
    if fault:
        raise Unreadable("这个 PDF 已损坏，无法打开，请重新导出后再上传。")
    return found


def _tidied(text: str) -> str:
    # A hyphen that broke a Latin word is marked by U+FFFE or U+0002 in what PDFium returns.
    text = re.sub(r"[\ufffe\uffff\x02]", "", text)
    # A thin blank is no blank, unless a field of the page begins after it.
    return _THIN.sub(lambda match: " " if FIELD.match(text, match.end()) else "", text)
