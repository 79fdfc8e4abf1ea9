"""A calendar in the form of RFC 5545, with nothing in it but what a deadline needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

#: a line of a calendar holds so many octets; the next begins with a space
_WIDTH = 75


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: an instant to be reminded of."""

    #: the same however often the entry is moved; `sequence` counts how often it was
    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    url: str
    is_cancelled: bool = False


def _words(text: str) -> str:
    """Text as a calendar writes it."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return "\\n".join(text.splitlines())


def _at(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, never through a character."""
    piece, width, room = "", 0, _WIDTH
    for character in line:
        octets = len(character.encode())
        if width + octets > room:
            yield piece
            # the space that marks a continued line takes one octet
            piece, width, room = "", 0, _WIDTH - 1
        piece += character
        width += octets
    yield piece


def text(name: str, events: Iterable[Event]) -> str:
    """The calendar file; each event that is to come reminds one day before."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//consultation-portal//deadlines//ZH", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{_words(name)}",
    ]  # fmt: skip
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"SEQUENCE:{event.sequence}",
            f"DTSTAMP:{_at(event.changed_at)}",
            f"LAST-MODIFIED:{_at(event.changed_at)}",
            f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
            f"DTSTART:{_at(event.starts_at)}",
            f"DTEND:{_at(event.ends_at)}",
            f"SUMMARY:{_words(event.summary)}",
            f"DESCRIPTION:{_words(event.description)}",
            f"URL:{event.url}",
            "TRANSP:TRANSPARENT",
        ]
        if not event.is_cancelled:
            lines += [
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                f"DESCRIPTION:{_words(event.summary)}",
                "TRIGGER:-P1D",
                "END:VALARM",
            ]
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join("\r\n ".join(_folded(line)) + "\r\n" for line in lines)
