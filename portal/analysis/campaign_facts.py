"""What can be said of a campaign: what each adds, what all have in common, when and by what ways it came.

These are facts for a person to look at. Many people sending one text is a right of theirs and no offence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.analysis.letters import letters
from portal.drafts.difference import Piece, difference
from portal.rules import window

#: a phrase has at least so many letters, and so many texts of a great campaign are enough to find it
_PHRASE = 6
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When the comments of a group came and by what ways."""

    number: int
    first_at: datetime
    last_at: datetime
    #: most frequent first
    channels: tuple[tuple[str, int], ...]
    #: the hour, counted from any minute, in which most came; the earliest of several
    busiest_from: datetime
    in_busiest_hour: int

    @property
    def is_burst(self) -> bool:
        """Whether at least ten, and half of all, came within one hour of a longer time."""
        return (
            self.in_busiest_hour >= 10
            and self.in_busiest_hour * 2 >= self.number
            and self.last_at - self.first_at > timedelta(days=1)
        )


def arrivals(of: Iterable[tuple[datetime, str]]) -> Arrivals | None:
    """The arrivals of comments given as instants and channels; None if there are none."""
    came = sorted(of)
    if not came:
        return None
    instants = [at for at, _ in came]
    channels = Counter(channel for _, channel in came)
    most, busiest, begin = 0, instants[0], 0
    for end, at in enumerate(instants):
        while at - instants[begin] >= timedelta(hours=1):
            begin += 1
        if end - begin + 1 > most:
            most, busiest = end - begin + 1, instants[begin]
    return Arrivals(
        number=len(came),
        first_at=instants[0],
        last_at=instants[-1],
        channels=tuple(sorted(channels.items(), key=lambda item: (-item[1], item[0]))),
        busiest_from=busiest,
        in_busiest_hour=most,
    )


@dataclass(frozen=True, slots=True)
class Quarter:
    """The quarter of an hour, as a clock has them, in which most came by one way; the earliest of several."""

    begins_at: datetime
    channel: str
    number: int


def fullest_quarter(of: Iterable[tuple[datetime, str]]) -> Quarter | None:
    """Of comments given as instants and channels; None if no two of them came so close."""
    met = Counter(
        (at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0), channel) for at, channel in of
    )
    (begins_at, channel), number = min(met.items(), key=lambda each: (-each[1], each[0]), default=((None, ""), 0))
    return Quarter(begins_at, channel, number) if begins_at is not None and number > 1 else None


@dataclass(frozen=True, slots=True)
class Came:
    """When some comments came, by what ways and from whom."""

    arrivals: Arrivals
    quarter: Quarter | None
    #: by day in Beijing, in order; only those on which some came
    days: tuple[tuple[date, int], ...]
    #: the kinds of those who sent them, most frequent first
    kinds: tuple[tuple[str, int], ...]

    def packed(self) -> dict[str, Any]:
        """The same as JSON can keep it."""
        came, quarter = self.arrivals, self.quarter
        return {
            "number": came.number,
            "first_at": came.first_at.isoformat(),
            "last_at": came.last_at.isoformat(),
            "channels": [list(each) for each in came.channels],
            "busiest_from": came.busiest_from.isoformat(),
            "in_busiest_hour": came.in_busiest_hour,
            "quarter": [quarter.begins_at.isoformat(), quarter.channel, quarter.number] if quarter else None,
            "days": [[day.isoformat(), count] for day, count in self.days],
            "kinds": [list(each) for each in self.kinds],
        }

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Came:
        """What `packed` gave."""
        quarter = packed["quarter"]
        return cls(
            Arrivals(
                packed["number"],
                datetime.fromisoformat(packed["first_at"]),
                datetime.fromisoformat(packed["last_at"]),
                tuple((channel, count) for channel, count in packed["channels"]),
                datetime.fromisoformat(packed["busiest_from"]),
                packed["in_busiest_hour"],
            ),
            Quarter(datetime.fromisoformat(quarter[0]), quarter[1], quarter[2]) if quarter else None,
            tuple((date.fromisoformat(day), count) for day, count in packed["days"]),
            tuple((kind, count) for kind, count in packed["kinds"]),
        )


def came(of: Sequence[tuple[datetime, str, str]]) -> Came | None:
    """What can be said of comments given as instants, channels and kinds of respondents; None if there are none."""
    told = [(at, channel) for at, channel, _ in of]
    if (found := arrivals(told)) is None:
        return None
    return Came(
        found,
        fullest_quarter(told),
        tuple(sorted(Counter(window.day_in_beijing(at) for at, _, _ in of).items())),
        tuple(sorted(Counter(kind for _, _, kind in of).items(), key=lambda each: (-each[1], each[0]))),
    )


def beside(representative: str, text: str) -> tuple[Piece, ...]:
    """A text beside its representative, in pieces: what is the same, what it leaves out, what it adds."""
    if letters(representative) == letters(text):
        return (("same", text),) if text else ()
    return difference(representative, text)


def shared_phrases(representative: str, texts: Sequence[str], share: float = 0.5) -> tuple[str, ...]:
    """The phrases of the representative that at least this share of the texts has word for word, in its order.

    Phrases do not reach over the end of a sentence, nor begin or end with a mark.
    """
    step = max(1, len(texts) // _SAMPLE)
    others = [letters(text) for text in texts[::step]]
    needed = max(1, share * len(others))
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(representative):
        for letter in letters(character):
            folded.append(letter)
            places.append(place)
    words = "".join(folded)
    found: list[tuple[int, int]] = []
    for begin in range(len(words) - _PHRASE + 1):
        end = begin + _PHRASE
        if sum(words[begin:end] in other for other in others) < needed:
            continue
        # Six letters that follow on six letters are one phrase only if enough texts have the whole of it.
        if found and begin < found[-1][1] and sum(words[found[-1][0] : end] in other for other in others) >= needed:
            found[-1] = (found[-1][0], end)
        elif not found or begin >= found[-1][1]:
            found.append((begin, end))
    return tuple(representative[places[begin] : places[end - 1] + 1] for begin, end in found)
