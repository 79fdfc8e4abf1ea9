"""The lines of a source and the paragraphs they make, each knowing where it stood.

A source (pasted text, a page, a Word file) gives lines; hard wraps and page furniture are undone elsewhere
(wraps.py, pages.py), which turn lines into paragraphs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
# Controls, joiners, marks that turn the direction of writing, tags, and halves of characters.
_INVISIBLE = dict.fromkeys(
    [*range(0x20), 0x7F, *range(0x80, 0xA0), 0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), *range(0xD800, 0xE000), 0xFEFF, *range(0xFFF9, 0xFFFC), 0xFFFE, 0xFFFF,
     *range(0xE0000, 0xE0080)]
)  # fmt: skip
del _INVISIBLE[9]
_BLANK = " \t\u00a0\u3000\u2002\u2003\u2009\u202f"


@dataclass(slots=True)
class Line:
    """One line: `number` counts from 1 in the source; `cells` when it is a row of a real table.

    `frame` names the box or table the line stands in, for sources that know (Word, web pages); 0 outside.
    `fills` says whether it reaches the right edge, for sources that know (PDF).
    """

    number: int
    text: str
    indent: int = 0
    cells: tuple[str, ...] = ()
    frame: int = 0
    fills: bool | None = None


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together. `gap` says a blank line stood before it; `glued` that it was split off another;
    `opens_document` that it stands under the signature of a document to which another is attached."""

    line: int
    text: str
    gap: bool = False
    indent: int = 0
    cells: tuple[str, ...] = ()
    frame: int = 0
    glued: bool = False
    wrapped: bool = False
    opens_document: bool = False
    lines: list[int] = field(default_factory=list)


def squeezed(text: str) -> str:
    """The text without any blank or invisible character, which is how its survival is checked."""
    return re.sub(r"\s+", "", text.translate(_INVISIBLE))


def cleaned(text: str) -> str:
    """The text of a cell: one line without control characters, blanks around it taken off."""
    return re.sub(r"[\s\u3000]+", " ", text).translate(_INVISIBLE).strip(_BLANK)


def width(text: str) -> int:
    """Columns the text takes on a page: a Han character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "FWA" else 1 for char in text)


def read_lines(text: str) -> list[Line]:
    """Any text in; its lines out, blank ones included, without control characters."""
    lines = []
    for number, raw in enumerate(BREAK.split(text), 1):
        clean = raw.translate(_INVISIBLE)
        body = clean.strip(_BLANK)
        indent = 0
        for char in clean[: len(clean) - len(clean.lstrip(_BLANK))]:
            indent += 2 if char == "\u3000" else 1
        lines.append(Line(number, body, indent))
    return lines


def has_text(lines: Iterable[Line]) -> bool:
    """Whether any line holds more than blanks."""
    return any(line.text or line.cells for line in lines)
