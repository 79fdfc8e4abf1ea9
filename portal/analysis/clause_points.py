"""The points of one clause: its comments read, joined by what people decided, then by likeness, and given their keys."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from portal.analysis import wording
from portal.analysis.headlines import asks, requests
from portal.analysis.key_phrases import key_phrases, phrases_in
from portal.analysis.linkage import NEVER, joined
from portal.analysis.links import Groups
from portal.analysis.point_values import PROPOSES, Comment, Decisions, Kind, Point
from portal.analysis.vectors import Vectors, exact, vectors

_THRESHOLD = 0.12
_OTHER_WAY = 0.6  # of the likeness is left when one wants more and the other less, or only one speaks against
_AT_ONCE = 1_500
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Part:
    """All there is to know about one clause."""

    name: str
    comments: list[Comment]
    decisions: Decisions
    before: list[Point]
    alike: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """A point of a clause, by its texts, before it has a key."""

    texts: list[int]
    #: what all of them say, if they say nothing else
    stance: wording.PlainStance | None
    representative: str
    key_phrases: tuple[str, ...]


class Keys:
    """Names for new points: by the clause and the first of its comments, and never a name that was given before."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._used: set[str] = set()

    def keep(self, key: str) -> bool:
        """Whether a key of before may still be used: it names one point only."""
        is_free = key not in self._used
        self._used.add(key)
        return is_free

    def new(self, clause: str, first: str) -> str:
        for attempt in range(1_000_000):
            key = hashlib.sha256(f"{clause}\0{first}\0{attempt}".encode()).hexdigest()[:12]
            if key not in self._taken:
                break
        self._taken.add(key)
        self._used.add(key)
        return key


@dataclass(slots=True)
class _Text:
    """A text of a clause, with all who sent it in the same words."""

    words: str
    ids: list[str]
    is_judged: bool  # somebody said something about it: it is by itself, even if others wrote the same words
    counts: Counter[str] = field(default_factory=Counter)
    way: tuple[int, bool] = (0, False)


