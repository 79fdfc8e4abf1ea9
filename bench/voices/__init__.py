"""Three hundred comments as people send them, composed from what the clauses of a draft say.

The words are ours (`arguments.toml`: what is said of what, by whom, and what the bureau answers; `people.toml`: who
speaks, how, and by what way). A clause gives the figures that are quoted and the wordings that are proposed: no draft
is kept here. The same clauses and the same seed give the same comments.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_CLOCK = (8, 9, 9, 10, 10, 11, 12, 14, 15, 15, 16, 17, 19, 20, 20, 21, 22, 23)
#: who mostly proposes a wording, and who hardly ever does
_PROPOSES = {"association": 0.9, "university": 0.8, "body": 0.9, "maker": 0.55, "hauler": 0.4, "shop": 0.25}
_PROPOSES_ELSE = 0.12
COPIES, DUPLICATES = 25, 8


@dataclass(frozen=True, slots=True)
class Place:
    """A clause as the composer needs it."""

    label: str
    heading: str
    text: str

    @property
    def words(self) -> str:
        return f"{self.heading}{self.text}"


@dataclass(frozen=True, slots=True)
class Argument:
    """What is argued, at which clause, and what the bureau answers."""

    name: str
    label: str
    stance: str
    disposition: str
    reason: str
    #: the text of the clause as the argument wants it; empty when it proposes none
    changed: str = ""
    #: the draft says so already
    is_there: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One comment: on which clause, for what argument, in what words."""

    argument: Argument
    body: str
    proposed: str = ""


@dataclass(slots=True)
class Letter:
    """One submission: who sends, how, when, what, and what the desk will do with it."""

    voice: str
    kind: str
    organisation: str
    name: str
    way: str
    day: float  # from the first to the last day of the window: 0 to 1
    clock: tuple[int, int]
    remarks: list[Said] = field(default_factory=list)
    withheld: tuple[str, str] = ("", "")  # the reason's code and the note
    repeats: int | None = None  # which letter it says again, word for word
    is_copy: bool = False


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _pattern(words: str) -> re.Pattern[str]:
    """A pattern that takes marks of full and of half width for the same."""
    for mark, both in {"，": "[,，]", r"\(": "[(（]", r"\)": "[)）]"}.items():
        words = words.replace(mark, both)
    return re.compile(words)


def _spun(words: str, chance: random.Random) -> str:
    return _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), words)


@dataclass(slots=True)
class _Entry:
    """An argument of the file, found in the draft."""

    argument: Argument
    says: list[tuple[tuple[str, ...], str]]
    times: int


def _entries(places: Sequence[Place], given: list[dict[str, Any]]) -> Iterator[_Entry]:
    for one in given:
        place, facts = _place(places, one)
        if place is None and one["on"]:
            continue
        disposition, reason = one["answer"]
        changed = _edited(place, one) if place else ""
        is_there = one.get("is_there", False)
        if disposition == "adopted" and not changed and not is_there:
            disposition, reason = "kept_for_study", "所提建议有参考价值，将在制定实施细则时研究。"
        says = []
        for line in one["says"]:
            voices, _, words = line.partition(" | ")
            said = re.sub(r"\{(\w+)\}", lambda found, facts=facts: facts.get(found[1], ""), words)  # type: ignore[misc]
            says.append((tuple(voices.split(",")), said))
        label = place.label if place else ""
        yield _Entry(
            Argument(one["name"], label, one["stance"], disposition, reason, changed, is_there), says, one["times"]
        )


def _place(places: Sequence[Place], one: dict[str, Any]) -> tuple[Place | None, dict[str, str]]:
    """The clause that is spoken of: one whose heading says so, or the first whose text does."""
    if not one["on"]:
        return None, {}
    wanted, unwanted = _pattern(one["on"]), one.get("not_on")
    fitting = [place for place in places if not (unwanted and re.search(unwanted, place.words))]
    for place in sorted(fitting, key=lambda each: not wanted.search(each.heading)):
        if place.text and (found := wanted.search(place.words)):
            return place, {name: value or "" for name, value in found.groupdict().items()}
    return None, {}


def _edited(place: Place, one: dict[str, Any]) -> str:
    if "edit" not in one:
        return ""
    pattern, replacement = one["edit"]
    changed, many = _pattern(pattern).subn(replacement, place.text, count=1)
    return changed if many else ""


def compose(places: Sequence[Place], seed: int = 300, total: int = 300) -> list[Letter]:
    """So many comments in their letters, in the order in which they arrive."""
    chance = random.Random(seed)
    given, people = _read("arguments.toml")["argument"], _read("people.toml")
    entries = list(_entries(places, given))
    withheld = people["withheld"]
    room = total - COPIES - DUPLICATES - len(withheld)
    said: list[tuple[str, Said]] = []
    for entry in entries:
        said += _said(entry, chance)
    chance.shuffle(said)
    # whoever is the only one to say a thing is never left out
    often = Counter(each.argument.name for _, each in said)
    said.sort(key=lambda each: often[each[1].argument.name] > 1)
    said = said[:room]
    said += _plain(people["plain"], places, room - len(said), chance)
    letters = _letters(said, people, chance)
    for number, each in enumerate(
        chance.sample([letter for letter in letters if letter.voice != "body" and len(letter.remarks[-1].body) > 30], 8)
    ):
        last = each.remarks[-1]
        ending = people["private"]["ends"][number % len(people["private"]["ends"])]
        each.remarks[-1] = Said(last.argument, f"{last.body}{ending}", last.proposed)
    letters += _copies(places, people["campaign"], chance)
    for one in withheld:
        letter = _letter("resident", people, chance)
        letter.remarks.append(Said(Argument("", "", "change", "", ""), one["says"]))
        letter.withheld = (one["code"], one["note"])
        letters.append(letter)
    letters.sort(key=lambda each: (each.day, each.clock))
    return _with_duplicates(letters, chance)


