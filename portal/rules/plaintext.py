"""What the public writes is plain text for ever: only what no document can hold is taken out.

Nothing is escaped or sanitised here; text is escaped where it is shown. Removed are control characters,
lone surrogates and non-characters (XML and spreadsheets refuse them) and the marks that reorder text or
hide in it, which carry no words: bidirectional overrides, zero-width characters, soft hyphens.
"""

from __future__ import annotations

import re

from portal.errors import NotValid

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
    "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def received(text: str) -> str:
    """The text as it will be kept: line ends as \\n, unprintable marks gone, no blank edges."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


#: what to do about words that are too long
SHORTEN = "%(what)s最多%(limit)s字，现在是%(length)s字，请删减后再试。"
SPLIT = "%(what)s最多%(limit)s字，现在是%(length)s字，请分成几条提出。"


def received_within(text: str, limit: int, what: str, fault: str, sentence: str = SHORTEN) -> str:
    """The text as it will be kept. Raises NotValid when it is longer than `limit` characters."""
    kept = received(text)
    if len(kept) > limit:
        raise NotValid(
            sentence,
            fault=fault,
            what=what,
            limit=limit,
            length=len(kept),
        )
    return kept


def one_line(text: str, limit: int, what: str, fault: str) -> str:
    """A single line as it will be kept: no line end can reach a mail header or a file name."""
    return received_within(" ".join(text.split()), limit, what, fault)
