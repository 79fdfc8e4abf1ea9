"""A code is the same code however a keyboard writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import codes

DASHES = "-‐‑‒–—―−－﹣⸺⸻〜・·_─ー一　 \t\u200b\ufeff"


@pytest.mark.parametrize("dash", DASHES, ids=[f"U+{ord(dash):04X}" for dash in DASHES])
def test_any_dash_or_blank_is_none(dash):
    assert codes.plain(dash.join(("FZL5", "BSLO", "IWBD"))) == "FZL5BSLOIWBD"
    assert codes.plain(dash) == ""


@pytest.mark.parametrize(
    "typed", ["ＦＺＬ５－ＢＳＬＯ－ＩＷＢＤ", "fzl5bsloiwbd", "ｆｚｌ５　ｂｓｌｏ　ｉｗｂｄ", "FZL5一BSLO一IWBD"]
)
def test_a_chinese_keyboard_writes_the_same_code(typed):
    assert codes.plain(typed) == "FZL5BSLOIWBD"


def test_what_secrets_of_registered_letters_follow_from_stays_as_it_was():
    assert codes.plain("00ff/registration") == "00FF/REGISTRATION"


def test_six_digits_of_any_width():
    assert codes.plain(" １２３ 456 ") == "123456"


def test_it_is_printed_in_groups_of_four():
    assert codes.grouped("fzl5bsloiwbd") == "FZL5-BSLO-IWBD"
    assert codes.grouped("") == ""


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", max_size=20), st.lists(st.sampled_from(DASHES)))
def test_whatever_stands_between_its_letters_it_stays_the_same(code, between):
    typed = list(code.lower())
    for place, mark in enumerate(between):
        typed.insert(place * 2, mark)
    assert codes.plain("".join(typed)) == codes.plain(codes.grouped(code)) == code