def _said(entry: _Entry, chance: random.Random) -> list[tuple[str, Said]]:
    """As many comments as make the argument; who says it again says it in other words."""
    found: dict[str, tuple[str, Said]] = {}
    order = list(range(len(entry.says)))
    chance.shuffle(order)
    for turn in range(entry.times):
        voices, words = entry.says[order[turn % len(order)]]
        voice = chance.choice(voices)
        body = _spun(words, chance)
        if turn >= len(order):
            # the second time the beginning or the end is left out, as people leave it out
            sentences = re.findall(r"[^。？！]+[。？！]", body)
            if len(sentences) < 2 or turn >= 2 * len(order):
                continue
            body = "".join(sentences[1:] if chance.random() < 0.5 else sentences[:-1])
        wanted = entry.argument.changed and chance.random() < _PROPOSES.get(voice, _PROPOSES_ELSE)
        found[body] = voice, Said(entry.argument, body, entry.argument.changed if wanted else "")
    return list(found.values())


def _plain(
    words: dict[str, list[str]], places: Sequence[Place], many: int, chance: random.Random
) -> list[tuple[str, Said]]:
    """Comments that say yes or no to a clause and nothing else."""
    where = [place for place in places if len(place.text) > 60]
    found = []
    for _ in range(max(0, many)):
        stance = "support" if chance.random() < 0.85 else "oppose"
        reason = "感谢支持。" if stance == "support" else "该条为上级文件部署的任务，予以保留；具体建议请随时提出。"
        place = where[min(int(chance.expovariate(3 / len(where))), len(where) - 1)]
        argument = Argument(stance, place.label, stance, "explained", reason)
        found.append(
            (chance.choice(("resident", "student", "shop", "maker")), Said(argument, chance.choice(words[stance])))
        )
    return found


def _letter(voice: str, people: dict[str, Any], chance: random.Random) -> Letter:
    one = people[voice]
    organisation = chance.choice(one["organisations"]) if "organisations" in one else ""
    # many write in the first days, most in the last ones
    day = chance.choice((chance.betavariate(1, 4), chance.betavariate(1, 1), chance.betavariate(4, 1)))
    return Letter(
        voice, one["kind"], organisation, chance.choice(one["names"]), chance.choice(one["ways"]), day,
        (chance.choice(_CLOCK), chance.randrange(60)),
    )  # fmt: skip


def _letters(said: list[tuple[str, Said]], people: dict[str, Any], chance: random.Random) -> list[Letter]:
    """The comments put into letters: citizens send one or two, units several at once."""
    by_voice: dict[str, list[Said]] = {}
    for voice, one in said:
        by_voice.setdefault(voice, []).append(one)
    most = {"association": 6, "university": 5, "body": 4, "maker": 3, "hauler": 2, "shop": 2}
    letters = []
    for voice, waiting in by_voice.items():
        while waiting:
            letter = _letter(voice, people, chance)
            size = chance.randint(1, most.get(voice, 2 if chance.random() < 0.2 else 1))
            while waiting and len(letter.remarks) < size:
                one = waiting.pop()
                if any(one.argument.label == other.argument.label for other in letter.remarks):
                    waiting.insert(0, one)
                    break
                letter.remarks.append(one)
            first = letter.remarks[0]
            opening, ending = chance.choice(people[voice]["opens"]), chance.choice(people[voice]["ends"])
            if len(first.body) > 12:
                letter.remarks[0] = Said(first.argument, opening + first.body, first.proposed)
                last = letter.remarks[-1]
                letter.remarks[-1] = Said(last.argument, last.body + ending, last.proposed)
            letters.append(letter)
    return letters


def _copies(places: Sequence[Place], given: list[dict[str, Any]], chance: random.Random) -> Iterator[Letter]:
    """One letter that many send on a few evenings, each with a word changed here and there."""
    for one in given:
        place, _ = _place(places, one)
        if place is None:
            continue
        argument = Argument("免申即享", place.label, one["stance"], *one["answer"], changed=_edited(place, one))
        for number in range(COPIES):
            yield Letter(
                "maker", "enterprise", f"示例市高新企业{number + 1:02}号有限公司", chance.choice(("张三", "李四", "王五")),
                "web", 0.55 + 0.02 * (number % 6), (19 + number % 4, chance.randrange(60)),
                [Said(argument, _spun(one["says"], chance))], is_copy=True,
            )  # fmt: skip


def _with_duplicates(letters: list[Letter], chance: random.Random) -> list[Letter]:
    """Some send the same again by another way, word for word."""
    sent = list(letters)
    may = [n for n, each in enumerate(letters) if not each.withheld[0] and not each.is_copy and len(each.remarks) == 1
           and len(each.remarks[0].body) > 30 and each.day < 0.9]  # fmt: skip
    for number in chance.sample(may, DUPLICATES):
        old = letters[number]
        way = chance.choice(("letter", "email", "hotline")) if old.way == "web" else "web"
        sent.append(Letter(old.voice, old.kind, old.organisation, old.name, way, min(1.0, old.day + 0.1), (10, 30),
                           list(old.remarks), repeats=number))  # fmt: skip
    return sent
