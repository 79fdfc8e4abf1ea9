"""Where quoted words stand in a clause: the words, what stands around them, and their place (W3C quote and position)."""

from __future__ import annotations

from dataclasses import dataclass

from portal.drafts.script import spans

#: how many characters before and after the quotation are kept with it
_AROUND = 32


@dataclass(frozen=True, slots=True)
class Anchor:
    """A quotation: `exact` is `words[start:end]` of the clause as printed, `prefix` and `suffix` stand around it."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int


def before(words: str, start: int) -> int:
    """How many characters stand before `start`, white space not counted: what `after` is for a quotation there."""
    return len("".join(words[:start].split()))


def anchored(quote: str, words: str, after: int | None = None) -> Anchor | None:
    """The place in `words` that a quotation means, in whichever script it was read; None if there is none.

    Words that stand there several times are told apart by `after`, the number of characters before the selection with
    white space not counted: the nearest place is taken, the first when nothing is known.
    """
    found = spans(quote, words)
    if not found:
        return None
    start, end = found[0]
    if after is not None and len(found) > 1:
        start, end = min(found, key=lambda span: abs(before(words, span[0]) - after))
    return Anchor(words[start:end], words[max(0, start - _AROUND) : start], words[end : end + _AROUND], start, end)
