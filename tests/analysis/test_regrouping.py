"""Groups once more: what people decided wins, names stay, and one by one gives what all at once gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import planted
from portal.analysis.campaigns import Group, group
from portal.analysis.likeness import near_ones
from portal.analysis.regrouping import Decisions, continued, decided, regroup

A = "建议在河湾小区增设一处社区助餐点，老人走路不超过十分钟，菜价要公示，由街道负责日常检查。"
B = "开发区到火车站的公交末班车太早，下了中班只能走路回家，请把末班车延长到晚上十一点半。"
TEXTS = {
    1: A,
    2: A + "谢谢！",
    3: "您好，" + A,
    4: A.replace("十分钟", "一刻钟"),
    11: B,
    12: B + "辛苦了。",
    13: "领导好：" + B,
    20: "路灯坏了。",
}

DECIDED = [
    ("nothing decided", Decisions(), [(1, 2, 3, 4), (11, 12, 13)]),
    ("one moved to another group", Decisions(moved={4: 11}), [(1, 2, 3), (4, 11, 12, 13)]),
    ("one moved to one that is alone", Decisions(moved={4: 20}), [(1, 2, 3), (4, 20), (11, 12, 13)]),
    ("the first moved: the group keeps the others", Decisions(moved={1: 13}), [(1, 11, 12, 13), (2, 3, 4)]),
    ("moved after one that was moved", Decisions(moved={4: 3, 3: 12}), [(1, 2), (3, 4, 11, 12, 13)]),
    ("two moved to one another", Decisions(moved={4: 12, 12: 4}), [(1, 2, 3), (4, 11, 12, 13)]),
    ("two groups joined", Decisions(joined=frozenset({(2, 13)})), [(1, 2, 3, 4, 11, 12, 13)]),
    ("a group joined with one alone", Decisions(joined=frozenset({(20, 1)})), [(1, 2, 3, 4, 20), (11, 12, 13)]),
    ("put apart", Decisions(apart=frozenset({(1, 4)})), [(1, 2, 3), (11, 12, 13)]),
    ("put apart, one following", Decisions(moved={3: 4}, apart=frozenset({(1, 4)})), [(1, 2), (3, 4), (11, 12, 13)]),
    ("three put apart from one another", Decisions(apart=frozenset({(1, 2), (2, 3), (3, 1)})), [(1, 4), (11, 12, 13)]),
    ("joined and put apart", Decisions(joined=frozenset({(1, 11)}), apart=frozenset({(1, 11)})), None),
    (
        "out of scope",
        Decisions(moved={99: 1, 2: 98}, joined=frozenset({(1, 97)}), apart=frozenset({(1, 96)})),
        [(1, 2, 3, 4), (11, 12, 13)],
    ),
]


@pytest.mark.parametrize(("why", "decisions", "members"), DECIDED, ids=[row[0] for row in DECIDED])
def test_what_people_decided_wins(why: str, decisions: Decisions, members: list[tuple[int, ...]] | None) -> None:
    found = decided(group(TEXTS.items()), decisions, TEXTS)
    if members is not None:
        assert sorted(each.members for each in found) == members
    for each in found:
        assert each.representative in each.members
        assert not any({one, two} <= set(each.members) for one, two in decisions.apart)


def test_a_group_goes_on_in_the_one_that_has_most_of_it() -> None:
    before = [Group((1, 2, 3), 1, 3, False), Group((4, 5), 4, 2, False), Group((8, 9), 8, 1, True)]
    now = [Group((1, 4, 5), 4, 3, False), Group((2, 3, 7), 2, 3, False)]
    assert continued(before, now) == {1: (4,), 2: (1,)}
    assert continued([*before, Group((7,), 7, 1, False)], now)[2] == (1, 7)
    assert continued([], now) == {}


def test_a_new_text_joins_starts_or_brings_together() -> None:
    before = group(TEXTS.items())
    again = regroup(before, Decisions(), TEXTS | {5: "各位：" + A, 21: "路灯坏了！"})
    assert [each.members for each in again.groups] == [(1, 2, 3, 4, 5), (11, 12, 13), (20, 21)]
    assert again.continues == {1: (1,), 11: (11,)}


NUMBERS = st.integers(1, 13)
PAIRS = st.frozensets(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1]), max_size=5)


@given(st.dictionaries(NUMBERS, NUMBERS, max_size=4), PAIRS, PAIRS)
def test_any_decisions_leave_everybody_in_one_place(
    moved: dict[int, int], joined: frozenset[tuple[int, int]], apart: frozenset[tuple[int, int]]
) -> None:
    found = decided(group(TEXTS.items()), Decisions(moved, joined, apart), TEXTS)
    members = [number for each in found for number in each.members]
    assert len(members) == len(set(members))
    assert set(members) <= set(TEXTS)
    for each in found:
        assert len(each.members) > 1
        assert not any({one, two} <= set(each.members) for one, two in apart)


PLANTED = planted.plant(2_000, seed=21)
#: four members of each of some clusters, and a few texts that are alone
MADE = [
    text
    for cluster in (-1, 1, 2, 3, 4, 5, 6, 7)
    for text in [text for text, its in zip(PLANTED.texts, PLANTED.clusters, strict=True) if its == cluster][:4]
]


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(len(MADE))).map(lambda order: order[:24]))
def test_one_by_one_gives_what_all_at_once_gives(order: list[int]) -> None:
    texts = {number: MADE[number] for number in order}
    there: dict[int, str] = {}
    groups: tuple[Group, ...] = ()
    for number in order:
        there[number] = texts[number]
        scope = _scope(number, there, groups)
        touched = [each for each in groups if each.number in scope]
        again = regroup(touched, Decisions(), {one: there[one] for one in scope})
        groups = tuple(sorted({*groups} - {*touched} | {*again.groups}, key=lambda each: each.number))
    assert groups == group(texts.items())


def _scope(number: int, there: dict[int, str], groups: tuple[Group, ...]) -> set[int]:
    """The new one, what is near it, the groups of these, what is near those, and so on."""
    scope, newest = {number}, [number]
    while newest:
        one = newest.pop()
        others = [other for other in there if other not in scope]
        found = {
            other
            for other, is_so in zip(others, near_ones(there[one], [there[o] for o in others]), strict=True)
            if is_so
        }
        for each in groups:
            if one in each.members:
                found |= set(each.members) - scope
        scope |= found
        newest += sorted(found)
    return scope
