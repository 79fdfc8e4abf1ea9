"""The five real documents, printed to PDF and written as Word files: the clauses are the same as those of the text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.drafts import Draft, parse, read
from portal.drafts.lines import squeezed
from tests.drafts import printed, word
from tests.drafts.corpus import seed

SEEDS = ("000", "001", "002", "003", "004")
Clause = tuple[tuple[str, ...], str, str, str, str, tuple[tuple[str, ...], ...]]


def tree(draft: Draft) -> list[Clause]:
    """Path, kind, number, heading, words and cells of every clause; blanks say nothing."""
    return [
        (
            tuple(map(squeezed, node.path)), node.kind, squeezed(node.number), squeezed(node.heading),
            squeezed(node.text), tuple(tuple(map(squeezed, row)) for row in node.rows),
        )
        for node in draft.nodes
    ]  # fmt: skip


def must_agree(data: bytes, name: str, text: str) -> None:
    wanted, found = parse(text), read(data, name)
    assert tree(found) == tree(wanted)
    assert len(found.responsibilities) == len(wanted.responsibilities)
    for fact in ("document_number", "published_on", "opens_on", "closes_on", "emails", "phones", "issuing_bureau"):
        assert getattr(found.facts, fact) == getattr(wanted.facts, fact), fact


@pytest.mark.parametrize("number", SEEDS)
def test_printed_by_a_browser(chromium: Browser, number: str) -> None:
    text = seed(number)
    must_agree(printed.chromium_pdf(chromium, text), "draft.pdf", text)


@pytest.mark.parametrize("columns", [44, 56])
@pytest.mark.parametrize("number", SEEDS)
def test_printed_by_a_library(number: str, columns: int) -> None:
    text = seed(number)
    must_agree(printed.reportlab_pdf(text, columns), "draft.pdf", text)


@pytest.mark.parametrize("number", SEEDS)
def test_word_with_automatic_numbers(number: str) -> None:
    text = seed(number)
    data = word.numbered_docx(text)
    assert word.marks_left(data) < 3
    must_agree(data, "draft.docx", text)


@pytest.mark.parametrize("number", SEEDS)
def test_word_with_tables_and_text_boxes(number: str) -> None:
    text = seed(number)
    must_agree(word.framed_docx(parse(text)), "draft.docx", text)


# How LibreOffice is handed the text, and what it makes of it.
WAYS: dict[str, tuple[Callable[[str], bytes], str, str]] = {
    "text": (str.encode, "txt", "docx"),
    "page": (lambda text: printed.page_of(text).encode(), "html", "docx"),
    "numbers": (word.numbered_docx, "docx", "docx"),
    "frames": (lambda text: word.framed_docx(parse(text)), "docx", "docx"),
    "paper": (word.numbered_docx, "docx", "pdf"),
}


@pytest.mark.parametrize("way", WAYS)
def test_written_by_libreoffice(way: str, tmp_path: Path) -> None:
    make, suffix, wanted = WAYS[way]
    # One of them leaps in its numbers, which LibreOffice prints otherwise than Word.
    numbers = [number for number in SEEDS if (number, way) != ("001", "paper")]
    made = word.by_libreoffice({f"{number}.{suffix}": make(seed(number)) for number in numbers}, wanted, tmp_path)
    for number in numbers:
        must_agree(made[f"{number}.{suffix}"], f"draft.{wanted}", seed(number))
