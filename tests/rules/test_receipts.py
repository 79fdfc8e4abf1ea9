"""A receipt number survives the telephone, and a digest proves the words as they came."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import receipts

NUMBER = receipts.receipt_number(2026, 7, 42)

years = st.integers(2000, 2099)
consultations = st.integers(1, 9999)
serials = st.integers(1, 9_999_999)


class TestNumber:
    def test_has_year_consultation_serial_and_check_digit(self):
        assert NUMBER[:-1] == "26-07-00042-"
        assert receipts.is_receipt_number(NUMBER)

    def test_is_pinned_so_that_printed_receipts_stay_good(self):
        assert receipts.receipt_number(2026, 1, 1) == "26-01-00001-8"
        assert receipts.receipt_number(2021, 99, 99999) == "21-99-99999-2"

    def test_takes_the_year_of_the_day_in_beijing(self):
        assert receipts.receipt_year(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)) == 2026
        assert receipts.receipt_year(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == 2027
        with pytest.raises(ValueError):
            receipts.receipt_year(datetime(2026, 12, 31))  # noqa: DTZ001

    @given(years, consultations, serials)
    def test_is_its_own_normal_form(self, year, consultation, serial):
        number = receipts.receipt_number(year, consultation, serial)
        assert receipts.normal_receipt_number(number) == number

    @given(years, consultations, serials)
    def test_catches_every_wrong_digit(self, year, consultation, serial):
        number = receipts.receipt_number(year, consultation, serial)
        for at, digit in enumerate(number):
            for wrong in set("0123456789") - {digit} if digit.isdigit() else ():
                assert not receipts.is_receipt_number(number[:at] + wrong + number[at + 1 :])

    @given(years, consultations, serials)
    def test_catches_every_swap_of_neighbours(self, year, consultation, serial):
        number = receipts.receipt_number(year, consultation, serial)
        places = [at for at, digit in enumerate(number) if digit.isdigit()]
        for one, next_one in itertools.pairwise(places):
            swapped = list(number)
            swapped[one], swapped[next_one] = swapped[next_one], swapped[one]
            if "".join(swapped) != number:
                assert not receipts.is_receipt_number("".join(swapped))

    @pytest.mark.parametrize(
        ("year", "consultation", "serial"),
        [(1999, 1, 1), (2100, 1, 1), (2026, 0, 1), (2026, 10000, 1), (2026, 1, 0), (2026, 1, 10_000_000)],
    )
    def test_refuses_what_has_no_number(self, year, consultation, serial):
        with pytest.raises(ValueError):
            receipts.receipt_number(year, consultation, serial)

    @pytest.mark.parametrize(
        "typed",
        [
            "26-01-00001-8",
            " 26-01-00001-8 ",
            "2601000018",
            "26 01 00001 8",
            "２６－０１－００００１－８",
            "26—01—00001—8",
            "260100001 8",
            "26 - 01 - 00001 - 8",
            "26\u300001\u300000001\u30008",
        ],
    )
    def test_is_read_however_it_was_typed(self, typed):
        assert receipts.normal_receipt_number(typed) == "26-01-00001-8"

    @pytest.mark.parametrize(
        "typed",
        ["", "-", "26-01-00001", "26-01-00001-4", "26-001-00001-8", "26-00-00000-0", "13812345678", "①②", "x" * 10_000],
    )
    def test_refuses_everything_else(self, typed):
        assert not receipts.is_receipt_number(typed)

    @given(st.text(max_size=60))
    def test_never_raises(self, text):
        normal = receipts.normal_receipt_number(text)
        assert normal is None or receipts.normal_receipt_number(normal) == normal


class TestDigest:
    def test_is_of_sorted_json_without_spaces(self):
        payload = {"b": "意见", "a": [1, True, None, {"y": 1, "x": 2}]}
        assert receipts.canonical(payload) == '{"a":[1,true,null,{"x":2,"y":1}],"b":"意见"}'.encode()
        assert receipts.digest(payload) == hashlib.sha256(receipts.canonical(payload)).hexdigest()

    def test_does_not_depend_on_the_order_of_keys(self):
        assert receipts.digest({"a": 1, "b": 2}) == receipts.digest({"b": 2, "a": 1})

    def test_keeps_words_as_received(self):
        composed, decomposed = "caf\u00e9", "cafe\u0301"
        assert receipts.digest({"t": composed}) != receipts.digest({"t": decomposed})
        assert receipts.digest({"t": "a\r\nb"}) != receipts.digest({"t": "a\nb"})

    @pytest.mark.parametrize("value", [float("nan"), "\ud800"])
    def test_refuses_what_is_not_json(self, value):
        with pytest.raises(ValueError):
            receipts.canonical({"t": value})

    def test_refuses_values_json_has_no_word_for(self):
        with pytest.raises(TypeError):
            receipts.canonical({"t": datetime(2026, 1, 1, tzinfo=UTC)})
