"""Words as the search compares them: one width, one case, one script; and the tokens a text is found by.

Chinese has no spaces and no database splits it alike, so the splitting is ours: two characters in a row make a
token, a run of letters or digits makes one. Folding goes character by character, never by phrase: a query must
fold as the same words fold in the middle of a text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from portal.drafts.script import converted

#: longer runs of letters are found by their beginning
LONGEST = 40
#: what one search may ask for
MOST_TERMS = 8
MOST_CHARACTERS = 100

_HAN = r"〇\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_LOOSE = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
_TERM = re.compile(r"[\"“”「」]([^\"“”「」]+)[\"“”「」]|([^\s\"“”「」]+)")


class _Folds(dict[int, str]):
    """What each character becomes, found out once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if code == 0 or unicodedata.category(character) in ("Cf", "Cs"):
            found = ""
        else:
            found = converted(unicodedata.normalize("NFKC", character).casefold(), "hans")
        self[code] = found
        return found


_FOLDS = _Folds()


def folded(words: str) -> str:
    """The words in one width, one case and simplified script; white space only between words of letters."""
    return _LOOSE.sub("", " ".join(words.translate(_FOLDS).split()))


def _runs(words: str) -> Iterator[str]:
    return (match.group() for match in _RUN.finditer(words))


def tokens(words: str) -> set[str]:
    """What folded words are found by: every two Chinese characters in a row, the last of a run, each word of letters."""
    found: set[str] = set()
    for run in _runs(words):
        if _IS_HAN.match(run):
            found.update(run[place : place + 2] for place in range(len(run)))
        else:
            found.add(run[:LONGEST])
    return found


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a search asks for: the folded words, the tokens they must have, and beginnings of tokens."""

    words: str
    whole: frozenset[str]
    beginnings: frozenset[str]

    @property
    def needs_reading(self) -> bool:
        """Whether the tokens may all be there without the words: then the words themselves are looked at."""
        return len(self.whole) + len(self.beginnings) > 1 or self.words not in (self.whole | self.beginnings)


def terms(query: str) -> list[Term]:
    """What a query asks for: its words, each as an exact phrase; quotation marks keep spaces inside a phrase."""
    found: dict[str, Term] = {}
    for match in _TERM.finditer(query[:MOST_CHARACTERS]):
        words = folded(match.group(1) or match.group(2))
        whole: set[str] = set()
        beginnings: set[str] = set()
        for run in _runs(words):
            if not _IS_HAN.match(run) or len(run) == 1:
                beginnings.add(run[:LONGEST])
            else:
                whole.update(run[place : place + 2] for place in range(len(run) - 1))
        if whole or beginnings:
            found.setdefault(words, Term(words, frozenset(whole), frozenset(beginnings)))
    return list(found.values())[:MOST_TERMS]


def _places(words: str, wanted: list[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in the words as written, in order, none over another."""
    read: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(words):
        for part in "".join(folded(character).split()):
            read.append(part)
            origin.append(place)
    text = "".join(read)
    found = []
    for term in wanted:
        sought = term.words.replace(" ", "")
        start = text.find(sought)
        while start >= 0:
            end = start + len(sought)
            found.append((origin[start], origin[end - 1] + 1))
            start = text.find(sought, end)
    found.sort()
    apart: list[tuple[int, int]] = []
    for start, end in found:
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def excerpt(words: str, wanted: list[Term], length: int = 120) -> list[tuple[str, bool]]:
    """The part of a text where the terms stand first, in pieces; True marks a piece that is one of the terms."""
    words = " ".join(words.split())
    places = _places(words, wanted)
    start = max(0, places[0][0] - length // 3) if places and len(words) > length else 0
    end = min(len(words), start + length)
    if places:
        end = max(end, min(len(words), places[0][1]))
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for first, last in places:
        if first < at or last > end:
            continue
        pieces += [(words[at:first], False), (words[first:last], True)]
        at = last
    pieces.append((words[at:end], False))
    if end < len(words):
        pieces.append(("…", False))
    return [piece for piece in pieces if piece[0]]
