"""Run as a program of its own, with little memory and time: a PDF comes in, what its pages say goes out as JSON.

A PDF of two thousand bytes can ask for two gigabytes, and a fault in the library that reads it ends the whole
process. Here it ends only this one. Nothing of the portal is imported.
"""

from __future__ import annotations

import contextlib
import json
import sys

import pypdfium2
import pypdfium2.raw

MEMORY = 288 * 1024 * 1024
SECONDS = 20
# Fewer characters than these on a page are a page number, or the mark of a program for scanning.
LEAST = 20


def main() -> None:
    """`pdf_pages.py MOST_PAGES MOST_CHARACTERS < file`: {"pages": […], "pictures": […]} or {"fault": …}."""
    _limit()
    most_pages, most_characters = int(sys.argv[1]), int(sys.argv[2])
    json.dump(read(sys.stdin.buffer.read(), most_pages, most_characters), sys.stdout)


def read(data: bytes, most_pages: int, most_characters: int) -> dict[str, object]:
    """The text of every page, and which pages (from 1) are pictures without text."""
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        return {"fault": "locked" if "password" in str(error).lower() else "broken"}
    if count > most_pages:
        return {"fault": "long"}
    pages: list[str] = []
    pictures: list[int] = []
    size = 0
    for index in range(count):
        try:
            page = document[index]
            words = page.get_textpage()
            text = words.get_text_bounded()
            if len(text.strip()) < LEAST and _is_picture(page):
                pictures.append(index + 1)
            words.close()
            page.close()
        except pypdfium2.PdfiumError:
            return {"fault": "page", "page": index + 1}
        size += len(text)
        if size > most_characters:
            return {"fault": "long"}
        pages.append(text)
    return {"pages": pages, "pictures": pictures}


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
