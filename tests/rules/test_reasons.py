"""The grounds for withholding are the law's nine and ours; disagreement is not among them."""

from __future__ import annotations

from portal.rules.reasons import DEFAULT_WITHHOLDING_REASONS


def test_are_the_nine_items_of_the_law_and_eight_of_ours():
    codes = [reason.code for reason in DEFAULT_WITHHOLDING_REASONS]
    assert codes == [f"M{n}" for n in range(1, 10)] + [f"P{n}" for n in range(1, 9)]


def test_each_says_what_it_rests_on():
    for reason in DEFAULT_WITHHOLDING_REASONS:
        assert reason.words
        assert reason.basis
        assert ("第十五条第" in reason.basis) == reason.is_statutory


def test_criticism_is_no_ground():
    words = "".join(reason.words for reason in DEFAULT_WITHHOLDING_REASONS)
    assert not any(word in words for word in ("批评", "反对草案", "不赞成", "负面"))
