"""Run as a program of its own, with little memory and time: a PDF comes in, what its pages say goes out as JSON.

A PDF of two thousand bytes can ask for two gigabytes, and a fault in the library that reads it ends the whole
process. Here it ends only this one. Nothing of the portal is imported.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from typing import Any

import pypdfium2
import pypdfium2.raw

MEMORY = 288 * 1024 * 1024
SECONDS = 20
# Fewer characters than these on a page are a page number, or the mark of a program for scanning.
LEAST = 20
THIN = "\u2006"
_THIN = re.compile(
    r"(?<=[\u3400-\u9fff，。、；：（）《》“”]) (?=[0-9A-Za-z%])|(?<=[0-9A-Za-z%]) (?=[\u3400-\u9fff，。、；：（）《》“”])"
)

Line = tuple[str, Any, Any, Any, Any]


def main() -> None:
    """`pdf_pages.py MOST_PAGES MOST_CHARACTERS < file`: {"pages": […], "pictures": […]} or {"fault": …}.

    A page is {"width": …, "lines": [[text, left, right, bottom, height], …]}, in points from its lower left corner.
    """
    _limit()
    most_pages, most_characters = int(sys.argv[1]), int(sys.argv[2])
    json.dump(read(sys.stdin.buffer.read(), most_pages, most_characters), sys.stdout)


def read(data: bytes, most_pages: int, most_characters: int) -> dict[str, object]:
    """The lines of every page and where they stand, and which pages (from 1) are pictures without text."""
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        return {"fault": "locked" if "password" in str(error).lower() else "broken"}
    if count > most_pages:
        return {"fault": "long"}
    pages: list[dict[str, object]] = []
    pictures: list[int] = []
    size = 0
    for index in range(count):
        try:
            page = document[index]
            words = page.get_textpage()
            text = words.get_text_range()
            left, bottom, right, top = page.get_bbox()
            lines = [
                line
                for line in _lines(words, text)
                if line[1] is None
                or (line[2] > left and line[1] < right and bottom < line[3] + line[4] and line[3] < top)
            ]
            if sum(len(line[0].strip()) for line in lines) < LEAST and _is_picture(page):
                pictures.append(index + 1)
            words.close()
            page.close()
        except pypdfium2.PdfiumError:
            return {"fault": "page", "page": index + 1}
        size += len(text)
        if size > most_characters:
            return {"fault": "long"}
        pages.append({"width": right - left, "lines": lines})
    return {"pages": pages, "pictures": pictures}


def _lines(words: pypdfium2.PdfTextPage, text: str) -> list[Line]:
    """Every line with its left and right edge, its lower edge and its height; without them where it runs otherwise."""
    found: list[Line] = []
    at = 0
    # Letters beyond the first plane count twice: past one of them the places are not known.
    known = next((k for k, char in enumerate(text) if char > "\uffff"), len(text))
    for raw in text.split("\r\n"):
        stripped = raw.strip()
        first = at + raw.find(stripped) if stripped else at
        last = first + len(stripped) - 1
        at += len(raw) + 2
        if stripped and last < known:
            begins, ends = _box(words, first), _box(words, last)
            if begins and ends and ends[2] > begins[0] and ends[1] < begins[3] and begins[1] < ends[3]:
                height = begins[3] - begins[1]
                whole = _with_thin_blanks(words, stripped, first, height)
                found.append((whole, begins[0], ends[2], min(begins[1], ends[1]), height))
                continue
        found.append((stripped, None, None, None, None))
    return found


def _with_thin_blanks(words: pypdfium2.PdfTextPage, text: str, first: int, height: float) -> str:
    """Between Han and Latin a word processor leaves a quarter of a square, which PDFium takes for a blank: it is told
    from others by being a thin one."""
    out = ""
    done = 0
    for match in _THIN.finditer(text):
        blank = pypdfium2.raw.FPDFText_GetCharIndexFromTextIndex(words.raw, first + match.start())
        if pypdfium2.raw.FPDFText_IsGenerated(words.raw, blank) != 1:
            continue
        before, after = _box(words, first + match.start() - 1), _box(words, first + match.end())
        if before and after and after[0] - before[2] < 0.4 * height:
            out += text[done : match.start()] + THIN
            done = match.end()
    return out + text[done:]


def _box(words: pypdfium2.PdfTextPage, at: int) -> tuple[float, float, float, float] | None:
    index = pypdfium2.raw.FPDFText_GetCharIndexFromTextIndex(words.raw, at)
    try:
        return words.get_charbox(index, loose=True) if index >= 0 else None
    except pypdfium2.PdfiumError:
        return None


def _is_picture(page: pypdfium2.PdfPage) -> bool:
    return next(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3), None) is not None


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
