"""The minimum periods of the law, counted as the worked cases count them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portal.rules.holidays import CALENDAR, CalendarMissing
from portal.rules.periods import (
    DEFAULT_DOCUMENT_TYPES,
    Count,
    Force,
    Unit,
    Weight,
    assess,
    count,
    earliest_end,
)
from tests.rules.vectors import vectors

RULES = {rule.code: rule for rule in DEFAULT_DOCUMENT_TYPES}
REASON = "因须配套实施上级部署，情况紧急"


def day(text: str) -> date:
    return date.fromisoformat(text)


def judged(code: str, first: str, last: str, **more):
    return assess(RULES[code], opens_on=day(first), closes_on=day(last), calendar=CALENDAR, **more)


class TestTable:
    def test_has_every_row(self):
        assert list(RULES) == [
            "LAW", "XZFG", "XZFG-2", "GZ", "GZ-2", "ZDJC", "ZDJC-D", "GFXWJ-E", "GFXWJ", "CXGH", "FWZS", "WNGH",
            "GPJZ", "QT",
        ]  # fmt: skip

    def test_only_two_rows_may_not_be_shortened(self):
        assert {code for code, rule in RULES.items() if rule.force is Force.AT_LEAST} == {"CXGH", "FWZS"}

    def test_names_minimum_and_unit_together(self):
        for rule in RULES.values():
            assert (rule.minimum is None) == (rule.unit is None)
            assert rule.basis
            assert rule.name

    def test_counts_in_working_days_only_where_the_indicators_do(self):
        assert {code for code, rule in RULES.items() if rule.unit is Unit.WORKDAY} == {"GFXWJ", "QT"}

    def test_asks_for_an_explanatory_note_where_the_law_does(self):
        assert {code for code, rule in RULES.items() if rule.needs_explanatory_note} == {"XZFG", "GZ", "ZDJC", "ZDJC-D"}


class TestCount:
    @pytest.mark.parametrize(
        ("first", "last", "civil", "inclusive", "workdays"),
        [
            # the evidence table of published notices
            ("2021-12-07", "2021-12-21", 14, 15, 10),
            ("2022-02-10", "2022-03-12", 30, 31, 21),
            ("2023-12-26", "2024-01-24", 29, 30, 20),
            ("2026-09-18", "2026-10-17", 29, 30, 16),
            ("2026-09-17", "2026-10-17", 30, 31, 17),
            ("2022-03-07", "2022-04-07", 31, 32, 22),
            ("2024-09-19", "2024-10-03", 14, 15, 8),
            ("2025-06-06", "2025-06-16", 10, 11, 6),
            ("2022-11-18", "2022-11-24", 6, 7, 4),
        ],
    )
    def test_agrees_with_published_notices(self, first, last, civil, inclusive, workdays):
        counted = count(day(first), day(last), CALENDAR)
        assert (counted.civil, counted.inclusive, counted.workdays_civil) == (civil, inclusive, workdays)

    def test_counts_the_first_day_only_when_inclusive(self):
        assert count(day("2025-06-06"), day("2025-06-16"), CALENDAR).workdays_inclusive == 7

    def test_of_one_day(self):
        assert count(day("2022-02-10"), day("2022-02-10"), CALENDAR) == Count(0, 1, 0, 1)

    def test_needs_no_calendar_for_civil_days(self):
        """A window into a year without a calendar is still counted, and the working days are honestly unknown."""
        assert count(day("2026-12-10"), day("2027-01-09"), CALENDAR) == Count(30, 31, None, None)

    def test_refuses_a_span_that_runs_backwards(self):
        with pytest.raises(ValueError):
            count(day("2022-02-11"), day("2022-02-10"), CALENDAR)

    def test_agrees_with_the_shared_cases(self):
        for case in vectors("windows"):
            counted = count(day(case["start"]), day(case["end"]), CALENDAR)
            assert counted.civil == case.get("days", counted.civil)
            assert counted.inclusive == case.get("inclusive_days", counted.inclusive)
            assert counted.workdays_civil == case.get("workdays", counted.workdays_civil)
            rule = RULES[case["type"]]
            assert (rule.minimum, str(rule.unit)) == (case["min"], case["unit"])
            assert judged(case["type"], case["start"], case["end"], mode=case["mode"]).is_legal == case["ok"]
            if "ok_inclusive" in case:
                both = judged(case["type"], case["start"], case["end"], mode="inclusive")
                assert both.is_legal == case["ok_inclusive"]


class TestEarliestEnd:
    @pytest.mark.parametrize(
        ("start", "n", "unit", "mode", "end"),
        [
            ("2022-02-10", 30, Unit.DAY, "civil", "2022-03-12"),  # TC-A05
            ("2022-02-10", 30, Unit.DAY, "inclusive", "2022-03-11"),
            ("2021-12-07", 30, Unit.DAY, "civil", "2022-01-06"),  # TC-A06
            ("2021-12-07", 7, Unit.WORKDAY, "civil", "2021-12-16"),  # TC-A07
            ("2021-12-07", 7, Unit.WORKDAY, "inclusive", "2021-12-15"),
            ("2022-01-24", 7, Unit.WORKDAY, "civil", "2022-02-07"),  # TC-A08
            ("2021-09-28", 7, Unit.WORKDAY, "civil", "2021-10-13"),  # TC-A09
            ("2022-02-10", 7, Unit.WORKDAY, "civil", "2022-02-21"),  # TC-A10
            ("2022-03-12", 20, Unit.WORKDAY, "civil", "2022-04-11"),
            ("2021-12-21", 20, Unit.WORKDAY, "civil", "2022-01-19"),
            ("2021-12-11", 1, Unit.WORKDAY, "inclusive", "2021-12-13"),  # a Saturday is no working day to count
            ("2021-12-10", 1, Unit.WORKDAY, "inclusive", "2021-12-10"),
        ],
    )
    def test_is_the_first_day_that_is_late_enough(self, start, n, unit, mode, end):
        assert earliest_end(day(start), n, unit, mode, CALENDAR) == day(end)

    def test_agrees_with_the_shared_cases(self):
        for case in vectors("earliest_end"):
            got = earliest_end(day(case["start"]), case["n"], Unit(case["unit"]), case["mode"], CALENDAR)
            assert got == day(case["end"])

    def test_refuses_to_guess_a_year(self):
        """TC-A20."""
        with pytest.raises(CalendarMissing, match="2027") as raised:
            earliest_end(day("2026-12-28"), 7, Unit.WORKDAY, "civil", CALENDAR)
        assert raised.value.year == 2027

    def test_needs_no_calendar_for_days(self):
        assert earliest_end(day("2026-12-28"), 30, Unit.DAY, "civil", CALENDAR) == day("2027-01-27")

    def test_refuses_a_period_of_nothing(self):
        with pytest.raises(ValueError):
            earliest_end(day("2022-02-10"), 0, Unit.DAY, "civil", CALENDAR)


class TestAssess:
    def test_an_enterprise_document_of_fourteen_days_needs_a_reason(self):
        """TC-A01, the notice of Langfang."""
        it = judged("GFXWJ-E", "2021-12-07", "2021-12-21")
        assert (it.is_legal, it.needs_reason, it.is_refused, it.is_shortened) == (False, True, False, True)
        assert (it.days, it.minimum) == (14, 30)
        assert it.earliest_end == day("2022-01-06")
        assert [m.weight for m in it.messages] == [Weight.REASON]
        assert str(it.messages[0]) == (
            "期限为14日，《优化营商环境条例》第六十二条要求一般不少于30日，请写明缩短期限的理由。最早可于2022年1月6日截止"
        )

    def test_the_same_window_suits_another_type(self):
        """TC-A02."""
        it = judged("GFXWJ", "2021-12-07", "2021-12-21")
        assert it.is_legal
        assert it.days == 10
        assert it.messages == ()

    def test_thirty_days_are_enough_and_a_saturday_is_only_a_warning(self):
        """TC-A03 and R-A6."""
        it = judged("ZDJC", "2022-02-10", "2022-03-12")
        assert it.is_legal
        assert it.days == 30
        assert it.ends_on_rest_day
        assert it.next_workday == day("2022-03-14")
        assert [str(m) for m in it.messages] == ["截止日2022年3月12日为休息日，建议顺延至下一工作日2022年3月14日"]

    def test_the_two_ways_of_counting_may_differ(self):
        """TC-A04."""
        assert judged("ZDJC", "2022-02-10", "2022-03-11").days == 29
        assert judged("ZDJC", "2022-02-10", "2022-03-11").needs_reason
        assert judged("ZDJC", "2022-02-10", "2022-03-11", mode="inclusive").is_legal

    def test_a_week_over_a_weekend_is_four_working_days(self):
        """TC-A11."""
        it = judged("GFXWJ", "2022-11-18", "2022-11-24")
        assert (it.days, it.is_legal) == (4, False)

    @pytest.mark.parametrize(
        "published",
        [
            datetime(2022, 2, 14, 1, 0, tzinfo=UTC),
            datetime(2022, 2, 13, 16, 0, tzinfo=UTC),  # already the 14th in Beijing
            date(2022, 2, 14),
        ],
    )
    def test_counts_from_the_real_publication_not_from_a_typed_date(self, published):
        """TC-A17 and R-A5."""
        it = judged("ZDJC", "2022-02-10", "2022-03-12", published=published)
        assert (it.days, it.is_legal, it.counted_from) == (26, False, day("2022-02-14"))
        assert it.earliest_end == day("2022-03-16")
        assert str(it.messages[0]) == "期限自首次发布之日（2022年2月14日）起算"

    def test_an_early_notice_does_not_lengthen_the_window(self):
        it = judged("ZDJC", "2022-02-10", "2022-03-11", published=day("2022-02-01"))
        assert (it.days, it.counted_from) == (29, day("2022-02-10"))

    def test_refuses_a_naive_instant(self):
        with pytest.raises(ValueError):
            judged("ZDJC", "2022-02-10", "2022-03-12", published=datetime(2022, 2, 14, 9))  # noqa: DTZ001

    def test_what_may_not_be_shortened_is_refused_whatever_the_reason(self):
        """TC-A18."""
        it = judged("CXGH", "2022-02-10", "2022-03-11", reason=REASON)
        assert (it.days, it.is_legal, it.is_refused, it.needs_reason) == (29, False, True, False)
        assert it.messages[0].weight is Weight.REFUSAL

    def test_a_reason_makes_a_shortened_window_legal_and_stays_marked(self):
        """TC-A19 and R-A3."""
        it = judged("ZDJC", "2022-02-14", "2022-03-01", reason=REASON)
        assert (it.days, it.is_legal, it.needs_reason, it.is_shortened) == (15, True, False, True)
        assert it.messages[0].weight is Weight.WARNING

    @pytest.mark.parametrize(
        ("reason", "is_enough"), [("", False), ("情况紧急", False), ("急 " * 9, False), ("急" * 10, True)]
    )
    def test_a_reason_has_at_least_ten_characters_that_are_not_blank(self, reason, is_enough):
        assert judged("ZDJC", "2022-02-14", "2022-03-01", reason=reason).is_legal is is_enough

    def test_where_nothing_is_prescribed_we_only_warn(self):
        it = judged("QT", "2022-11-18", "2022-11-24")
        assert (it.is_legal, it.days, it.is_shortened) == (True, 4, False)
        assert "建议不少于7个工作日" in str(it.messages[0])
        assert judged("WNGH", "2022-11-18", "2022-11-24").messages == ()

    def test_working_days_in_a_year_without_a_calendar_are_refused_by_name(self):
        """TC-A20."""
        with pytest.raises(CalendarMissing, match="2027"):
            judged("GFXWJ", "2026-12-20", "2027-01-10")

    def test_civil_days_into_such_a_year_are_counted_and_the_rest_day_left_open(self):
        it = judged("ZDJC", "2026-12-10", "2027-01-09")
        assert (it.is_legal, it.days, it.ends_on_rest_day, it.next_workday) == (True, 30, None, None)
        assert [str(m) for m in it.messages] == ["尚无2027年的节假日安排，无法判断截止日2027年1月9日是否为休息日"]

    def test_the_next_working_day_may_be_unknown(self):
        it = judged("QT", "2026-12-01", "2026-12-31")
        assert it.ends_on_rest_day is False
        no_2023 = type(CALENDAR)({2022: CALENDAR.years[2022]})
        it = assess(RULES["QT"], opens_on=day("2022-12-01"), closes_on=day("2022-12-31"), calendar=no_2023)
        assert (it.ends_on_rest_day, it.next_workday) == (True, None)

    def test_a_window_over_before_it_was_published_is_refused(self):
        it = judged("QT", "2022-02-10", "2022-03-12", published=day("2022-03-13"))
        assert (it.is_legal, it.is_refused) == (False, True)
        assert "早于" in str(it.messages[0])
