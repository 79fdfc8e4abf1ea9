"""The spans that are hidden in the public copy of a comment: suggested by machine, accepted, moved, added or cleared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.analysis import adverts, personal_data
from portal.errors import NotValid
from portal.models import Comment, Consultation
from portal.rules import masking
from portal.rules.urgency import Flag

#: the two fields of a comment that can hold personal data
FIELDS = ("body", "proposed_text")
HIDDEN = "【已隐去】"
#: the kinds that cannot be anything else once they are found for certain
CERTAIN = frozenset({"mobile", "id", "card", "email", "wechat", "qq", "plate"})
_MAY_HOLD_DATA = re.compile(r"[0-9０-９@＠零〇一二三四五六七八九幺]{4}|微信|[vV][xX]|[qQ]{2}|[@＠]")


@dataclass(frozen=True, slots=True)
class Mask:
    """A span of one of the comment's fields to be masked in the public copy, in characters of the original."""

    field: str
    start: int
    end: int
    kind: str
    replacement: str
    is_certain: bool = False
    #: the suggestion it was moved from; its own name when it was not moved
    settles: str = ""

    @property
    def name(self) -> str:
        """How a form refers to it."""
        return f"{self.field}:{self.start}:{self.end}"


def own_numbers(consultation: Consultation) -> frozenset[str]:
    """The bureau's own contact data in the notice, which is never masked."""
    fields = (consultation.phone, consultation.fax, consultation.email)
    return frozenset(part for field in fields for part in field.split("；") if part)


def suggested(body: str, proposed_text: str, own: frozenset[str] = frozenset()) -> list[Mask]:
    """The personal data the machine found in these words; a person decides."""
    return [
        Mask(field, span.start, span.end, span.kind, span.replacement, is_certain=span.confidence == "high")
        for field, words in zip(FIELDS, (body, proposed_text), strict=True)
        for span in personal_data.find(words, own)
    ]


def suggested_masks(comment: Comment, own: frozenset[str] = frozenset()) -> list[Mask]:
    """The personal data the machine found in a comment; a person decides."""
    return suggested(comment.body, comment.proposed_text, own)


def flags(body: str, proposed_text: str, own: frozenset[str] = frozenset()) -> int:
    """What a moderator should know of these words beforehand."""
    found = 0
    if any(mask.is_certain for mask in suggested(body, proposed_text, own)):
        found |= Flag.PERSONAL
    if adverts.is_suspicious(f"{body}\n{proposed_text}"):
        found |= Flag.ADVERT
    return int(found)


def certain(text: str, own: frozenset[str] = frozenset()) -> str:
    """The first number in a text that certainly is somebody's (a phone, an identity card …), masked; empty when none is."""
    if not _MAY_HOLD_DATA.search(text):
        return ""
    spans = personal_data.find(text, own)
    return next((span.replacement for span in spans if span.confidence == "high" and span.kind in CERTAIN), "")


def require_none(text: str, consultation: Consultation, fault: str) -> None:
    """Raises NotValid when what staff wrote for the public certainly holds somebody's personal data."""
    if shown := certain(text, own_numbers(consultation)):
        raise NotValid(
            "这里写了个人信息（%(shown)s），公布以后收不回来。请删去或者隐去再保存。", fault=fault, shown=shown
        )


def mask_of(comment: Comment, name: str, suggestions: Sequence[Mask]) -> Mask:
    """The mask a form refers to: one that was suggested, or a span somebody chose. Raises NotValid."""
    for suggestion in suggestions:
        if suggestion.name == name:
            return suggestion
    field, _, place = name.partition(":")
    start, _, end = place.partition(":")
    if field in FIELDS and _is_place(start) and _is_place(end):
        words = getattr(comment, field)
        if 0 <= int(start) < int(end) <= len(words):
            return Mask(field, int(start), int(end), "chosen", HIDDEN)
    raise NotValid("要隐去的文字没有找到，请重新选择。", fault="masks")


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6


def moved(comment: Comment, suggestion: Mask, words: str) -> Mask:
    """A suggestion put on other words near it: more of them, or fewer. Raises NotValid when they stand nowhere."""
    text = getattr(comment, suggestion.field)
    words = words.strip()
    places = []
    at = text.find(words) if words else -1
    while at >= 0:
        places.append(at)
        at = text.find(words, at + 1)
    if not places:
        raise NotValid("来稿里没有“%(words)s”这几个字，请照原文填写要隐去的文字。", fault="masks", words=words)
    start = min(places, key=lambda place: abs(place - suggestion.start))
    shown = masking.mask(suggestion.kind, words) if suggestion.kind != "chosen" else HIDDEN
    return replace(
        suggestion, start=start, end=start + len(words), replacement=shown or HIDDEN, settles=suggestion.name
    )


def masks_of_words(comment: Comment, words: str) -> list[Mask]:
    """Every place where these words stand in the comment, to be masked. Raises NotValid when they stand nowhere."""
    found = []
    for field in FIELDS:
        text = getattr(comment, field)
        start = text.find(words)
        while start >= 0:
            found.append(Mask(field, start, start + len(words), "chosen", HIDDEN))
            start = text.find(words, start + len(words))
    if not found:
        raise NotValid("来稿里没有“%(words)s”这几个字，请照原文填写要隐去的文字。", fault="masks", words=words)
    return found


def public_copy(words: str, field: str, masks: Sequence[Mask]) -> str:
    """The words with every mask of this field applied; overlapping masks hide the union once."""
    copy: list[str] = []
    at = 0
    for mask in sorted((m for m in masks if m.field == field), key=lambda m: (m.start, -m.end)):
        if mask.start >= at:
            copy += [words[at : mask.start], mask.replacement]
        at = max(at, mask.end)
    return "".join([*copy, words[at:]])


def undecided(suggestions: Sequence[Mask], masks: Sequence[Mask], cleared: Sequence[Mask]) -> list[Mask]:
    """The certain spans nobody decided on: neither hidden, nor moved, nor said to be no personal data."""
    settled = {mask.settles for mask in masks if mask.settles} | {mask.name for mask in cleared}
    return [s for s in suggestions if s.is_certain and s.name not in settled and not _is_covered(s, masks)]


def _is_covered(suggestion: Mask, masks: Sequence[Mask]) -> bool:
    return any(m.field == suggestion.field and m.start <= suggestion.start and suggestion.end <= m.end for m in masks)
