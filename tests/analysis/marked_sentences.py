"""The hand-marked sentences of this folder, and how well the finder does on them. `python -m bench.masking` prints it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from portal.analysis import personal_data
from portal.rules import identifiers, masking

FOLDER = Path(__file__).parent
FIRST = FOLDER / "personal_data_first.txt"
SECOND = FOLDER / "personal_data_second.txt"
THIRD = FOLDER / "personal_data_third.txt"
FOURTH = FOLDER / "personal_data_fourth.txt"

_MARK = re.compile(r"\{(-?)([a-z]+)(~?):([^}]*)\}")
_PUBLIC = ("uscc", "isbn")


@dataclass(frozen=True)
class Truth:
    start: int
    end: int
    kind: str
    is_sure: bool


@dataclass(frozen=True)
class Sentence:
    text: str
    truths: tuple[Truth, ...]


@dataclass
class Tally:
    """Found and true spans of one kind. A span counts as met when it overlaps one of its kind, as exact when it is it."""

    true: int = 0
    found: int = 0
    exact: int = 0
    met_true: int = 0
    met_found: int = 0

    def add(self, truths: Iterable[Truth], found: Iterable[personal_data.Span]) -> None:
        truths, found = list(truths), list(found)
        self.true += len(truths)
        self.found += len(found)
        self.exact += len({(t.start, t.end) for t in truths} & {(f.start, f.end) for f in found})
        self.met_true += sum(any(t.start < f.end and f.start < t.end for f in found) for t in truths)
        self.met_found += sum(any(t.start < f.end and f.start < t.end for t in truths) for f in found)

    @property
    def figures(self) -> dict[str, float]:
        return {
            "exact precision": self.exact / self.found if self.found else 1.0,
            "exact recall": self.exact / self.true if self.true else 1.0,
            "overlap precision": self.met_found / self.found if self.found else 1.0,
            "overlap recall": self.met_true / self.true if self.true else 1.0,
        }


def read(path: Path) -> tuple[frozenset[str], list[Sentence]]:
    """The bureau's own numbers, and the sentences with what is personal in them."""
    own: set[str] = set()
    sentences = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("@own "):
            own.update(line.split()[1:])
        elif line and not line.startswith("#"):
            sentences.append(_sentence(line.replace("↵", "\n")))
    return frozenset(own), sentences


def _sentence(line: str) -> Sentence:
    text, at, truths = "", 0, []
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        _, kind, doubt, words = mark.groups()
        if kind not in masking.KINDS and kind not in _PUBLIC:
            raise ValueError(f"no such kind: {line}")
        words = with_check_digit(kind, words)
        if kind not in _PUBLIC:
            truths.append(Truth(len(text), len(text) + len(words), kind, not doubt))
        text += words
        at = mark.end()
    return Sentence(text + line[at:], tuple(truths))


def with_check_digit(kind: str, words: str) -> str:
    """The words with the one character for "?" that makes them valid; as they are when there is none to find."""
    if "?" not in words:
        return words
    for digit in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        tried = words.replace("?", digit)
        plain = re.sub(r"[^0-9A-Za-z]", "", tried.translate({0xFF10 + value: str(value) for value in range(10)}))
        if _is_valid(kind, plain):
            return tried
    raise ValueError(f"nothing makes this valid: {words}")


def _is_valid(kind: str, plain: str) -> bool:
    if kind == "card":
        doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(plain))]
        return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
    if kind == "isbn":
        return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(plain)) % 10 == 0
    return identifiers.check({"id": "resident-id", "uscc": "uscc"}[kind], plain).is_valid


def tallies(path: Path) -> dict[str, dict[str, Tally]]:
    """By kind and for `all`: `any` finding against every true span, `high` findings against the sure ones.

    A high-confidence finding of something marked as doubtful is no error: it counts among what is true for precision.
    """
    own, sentences = read(path)
    found_by: dict[str, dict[str, Tally]] = {}
    for sentence in sentences:
        found = personal_data.find(sentence.text, own)
        for kind in sorted({t.kind for t in sentence.truths} | {f.kind for f in found}):
            truths = [t for t in sentence.truths if t.kind == kind]
            spans = [f for f in found if f.kind == kind]
            high = [f for f in spans if f.confidence == "high"]
            proven = [t for t in truths if t.is_sure or any(t.start < f.end and f.start < t.end for f in high)]
            for name in (kind, "all"):
                tally = found_by.setdefault(name, {"any": Tally(), "high": Tally()})
                tally["any"].add(truths, spans)
                tally["high"].add(proven, high)
    return found_by


def misses(path: Path) -> list[str]:
    """Each sentence that is not found exactly, as one line: what is missing (-) and what is too much (+)."""
    own, sentences = read(path)
    lines = []
    for sentence in sentences:
        found = {(f.start, f.end, f.kind): f.confidence for f in personal_data.find(sentence.text, own)}
        true = {(t.start, t.end, t.kind): t for t in sentence.truths}
        wrong = [f"-{key[2]}:{sentence.text[key[0] : key[1]]}" for key in true if key not in found]
        wrong += [f"+{key[2]}/{found[key]}:{sentence.text[key[0] : key[1]]}" for key in found if key not in true]
        wrong += [
            f"~{key[2]} only low:{sentence.text[key[0] : key[1]]}"
            for key, t in true.items()
            if t.is_sure and found.get(key) == "low"
        ]
        if wrong:
            lines.append(f"{sentence.text!r}  {'  '.join(wrong)}")
    return lines
