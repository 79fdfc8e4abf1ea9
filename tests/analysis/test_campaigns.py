"""What counts as the same text, as near-identical, and as one campaign."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import planted
from portal.analysis.campaigns import Group, group, most_typical
from portal.analysis.letters import folded, letters
from portal.analysis.likeness import is_near, near_ones
from portal.analysis.sketches import BANDS, HEAD, LONGEST, band_keys, head_of, sketch

LETTER = (
    "各位领导好：关于养老服务一章，建议把社区助餐点的补贴标准写进正文，不要只写“鼓励”二字。"
    "我母亲今年八十一岁，每天要走四十分钟去吃一顿热饭，冬天路滑，很不放心。希望明年能在小区里设一个点。"
)

SAME = [
    ("支持！", "支持"),
    ("同意，支持。", " 同意 支持 "),
    ("支持ＡＢＣ１２３号方案", "支持abc123号方案"),
    ("建議加強監督，著力解決後續問題", "建议加强监督，着力解决后续问题"),
    ("第㈠条", "第一条"),
    ("café", "cafe\u0301"),
    ("隐\u200b形\ufeff字符", "隐形字符"),
    ("㎡", "m2"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_these_are_the_same_text(one: str, two: str) -> None:
    assert letters(one) == letters(two) != ""
    assert is_near(one, two)


DIFFERENT = [
    ("支持", "不支持"),
    ("同意第三条", "同意第四条"),
    ("支持！", "支持支持！"),
    ("", ""),
    ("👍", "👍"),
    ("。", "，"),
]


@pytest.mark.parametrize(("one", "two"), DIFFERENT)
def test_short_texts_are_the_same_only_if_equal_and_no_letters_are_no_text(one: str, two: str) -> None:
    assert not is_near(one, two)
    assert group([(1, one), (2, two)]) == ()


CLAUSE = (
    "企业研发机构建设由区科技局会同区财政局按年度列出支持名单，对新认定的给予一次性补助，并在门户网站公开到每一个项目"
)
NEAR = [
    ("a word changed", LETTER, LETTER.replace("八十一岁", "七十九岁")),
    ("a greeting added", LETTER, "尊敬的编制组同志们：你们好！" + LETTER),
    ("a sentence of one's own", LETTER, LETTER + "另外，助餐点的菜价也应当公示，老人牙口不好，希望有软烂一些的菜。"),
    ("the sentences in another order", LETTER, "。".join(reversed(LETTER.split("。")))),
    (
        "traditional script",
        LETTER,
        "各位領導好：關於養老服務一章，建議把社區助餐點的補貼標準寫進正文，不要只寫「鼓勵」二字。" + LETTER[43:],
    ),
    (
        "typing errors",
        LETTER,
        LETTER.replace("补贴", "补帖").replace("社区", "设区").replace("冬天", "东天").replace("小区", "校区"),
    ),
]


@pytest.mark.parametrize(("why", "one", "two"), NEAR, ids=[row[0] for row in NEAR])
def test_near_identical(why: str, one: str, two: str) -> None:
    assert is_near(one, two)
    assert is_near(two, one)
    assert len(group([(1, one), (2, two)])) == 1


FAR = [
    (
        "the same clause quoted",
        f"第三条规定“{CLAUSE}”，我认为名单应当先征求车间工人的意见，不能只由两个局来定。",
        f"征求意见稿提出“{CLAUSE}”。补助多少没有写清楚，去年我们等了七个月也没有到账。",
    ),
    (
        "stock phrases shared",
        "建议加大资金支持力度。村口的路灯坏了半年，夜里孩子放学看不见路。希望能够真正落到实处。",
        "建议加大资金支持力度。职称评定还在看论文篇数，一线技工没有出路。希望能够真正落到实处。",
    ),
    ("one subject", LETTER, "养老服务一章写得很细，我只想问一句：社区助餐点由哪个部门验收，出了食品安全问题找谁？"),
    (
        "a pattern with other words",
        "单位里有五十六个人等着贷款贴息。请有关部门研究。",
        "班组里有三十四个人等着公交线路。请有关部门研究。",
    ),
]


@pytest.mark.parametrize(("why", "one", "two"), FAR, ids=[row[0] for row in FAR])
def test_not_near_identical(why: str, one: str, two: str) -> None:
    assert not is_near(one, two)
    assert not is_near(two, one)
    assert group([(1, one), (2, two)]) == ()


def test_a_group_says_what_it_holds() -> None:
    texts = {
        7: LETTER.replace("八十一岁", "七十九岁"),
        3: LETTER,
        9: LETTER.replace("。", "！"),
        4: "支持！",
        8: "支持",
        5: "路灯坏了半年，请尽快派人来修，孩子晚上放学害怕。",
    }
    assert group(texts.items()) == (Group((3, 7, 9), 3, 2, False), Group((4, 8), 4, 1, True))
    assert [each.number for each in group(texts.items())] == [3, 4]


def test_everything_in_a_group_is_near_its_representative() -> None:
    made = planted.plant(1_500, seed=3)
    for each in group(enumerate(made.texts)):
        others = [made.texts[member] for member in each.members]
        assert all(near_ones(made.texts[each.representative], others))


def test_a_chain_of_copies_of_copies_does_not_reach_unlike_texts() -> None:
    chance = random.Random(4)
    chain = [LETTER]
    while len(chain) < 30:
        chain.append(planted.edited(chain[-1], 0.1, chance))
    assert not is_near(chain[0], chain[-1])
    for each in group(enumerate(chain)):
        assert all(near_ones(chain[each.representative], [chain[member] for member in each.members]))
        assert not {0, 29} <= set(each.members)


def test_what_was_planted_is_found_and_little_else() -> None:
    made = planted.plant(3_000, seed=11)
    groups = [each for each in group(enumerate(made.texts)) if not each.is_short]
    place = {member: each.number for each in groups for member in each.members}
    original = {c: i for i, (c, level) in enumerate(zip(made.clusters, made.levels, strict=True)) if level is None}
    for level, least in ((0.0, 0.98), (0.05, 0.97), (0.1, 0.97), (0.2, 0.93)):
        copies = [i for i, each in enumerate(made.levels) if each == level]
        found = [i for i in copies if i in place and place[i] == place.get(original[made.clusters[i]])]
        assert len(found) >= least * len(copies), level
    pairs = [(a, b) for each in groups for a in each.members for b in each.members if a < b]
    true = [pair for pair in pairs if made.clusters[pair[0]] == made.clusters[pair[1]] >= 0]
    assert len(true) >= 0.98 * len(pairs)


def test_the_order_of_the_texts_does_not_matter() -> None:
    texts = list(enumerate(planted.plant(600, seed=8).texts))
    first = group(texts)
    random.Random(2).shuffle(texts)
    assert group(texts) == first


def test_other_numbers_give_the_same_groups() -> None:
    texts = planted.plant(400, seed=9).texts
    numbers = list(range(len(texts)))
    random.Random(5).shuffle(numbers)
    there = {frozenset(texts[i] for i in each.members) for each in group(enumerate(texts))}
    again = group(zip(numbers, texts, strict=True))
    back = dict(zip(numbers, texts, strict=True))
    assert {frozenset(back[i] for i in each.members) for each in again} == there


WORDS = st.text(alphabet="建议加大资金支持力度的是，。 1aA㈠後\u200b👍\n", max_size=60)


@given(st.lists(WORDS, max_size=8))
def test_folding_many_is_folding_each(texts: list[str]) -> None:
    codes, starts = folded(texts)
    joined = codes.tobytes().decode("utf-32-le")
    assert [joined[a:b] for a, b in pairwise(starts)] == [letters(text) for text in texts]


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once_and_never_fails(text: str) -> None:
    assert letters(letters(text)) == letters(text)


@given(WORDS, WORDS)
def test_near_is_mutual_and_a_text_is_near_itself(one: str, two: str) -> None:
    assert is_near(one, two) == is_near(two, one)
    assert is_near(one, one) == bool(letters(one))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(planted.plant(60, seed=13).texts), max_size=25))
def test_groups_are_parts_of_what_came(texts: list[str]) -> None:
    groups = group(enumerate(texts))
    members = [member for each in groups for member in each.members]
    assert len(members) == len(set(members))
    for each in groups:
        assert list(each.members) == sorted(each.members)
        assert each.representative in each.members
        assert 1 <= each.texts <= len(each.members) >= 2
        assert each.texts == len({letters(texts[member]) for member in each.members})
    place = {member: each.number for each in groups for member in each.members}
    for i, one in enumerate(texts):
        for j, two in enumerate(texts[:i]):
            if letters(one) and letters(one) == letters(two):
                assert place[i] == place[j]


def test_band_keys_fit_a_table_and_meet_at_their_head() -> None:
    one, two = band_keys(sketch(LETTER)), band_keys(sketch("您好，" + LETTER))
    assert len(one) == BANDS
    assert all(0 <= key < 2**63 for key in one)
    assert list(one) == sorted(one)
    assert any(head_of(a) <= b < head_of(a) + HEAD for a, b in zip(one, two, strict=True))
    assert not any(head_of(a) <= b < head_of(a) + HEAD for a in one for b in one if a != b)
    assert band_keys(sketch("支持")) == ()
    assert sketch("支持").is_short


def test_the_most_typical_is_the_one_most_are_like() -> None:
    chance = random.Random(1)
    copies = {i: planted.edited(LETTER, 0.2, chance) for i in range(1, 12)}
    assert most_typical(copies | {20: LETTER}) == 20
    assert most_typical({5: "支持", 2: "支持！"}) == 2


def test_huge_texts_do_not_hang() -> None:
    chance = random.Random(7)
    book = "".join(chance.choice("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏") for _ in range(3_000_000))
    began = time.perf_counter()
    found = group([(1, book), (2, book + "完"), (3, LETTER), (4, LETTER + "谢谢"), (5, "！" * 3_000_000)])
    assert [each.members for each in found] == [(1, 2), (3, 4)]
    assert time.perf_counter() - began < 20
    assert is_near(book[:LONGEST] + "甲", book[:LONGEST] + "乙")


@pytest.mark.parametrize("texts", [[], [(1, "")], [(1, "一")], [(5, LETTER)]])
def test_few_texts(texts: list[tuple[int, str]]) -> None:
    assert group(texts) == ()
