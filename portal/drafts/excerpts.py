"""What changed in a long wording, with as much around it as a reader needs; what stays the same gives way to ……."""

from __future__ import annotations

import re

from portal.drafts.difference import Piece, difference, passage

GAP = "……"
#: words that stay the same are told whole up to this length
_SHORT = 72
#: so far from a change a sentence is looked for, and so much is told where there is none
_FAR, _NEAR = 48, 24
_ENDS = re.compile("[。；;！？!?\n]")
_COMMAS = re.compile("[，,：:]")


def around(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces of a difference with long unchanged stretches cut at the nearest ends of sentences.

    Pieces that all stay the same, or all changed, are given back as they are.
    """
    if not any(act != "same" for act, _ in pieces):
        return pieces
    last = len(pieces) - 1
    told: list[Piece] = []
    for at, (act, words) in enumerate(pieces):
        if act == "same" and len(words) > _SHORT:
            before = "" if at == 0 else _beginning(words)
            after = "" if at == last else _ending(words)
            if len(before) + len(after) < len(words):
                # a pause before what is left out says nothing
                words = f"{before.rstrip('，,、')}{GAP}{after}"
        told.append((act, words))
    return tuple(told)


def _beginning(words: str) -> str:
    """What follows a change: to the end of its sentence, else to a comma, else a few characters."""
    near = words[:_FAR]
    if found := _ENDS.search(near):
        return near[: found.end()].rstrip("\n")
    commas = [found.end() for found in _COMMAS.finditer(near) if found.end() >= _NEAR // 2]
    return near[: commas[0]] if commas else near[:_NEAR]


def _ending(words: str) -> str:
    """What comes before a change: from the beginning of its sentence, else from a comma, else a few characters."""
    near = words[-_FAR:]
    starts = [found.end() for found in _ENDS.finditer(near) if found.end() < len(near)]
    if starts:
        return near[starts[-1] :]
    commas = [found.end() for found in _COMMAS.finditer(near) if found.end() <= len(near) - _NEAR // 2]
    return near[commas[-1] :] if commas else near[-_NEAR:]


def sides(old: str, new: str) -> tuple[str, str]:
    """Both wordings, each with what they have in common cut in the same places."""
    pieces = around(difference(old, new))
    return _without(pieces, "ins"), _without(pieces, "del")


def changed(old: str, new: str) -> str:
    """The new wording with what it has in common with the passage of the old one that it stands for cut."""
    return sides(passage(old, new), new)[1]


def proposed(old: str, new: str) -> tuple[Piece, ...]:
    """What a wording proposed for a clause strikes and adds in the passage it stands for; the rest is not spoken of."""
    return around(difference(passage(old, new), new))


def _without(pieces: tuple[Piece, ...], act: str) -> str:
    return "".join(words for kind, words in pieces if kind != act)
