"""Groups once more: with the texts that came since, and with what people decided by hand, which always wins.

Grouping again within a scope gives what grouping everything would give, if the scope holds every text that the bands
bring together with one in it, and no more than nine texts share the head of a band; beyond that, a band looks only at
those nearest in its order, and the order knows what else is there. A service that asks only whether a new text is near
the representative of a group (`likeness.near_ones`) never puts in what a group could not hold; but a group whose
representative was not the most typical may gain members when it is grouped again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.analysis.campaigns import Group, group, most_typical
from portal.analysis.letters import letters


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided, in numbers of comments. Apart is stronger than joined and than moved."""

    #: one comment belongs with another, wherever that is; one that was put apart and belongs with itself is the one
    #: that leaves
    moved: Mapping[int, int] = field(default_factory=dict)
    #: the groups of two comments are one
    joined: frozenset[tuple[int, int]] = frozenset()
    #: two comments are never in one group
    apart: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Regrouped:
    """The groups of a scope, and which of the groups before each of them goes on: that of most of its members first."""

    groups: tuple[Group, ...]
    continues: Mapping[int, tuple[int, ...]]


def regroup(before: Sequence[Group], decisions: Decisions, texts: Mapping[int, str]) -> Regrouped:
    """Groups the texts, applies the decisions, and says what became of the groups before.

    `texts` is the whole scope: the new ones, all members of the groups before, and whatever stands alone near them.
    """
    found = decided(group(texts.items()), decisions, texts)
    return Regrouped(found, continued(before, found))


def decided(groups: Iterable[Group], decisions: Decisions, texts: Mapping[int, str]) -> tuple[Group, ...]:
    """The groups as people decided them. Decisions about comments out of scope wait until these are in scope."""
    machine = {number: each for each in groups for number in each.members}
    place = {number: each.number for number, each in machine.items()}
    for number in texts:
        place.setdefault(number, number)
    _move(place, decisions.moved)
    for one, two in sorted(decisions.joined):
        if one in place and two in place:
            kept, given_up = sorted((place[one], place[two]))
            place = {number: kept if at == given_up else at for number, at in place.items()}
    members: dict[int, list[int]] = {}
    for number in sorted(place):
        members.setdefault(place[number], []).append(number)
    parts = [part for each in members.values() for part in _parted(each, decisions, machine)]
    made = [_made(part, machine, texts) for part in parts if len(part) > 1]
    return tuple(sorted(made, key=lambda each: each.number))


def continued(before: Iterable[Group], now: Iterable[Group]) -> dict[int, tuple[int, ...]]:
    """Which groups go on in which: a group before goes on in the one that has most of its members, once only.

    What people wrote about a group, such as its name, stays with the first of these.
    """
    place = {number: each.number for each in now for number in each.members}
    heirs: dict[int, list[tuple[int, int]]] = {}
    for each in before:
        shares: dict[int, int] = {}
        for number in each.members:
            if number in place:
                shares[place[number]] = shares.get(place[number], 0) + 1
        if shares:
            heir, share = min(shares.items(), key=lambda item: (-item[1], item[0]))
            heirs.setdefault(heir, []).append((-share, each.number))
    return {heir: tuple(number for _, number in sorted(olds)) for heir, olds in sorted(heirs.items())}


def _move(place: dict[int, int], moved: Mapping[int, int]) -> None:
    """Puts moved comments where their companions are; a companion may itself be moved, but not in a circle."""
    for number in sorted(moved):
        at, seen = number, {number}
        while at in moved and moved[at] in place and moved[at] not in seen:
            at = moved[at]
            seen.add(at)
        if number in place and at != number:
            place[number] = place[at]


def _parted(members: list[int], decisions: Decisions, machine: Mapping[int, Group]) -> list[list[int]]:
    """The members in as many parts as it takes to keep apart what is to be apart."""
    inside = set(members)
    strangers: dict[int, set[int]] = {}
    for one, two in decisions.apart:
        if one in inside and two in inside:
            strangers.setdefault(one, set()).add(two)
            strangers.setdefault(two, set()).add(one)
    if not strangers:
        return [members]
    # The representative keeps the group, unless it is told to leave; who has no stranger in it stays, or follows the companion it was moved to.
    first = machine[members[0]].representative if members[0] in machine else members[0]
    if decisions.moved.get(first) == first:
        first = -1
    order = sorted(members, key=lambda number: (number != first, number not in strangers, number in decisions.moved))
    parts: list[list[int]] = []
    part_of: dict[int, int] = {}
    for number in order:
        fit = [i for i, part in enumerate(parts) if not strangers.get(number, set()) & set(part)]
        wanted = part_of.get(decisions.moved.get(number, number), 0)
        chosen = wanted if wanted in fit else fit[0] if fit else len(parts)
        if chosen == len(parts):
            parts.append([])
        parts[chosen].append(number)
        part_of[number] = chosen
    return [sorted(part) for part in parts]


def _made(members: list[int], machine: Mapping[int, Group], texts: Mapping[int, str]) -> Group:
    """A group of these; the machine's own if it is the same."""
    found = machine.get(members[0])
    if found and list(found.members) == members:
        return found
    alike = {number: letters(texts[number]) for number in members}
    made = Group(tuple(members), 0, len(set(alike.values())), False)
    return replace(
        made,
        representative=most_typical({number: texts[number] for number in members}),
        is_short=made.texts == 1 and all(each.is_short for number in members if (each := machine.get(number))),
    )
