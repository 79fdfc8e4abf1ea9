"""A year of holidays is read as an office pastes it, and every line that cannot be read says why."""

from __future__ import annotations

from datetime import date

import pytest

from portal.rules.holidays import CALENDAR
from portal.rules.yearly_notice import pasted, read_pasted

YEAR = """# 国办发明电
2027-01-01 休 元旦
2027年2月5日至11日 休 春节
2027-02-14　班　春节
2027/4/3 - x
"""


def test_days_spans_and_other_ways_to_write_a_date():
    found = read_pasted(
        "2027-01-01 休 元旦\n2027年2月5日至2月11日 休 春节\n2027.2.14,班,春节\n\n2027/10/1至2027/10/7　放假　国庆节",
        2027,
    )
    assert not found.faults
    assert len(found.days) == 1 + 7 + 1 + 7
    assert found.days[date(2027, 2, 14)] == ("班", "春节")
    assert found.days[date(2027, 10, 7)] == ("休", "国庆节")
    assert found.not_named == ("清明节", "劳动节", "端午节", "中秋节")


@pytest.mark.parametrize("year", CALENDAR.years)
def test_every_known_year_can_be_pasted_back(year):
    found = read_pasted(pasted(CALENDAR.years[year]), year)
    assert (found.days, found.faults, found.not_named) == (CALENDAR.years[year], (), ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("元旦 休", "看不懂“元旦 休”"),
        ("2027-01-01 红 元旦", "“红”应当是“休”或“班”"),
        ("2027-02-30 休 春节", "没有2027-02-30这一天"),
        ("2026-12-31 休 元旦", "2026-12-31不在2027年"),
        ("2027-01-04 班 元旦", "2027-01-04本来就是工作日"),
        ("2027-02-11至2027-02-05 休 春节", "起止日期有误"),
        ("2027-01-01至2027-12-31 休 春节", "起止日期有误"),
        ("2027-01-02 休 " + "节" * 41, "最多40字"),
        ("2027-03-01 休 元旦\n2027-03-01 休 元旦", "2027-03-01写了两次"),
    ],
)
def test_a_wrong_line_says_what_is_wrong_and_which(line, said):
    found = read_pasted("2027-01-01 休 元旦\n" + line, 2027)
    assert said in found.faults[-1].what.message
    assert found.faults[-1].line == 1 + len(line.splitlines())


@pytest.mark.parametrize("text", ["", "\n\n# 只有说明\n", "2027-02-14 班 春节"])
def test_a_year_without_a_day_of_rest_is_no_year(text):
    assert "没有读到放假的日子" in read_pasted(text, 2027).faults[-1].what.message
