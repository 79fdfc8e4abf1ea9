"""The pieces a printed report is made of. They know the words and their role, not how a page looks."""

from __future__ import annotations

from dataclasses import dataclass

from portal.drafts.difference import Piece


@dataclass(frozen=True, slots=True)
class Title:
    """The head of a document: its lines, and a line below in smaller words."""

    lines: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (一、), 2 (（一）) or 3 (a clause); `anchor` is a bookmark, unique in the document."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph of the report's own words. A numbered one begins with its number (1.)."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the draft, shortened when long."""

    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A line of figures that belongs to the heading above it."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one head row. `widths` are shares of the line; `aligns` holds l or c for each column.

    The last row is a total when `has_total`.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    aligns: str
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """One published comment: reference, respondent, the facts about them, and labelled paragraphs of public text."""

    reference: str
    respondent: str
    facts: str
    stance: str
    parts: tuple[tuple[str, str], ...]
    #: the reference others lead here by; empty in documents without a list of opinions
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What is enclosed with a letter (附件：…), one blank line under its text; wrapped lines begin under the name."""

    name: str


@dataclass(frozen=True, slots=True)
class Annex:
    """Where an annex begins: a new page, 附件 in its first line, its title centred in the third."""

    lines: tuple[str, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signs and on what day, at the right of the last lines; no seal is set."""

    unit: str
    day: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A paragraph of the report's own words in smaller type; one that only leads to the next is kept with it."""

    text: str
    keeps_next: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """One point: how many make it, its title, who they are with references, and the words of one of them."""

    count: str
    title: str
    words: str
    quotation: str
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """A wording proposed, as ("same" | "del" | "ins", text) against the clause; `words` say who proposes it."""

    pieces: tuple[Piece, ...]
    words: str


Block = (
    Title | Heading | Prose | Quote | Figures | Table | Remark | Enclosure | Annex | Signed | Detail | Argument | Change
)
