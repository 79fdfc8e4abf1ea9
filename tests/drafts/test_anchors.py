"""Quoted words find their place, also from a page in another script, also when they stand there twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.drafts.anchors import anchored

WORDS = "（一）建立巡查制度\n城区河道每日巡查一次，农村河道每周巡查一次。"


def test_the_place_and_what_stands_around_it():
    anchor = anchored("每日巡查一次", WORDS)
    assert WORDS[anchor.start : anchor.end] == anchor.exact == "每日巡查一次"
    assert anchor.prefix.endswith("城区河道")
    assert anchor.suffix.startswith("，农村河道")


@pytest.mark.parametrize(("after", "prefix"), [(None, "每日"), (15, "每日"), (24, "每周"), (999, "每周"), (0, "每日")])
def test_words_that_stand_there_twice_are_told_apart_by_what_stands_before(after, prefix):
    anchor = anchored("巡查一次", WORDS, after)
    assert anchor.prefix.endswith(prefix)


def test_a_quotation_from_the_traditional_view_means_the_stored_words():
    anchor = anchored("農村 河道每週巡查", WORDS)
    assert anchor.exact == "农村河道每周巡查"


@pytest.mark.parametrize("quote", ["", "  ", "别处的话", "每日巡查两次"])
def test_what_does_not_stand_there_has_no_place(quote):
    assert anchored(quote, WORDS) is None


@given(st.text("甲乙丙 \n", min_size=1, max_size=40), st.integers(0, 39), st.integers(1, 40))
def test_every_selection_is_found_at_its_own_place(words, start, length):
    quote = words[start : start + length]
    if not quote.strip():
        return
    anchor = anchored(quote, words, len("".join(words[:start].split())))
    assert "".join(anchor.exact.split()) == "".join(quote.split())
    assert len("".join(words[: anchor.start].split())) == len("".join(words[:start].split()))
