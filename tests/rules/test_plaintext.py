"""Marks that reorder or hide text are gone from what is kept; names and titles do not pass one alphabet off as another."""

from __future__ import annotations

import unicodedata

import pytest

from portal.errors import NotValid
from portal.rules import plaintext

GONE = "\x00\x07\x1b\x85\u00ad\u034f\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2064\u2066\u2069\u206f\u3164\ufeff\uffa0\ufff9\U000e0041\ud800"


@pytest.mark.parametrize("mark", GONE, ids=[f"U+{ord(mark):04X}" for mark in GONE])
def test_what_reorders_or_hides_text_is_gone(mark):
    assert plaintext.received(f"示例{mark}公司") == "示例公司"


@pytest.mark.parametrize("kept", ["👨\u200d👩\u200d👧", "ئۇيغۇرچە", "ᠮᠣᠩᠭᠣᠯ", "བོད་ཡིག", "Ⅲ级", "1.5μm", "𠮷", "①"])
def test_what_people_write_stays(kept):
    assert plaintext.received(kept) == kept


def test_a_name_that_reads_backwards_reads_forwards():
    assert plaintext.one_line("局\u202e长\u202c", 40, "姓名", "name") == "局长"
    assert unicodedata.bidirectional(plaintext.one_line("\u2067abc", 40, "姓名", "name")[0]) == "L"


@pytest.mark.parametrize("name", ["аdmin", "Tеst公司", "示例IВM公司", "GΟΟD", "5Gс基站", "xа1", "а1x"])
def test_a_word_of_two_alphabets_is_refused(name):
    with pytest.raises(NotValid, match="混用了看起来一样的外文字母") as told:
        plaintext.one_line(name, 40, "单位名称", "organisation")
    assert told.value.fault == "organisation"


@pytest.mark.parametrize(
    "name",
    [
        "示例公司ABC",
        "β-内酰胺",
        "ΔT温差",
        "10μm以下",
        "Ωm",
        "Иванов",
        "Русская компания ABC",
        "ЕАЭС与WTO",
        "α、β测试A组",
        "A座Б座",
    ],
)
def test_honest_names_are_not(name):
    assert plaintext.one_line(name, 40, "单位名称", "organisation") == name