class Clause:
    def __init__(self, part: Part) -> None:
        comments, decisions, before = part.comments, part.decisions, part.before
        self._name = part.name
        self._comments = {comment.id: comment for comment in comments}
        self._decisions = decisions
        self._before = sorted(before, key=lambda point: point.key)
        judged = {each for link in decisions.links for each in (link.one, link.other)} | set(decisions.pinned)
        self.texts: list[_Text] = []
        self._text_of: dict[str, int] = {}
        stood_in = {member: point.key for point in before for member in point.members}
        by_words: dict[tuple[str, str], int] = {}
        # Those that stood in a point first: equal words that people have put into two points stay in two.
        for comment in sorted(comments, key=lambda each: (each.id not in stood_in, each.id)):
            words = "".join(filter(str.isalnum, wording.folded(comment.text)))
            key = (words, stood_in.get(comment.id, ""))
            is_judged = comment.id in judged
            at = None if is_judged else by_words.get(key)
            if at is None:
                at = len(self.texts)
                self.texts.append(_Text(comment.text, [], is_judged))
                if not is_judged:
                    by_words[key] = at
                    by_words.setdefault((words, ""), at)
            self.texts[at].ids.append(comment.id)
            self._text_of[comment.id] = at
        for text in self.texts:
            plain = wording.plain(text.words)
            text.counts, text.way = Counter(wording.features(plain)), wording.direction(plain)
        self._plain = [None if text.is_judged else wording.plain_stance(text.words) for text in self.texts]
        self._groups = self._joined_by_people()
        self._settled = self._seen_in_points()
        self._join_campaigns(part.alike)

    def _joined_by_people(self) -> Groups:
        groups = Groups(range(len(self.texts)))
        pins: dict[str, int] = {}
        for each, key in sorted(self._decisions.pinned.items()):
            if each in self._text_of:
                groups.join(pins.setdefault(key, self._text_of[each]), self._text_of[each])
        heads = list(pins.values())
        for at, one in enumerate(heads):
            for other in heads[:at]:
                groups.keep_apart(one, other)
        for link in reversed(self._decisions.links):
            if link.one in self._text_of and link.other in self._text_of:
                act = groups.join if link.is_together else groups.keep_apart
                act(self._text_of[link.one], self._text_of[link.other])
        firsts: dict[str, int] = {}
        for stance, at in zip(self._plain, range(len(self.texts)), strict=True):
            if stance is not None:
                groups.join(firsts.setdefault(stance, at), at)
        for point in self._before:
            members = [self._text_of[each] for each in point.members if each in self._text_of]
            # The representative first, and whoever is pinned to the point: they are the point, if people pull it apart.
            if point.representative in self._text_of:
                members.insert(0, self._text_of[point.representative])
            if point.key in pins:
                members.insert(0, pins[point.key])
            for member in members[1:]:
                if self._plain[member] == self._plain[members[0]]:
                    groups.join(members[0], member)
        return groups

    def _join_campaigns(self, alike: Mapping[str, str]) -> None:
        """Near-identical texts together, unless that would make one of two points that people have seen."""
        settled = {self._groups.group_of(at): key for at, key in self._settled.items()}
        campaigns: dict[str, int] = {}
        for each, at in self._text_of.items():
            if (campaign := alike.get(each)) is None or self._plain[at] is not None:
                continue
            one = self._groups.group_of(campaigns.setdefault(campaign, at))
            other = self._groups.group_of(at)
            if one != other and not (one in settled and other in settled) and self._groups.join(one, other):
                settled |= {self._groups.group_of(at): settled[group] for group in (one, other) if group in settled}

    # ── likeness ──────────────────────────────────────────────────────────────────────────────────────

    def shapes(self, weight_of: Mapping[str, float]) -> list[Shape]:
        """The points by their texts. Joins groups for that: it is asked for once."""
        rows = vectors([text.counts for text in self.texts], weight_of)
        phrases = [phrases_in(text.words) for text in self.texts]
        spread = Counter(phrase for found in phrases for phrase in found)
        shapes = []
        for texts in self._gathered(rows):
            stances = {wording.plain_stance(self.texts[at].words) for at in texts}
            stance = stances.pop() if len(stances) == 1 else None
            named = [phrases[at] for at in texts] if stance is None else ()
            found = key_phrases(named, spread, len(self.texts), _NAMED)
            shapes.append(Shape(texts, stance, self._medoid(texts, rows), found))
        return shapes

    def points(self, shapes: Iterable[Shape], keys: Keys) -> list[Point]:
        """The points under their keys, the largest first."""
        points = []
        # Of two groups that were one point, the one that somebody pinned to it keeps the key, else the larger.
        for shape in sorted(
            shapes, key=lambda each: (not self._is_pinned(each.texts), -self._size(each.texts), each.texts)
        ):
            members = sorted(each for at in shape.texts for each in self.texts[at].ids)
            key = self._key(members, keys)
            points.append(
                Point(
                    key,
                    self._name,
                    shape.stance or self._kind(members),
                    tuple(members),
                    shape.representative,
                    shape.key_phrases,
                    self._decisions.names.get(key, ""),
                )
            )
        return sorted(points, key=lambda point: (-point.size, point.members))

    def _is_pinned(self, texts: Sequence[int]) -> bool:
        return any(each in self._decisions.pinned for at in texts for each in self.texts[at].ids)

    def _size(self, texts: Sequence[int]) -> int:
        return sum(len(self.texts[at].ids) for at in texts)

    def _kind(self, members: Sequence[str]) -> Kind:
        people = {self._comments[each].person or f"\0{each}" for each in members}
        return "single" if len(people) == 1 else "argument"

    def _gathered(self, rows: Vectors) -> list[list[int]]:
        """The groups as lists of texts, in the order of their first texts."""
        begun: dict[object, list[int]] = defaultdict(list)
        for at in range(len(self.texts)):
            begun[self._groups.group_of(at)].append(at)
        done = [texts for texts in begun.values() if self._plain[texts[0]] is not None]
        open_groups = [texts for texts in begun.values() if self._plain[texts[0]] is None]
        # A few at a time, so that a clause of ten thousand texts needs no matrix of a hundred million.
        carried: list[list[int]] = []
        for start in range(0, len(open_groups), _AT_ONCE):
            batch = carried + open_groups[start : start + _AT_ONCE]
            carried = self._joined_by_likeness(batch, rows)
            alone = [texts for texts in carried if len(texts) == 1]
            if len(alone) > _AT_ONCE and start + _AT_ONCE < len(open_groups):
                done += alone[:-_AT_ONCE]
                carried = [texts for texts in carried if len(texts) > 1] + alone[-_AT_ONCE:]
        return sorted(done + carried)

    def _seen_in_points(self) -> dict[int, str]:
        """Texts that stand in a point people have seen, by the key of that point.

        One comment alone is none, unless people named it or pinned something to it.
        """
        by_people = {*self._decisions.names, *self._decisions.pinned.values()}
        return {
            self._text_of[member]: point.key
            for point in self._before
            if point.kind == "argument" or point.key in by_people
            for member in point.members
            if member in self._text_of
        }

    def _joined_by_likeness(self, batch: list[list[int]], rows: Vectors) -> list[list[int]]:
        means = exact(np.stack([rows[texts].mean(axis=0) for texts in batch]))
        likeness: Vectors = means @ means.T
        ways = [self._way(texts) for texts in batch]
        more = np.array([way for way, _ in ways])
        against = np.array([is_against for _, is_against in ways])
        likeness[np.outer(more, more) < 0] *= _OTHER_WAY
        likeness[against[:, None] != against[None, :]] *= _OTHER_WAY
        seen = np.array([any(at in self._settled for at in texts) for texts in batch])
        likeness[np.outer(seen, seen)] = NEVER
        row_of = {self._groups.group_of(texts[0]): row for row, texts in enumerate(batch)}
        for group, row in row_of.items():
            for foe in self._groups.foes_of(group):
                if foe in row_of:
                    likeness[row, row_of[foe]] = NEVER
        weights = np.array([len(texts) for texts in batch], dtype=np.float32)
        home = joined(likeness, weights, _THRESHOLD)
        together: dict[int, list[int]] = defaultdict(list)
        for row, texts in enumerate(batch):
            first = int(home[row])
            together[first] += texts
            if first != row:
                self._groups.join(batch[first][0], texts[0])
        return [sorted(texts) for texts in together.values()]

    def _way(self, texts: Sequence[int]) -> tuple[int, bool]:
        ways = [self.texts[at].way for at in texts]
        more = sum(way for way, _ in ways)
        return (more > 0) - (more < 0), 2 * sum(is_against for _, is_against in ways) > len(ways)

    # ── naming ────────────────────────────────────────────────────────────────────────────────────────

    def _key(self, members: list[str], keys: Keys) -> str:
        pinned = [self._decisions.pinned[each] for each in members if each in self._decisions.pinned]
        inside = set(members)
        shared = {point.key: len(inside.intersection(point.members)) for point in self._before}
        led = {point.key: point.representative in inside for point in self._before}
        old = sorted(filter(shared.__getitem__, shared), key=lambda key: (-led[key], -shared[key], key))
        for key in (*sorted(set(pinned)), *old):
            if keys.keep(key):
                return key
        return keys.new(self._name, members[0])

    def _medoid(self, texts: list[int], rows: Vectors) -> str:
        """The comment most like all of its point that says what is wanted; three words say too little for others."""
        inside = rows[texts]
        many = np.array([len(self.texts[at].ids) for at in texts], dtype=np.float32)
        likeness = exact(inside) @ exact((inside * many[:, None]).sum(axis=0) / many.sum())
        length = np.array([len(self.texts[at].words) for at in texts], dtype=np.float32)
        wanting = np.array([_wanting(self.texts[at].words) for at in texts], dtype=np.float32)
        score = likeness * wanting * np.clip(length / 18, 0.5, 1) * np.clip(120 / np.maximum(length, 1), 0.5, 1)
        return self.texts[texts[int(score.argmax())]].ids[0]


def _wanting(words: str) -> float:
    """How fit a comment is to stand for others: whoever only complains leaves a drafter without anything to do."""
    said, proposes, _ = words.partition(PROPOSES)
    # a point is called by what is said: a complaint above a good proposal is still a complaint
    return 1.0 if requests(said) else 0.5 if proposes else 0.35 if asks(said) else 0.15
