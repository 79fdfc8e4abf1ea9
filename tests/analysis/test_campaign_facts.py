"""What is said of a campaign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.analysis.campaign_facts import arrivals, beside, shared_phrases

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LETTER = "建议在河湾小区增设一处社区助餐点，菜价要公示。由街道负责日常检查，每月公布一次结果。"


def test_when_and_by_what_ways_it_came() -> None:
    came = [
        (NOON + timedelta(days=3), "letter"),
        (NOON, "web"),
        *((NOON + timedelta(days=1, minutes=i), "web") for i in range(12)),
    ]
    found = arrivals(came)
    assert found is not None
    assert (found.number, found.first_at, found.last_at) == (14, NOON, NOON + timedelta(days=3))
    assert found.channels == (("web", 13), ("letter", 1))
    assert (found.busiest_from, found.in_busiest_hour) == (NOON + timedelta(days=1), 12)
    assert found.is_burst


def test_an_hour_has_no_last_instant() -> None:
    found = arrivals([(NOON, "web"), (NOON + timedelta(hours=1), "web")])
    assert found is not None
    assert found.in_busiest_hour == 1
    assert not found.is_burst


def test_ten_in_the_only_hour_there_was_are_no_burst() -> None:
    found = arrivals([(NOON + timedelta(minutes=i), "web") for i in range(10)])
    assert found is not None
    assert not found.is_burst


def test_none_came() -> None:
    assert arrivals([]) is None


def test_what_a_member_adds() -> None:
    assert beside(LETTER, LETTER + "谢谢！") == (("same", LETTER), ("ins", "谢谢！"))
    assert beside(LETTER, LETTER.replace("，", ",")) == (("same", LETTER.replace("，", ",")),)
    assert beside(LETTER, "") == (("del", LETTER),)


@given(st.text(alphabet="河湾小区，。增设A ", max_size=30), st.text(alphabet="河湾小区，。增设A ", max_size=30))
def test_what_stands_beside_is_the_text(representative: str, text: str) -> None:
    assert "".join(piece for kind, piece in beside(representative, text) if kind != "del") == text


PHRASES = [
    ([LETTER, LETTER], (LETTER[:-1],)),
    (["您好。" + LETTER[:17], LETTER[:17] + "谢谢。"], ("建议在河湾小区增设一处社区助餐点",)),
    ([LETTER, "路灯坏了，请派人来修。", "公交末班车太早了。"], ()),
    (
        [LETTER.replace("，", " "), LETTER.replace("每月", "每季度")],
        ("建议在河湾小区增设一处社区助餐点，菜价要公示。由街道负责日常检查，每月公布一次结果",),
    ),
    ([], ()),
]


@pytest.mark.parametrize(("texts", "phrases"), PHRASES)
def test_phrases_that_are_shared(texts: list[str], phrases: tuple[str, ...]) -> None:
    assert shared_phrases(LETTER, texts) == phrases


def test_two_phrases_of_a_letter_that_was_rewritten_between_them() -> None:
    texts = [LETTER.replace("菜价要公示", each) for each in ("价格要便宜", "味道要好些", "地方要干净")]
    assert shared_phrases(LETTER, texts) == ("建议在河湾小区增设一处社区助餐点", "由街道负责日常检查，每月公布一次结果")
