"""What of a text is compared: its letters and digits, in one form.

Width, case, traditional script, accents, punctuation, spaces and invisible characters do not make another text.
Each character is folded by itself, so that a million texts are one look-up in a table and a pasted book takes
time in proportion to its length. Greetings stay: they are words like any other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from portal.drafts.script import converted

Codes = npt.NDArray[np.uint32]

#: stands in the table for a character that becomes several: ㈠, ½, ㎡
_SEVERAL = 0xFFFFFFFF
#: the planes that hold letters: what lies beyond is for private use
_END = 0x40000


def letters(text: str) -> str:
    """The text as it is compared."""
    codes, _ = folded((text,))
    return codes.tobytes().decode("utf-32-le")


def folded(texts: Sequence[str]) -> tuple[Codes, npt.NDArray[np.int64]]:
    """The letters of many texts one after another, and where each begins: text i is codes[starts[i]:starts[i + 1]]."""
    table, several = _table()
    bounds = np.concatenate(([0], np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))))
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    if codes.size and codes.max() >= _END:
        codes = np.where(codes < _END, codes, np.uint32(0))
    new = table[codes]
    if new.size and new.max() == _SEVERAL:
        return folded([text.translate(several) for text in texts])
    kept = np.flatnonzero(new)
    return new[kept], np.searchsorted(kept, bounds)


@lru_cache(maxsize=1)
def _table() -> tuple[Codes, dict[int, str]]:
    """For each character its folded one; those that become several are given apart, in folded form."""
    table = np.zeros(_END, np.uint32)
    several: dict[int, str] = {}
    read = {code: _plain(chr(code)) for code in range(_END) if unicodedata.category(chr(code))[0] in "LNS"}
    # One conversion for all of them: each stands on a line of its own, so that none is read as part of a phrase.
    simplified = "\n".join(read.values())
    for _ in range(2):  # twice, because three characters lead to one that is itself converted
        simplified = converted(simplified, "hans")
    for code, form in zip(read, simplified.split("\n"), strict=True):
        if len(form) == 1:
            table[code] = ord(form)
        elif form:
            several[code] = form
            table[code] = _SEVERAL
    return table, several


def _plain(character: str) -> str:
    """NFKC, small letters, without accents and without what is neither letter nor digit."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold())
    bare = "".join(each for each in apart if unicodedata.category(each)[0] in "LN")
    return unicodedata.normalize("NFKC", bare)
