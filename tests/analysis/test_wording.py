"""What is the same to say, and what is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.analysis import wording
from portal.analysis.linkage import NEVER, joined
from portal.analysis.links import Groups


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("门槛偏高", "条件过高"),
        ("建议延至五年", "希望延长5年"),
        ("补助两万元", "奖励2万元"),
        ("手续繁琐", "流程复杂"),
        ("比例百分之二十", "比例20%"),
    ],
)
def test_same_meaning_same_features(one, other):
    assert set(wording.features(wording.plain(one))) == set(wording.features(wording.plain(other)))


@pytest.mark.parametrize(
    ("spoken", "digits"),
    [
        ("五年", "5年"),
        ("十五日", "15日"),
        ("二十万元", "20万元"),
        ("一百零五家", "105家"),
        ("两千户", "2000户"),
        ("二〇三五年", "2035年"),
        ("百分之三点五", "3.5%"),
        ("一是", "一是"),
        ("万元", "万元"),
    ],
)
def test_spoken_numbers(spoken, digits):
    assert wording.in_digits(spoken) == digits


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("支持", "approval"),
        ("完全同意这一条！", "approval"),
        ("没有意见", "approval"),
        ("支持高企培育，赞成。", "approval"),
        ("坚决反对", "objection"),
        ("不同意。", "objection"),
        ("支持，但建议提高标准", None),
        ("反对住改商", None),
        ("不支持外地企业可以吗", None),
        ("支持企业人才住房建设用地不足的问题要先解决", None),
        ("", None),
    ],
)
def test_plain_stance(text, stance):
    assert wording.plain_stance(text) == stance


@pytest.mark.parametrize(
    ("text", "way"),
    [("建议提高到50%", (1, False)), ("门槛太高", (-1, False)), ("反对提高门槛", (1, True)), ("请公开名单", (0, False))],
)
def test_direction(text, way):
    assert wording.direction(wording.plain(text)) == way


@given(st.text(max_size=300))
def test_any_text_has_features(text):
    list(wording.features(wording.plain(text)))
    wording.plain_stance(text)


class TestGroups:
    def test_what_was_kept_apart_is_never_joined(self):
        groups = Groups("abcd")
        assert groups.keep_apart("a", "b")
        assert groups.join("b", "c")
        assert not groups.join("c", "a")
        assert not groups.keep_apart("b", "c")
        assert groups.foes_of("c") == {groups.group_of("a")}

    @given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), max_size=30))
    def test_every_accepted_word_holds_to_the_end(self, words):
        groups = Groups(range(8))
        accepted = [word for word in words if (groups.join if word[2] else groups.keep_apart)(*word[:2])]
        for one, other, is_together in accepted:
            assert (groups.group_of(one) == groups.group_of(other)) == is_together


class TestLinkage:
    @given(st.integers(1, 9), st.integers(0, 10_000), st.floats(0.05, 0.9))
    @settings(max_examples=200)
    def test_is_what_the_plain_method_finds(self, rows, seed, threshold):
        """Against the definition: join the two nearest groups, on the average over all pairs, while they are near."""
        chance = np.random.default_rng(seed)
        half = chance.random((rows, rows))
        likeness = ((half + half.T) / 2).astype(np.float32)
        groups = [[row] for row in range(rows)]
        while len(groups) > 1:
            pairs = [
                (float(likeness[np.ix_(groups[a], groups[b])].mean()), a, b)
                for b in range(len(groups))
                for a in range(b)
            ]
            best, a, b = max(pairs)
            if best < threshold:
                break
            groups[a] += groups.pop(b)
        home = joined(likeness.copy(), np.ones(rows, dtype=np.float32), threshold)
        found = {frozenset(int(row) for row in np.flatnonzero(home == first)) for first in set(home.tolist())}
        assert found == {frozenset(group) for group in groups}

    def test_never_is_never_even_by_way_of_a_third(self):
        likeness = np.full((3, 3), 0.9, dtype=np.float32)
        likeness[0, 1] = likeness[1, 0] = NEVER
        home = joined(likeness, np.ones(3, dtype=np.float32), 0.1)
        assert home[0] != home[1]
