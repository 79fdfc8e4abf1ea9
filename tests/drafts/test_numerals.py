"""Numerals read and written."""

import pytest

from portal.drafts.numerals import chinese, whole_number

NUMERALS = [
    ("一", 1), ("十", 10), ("十六", 16), ("二十", 20), ("二十一", 21), ("一百", 100), ("一百二十", 120), ("二百零一", 201),
    ("一千零五", 1005), ("〇五", 5), ("二〇三五", 2035), ("两", 2), ("12", 12), ("１２", 12), ("③", 3), ("⑿", 12), ("㈣", 4),
    ("⒈", 1), ("㉑", 21),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), NUMERALS)
def test_a_numeral_is_read(text: str, value: int) -> None:
    assert whole_number(text) == value


@pytest.mark.parametrize("text", ["", "甲", "1a", "九九九九九九九九九九九"])
def test_what_is_no_numeral(text: str) -> None:
    assert whole_number(text) is None


@pytest.mark.parametrize("value", [*range(1, 130), 200, 201, 210, 999, 1000, 1005, 1010, 1100, 2024, 9999])
def test_what_is_written_is_read_back(value: int) -> None:
    assert whole_number(chinese(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(10, "十"), (15, "十五"), (20, "二十"), (101, "一百零一"), (110, "一百一十")]
)
def test_numbers_are_written_as_clauses_are_cited(value: int, text: str) -> None:
    assert chinese(value) == text
