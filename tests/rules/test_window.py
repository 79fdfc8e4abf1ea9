"""One function decides whether a window is open, and the words never promise another deadline than it keeps."""

from __future__ import annotations

import time as clock
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import window
from portal.rules.window import BEIJING, WindowState
from tests.rules.vectors import vectors

LANGFANG = window.bounds(date(2021, 12, 7), date(2021, 12, 21))
LUQUAN = window.bounds(date(2022, 2, 10), date(2022, 3, 12))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def beijing(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BEIJING)  # type: ignore[arg-type,misc]


@pytest.fixture(params=["Asia/Shanghai", "America/New_York", "UTC", "Pacific/Kiritimati"])
def server_zone(request, monkeypatch):
    """TC-A16: wherever the server thinks it is."""
    monkeypatch.setenv("TZ", request.param)
    clock.tzset()
    yield request.param
    monkeypatch.undo()
    clock.tzset()


class TestBounds:
    def test_are_beijing_midnights_in_utc(self):
        """TC-A14."""
        assert window.bounds(date(2022, 2, 10), date(2022, 3, 12)) == (
            utc("2022-02-09T16:00:00Z"),
            utc("2022-03-12T16:00:00Z"),
        )
        assert all(instant.tzinfo is UTC for instant in LUQUAN)

    def test_agree_with_the_shared_cases(self):
        for case in vectors("utc_bounds"):
            got = window.bounds(date.fromisoformat(case["start"]), date.fromisoformat(case["end"]))
            assert got == (utc(case["open"]), utc(case["close_exclusive"]))

    def test_take_an_hour_of_the_last_day(self):
        _, closes_at = window.bounds(date(2018, 7, 26), date(2018, 8, 26), time(17))
        assert closes_at == utc("2018-08-26T09:00:00Z")

    def test_of_one_day_are_a_day_apart(self):
        opens_at, closes_at = window.bounds(date(2022, 3, 12), date(2022, 3, 12))
        assert closes_at - opens_at == timedelta(days=1)

    @pytest.mark.parametrize(
        ("opens_on", "closes_on", "hour"),
        [
            (date(2022, 3, 12), date(2022, 3, 11), None),
            (date(2022, 3, 12), date(2022, 3, 12), time(0)),
            (date(2022, 3, 12), date.max, None),
        ],
    )
    def test_refuse_a_window_that_cannot_be(self, opens_on, closes_on, hour):
        with pytest.raises(ValueError):
            window.bounds(opens_on, closes_on, hour)


class TestState:
    @pytest.mark.parametrize(
        ("bounds", "at", "expected"),
        [
            (LANGFANG, "2021-12-21T15:59:59Z", WindowState.OPEN),  # TC-A12
            (LANGFANG, "2021-12-21T15:59:59.999999Z", WindowState.OPEN),
            (LANGFANG, "2021-12-21T16:00:00Z", WindowState.CLOSED),  # TC-A13
            (LUQUAN, "2022-02-09T15:59:59Z", WindowState.UPCOMING),  # TC-A15
            (LUQUAN, "2022-02-09T16:00:00Z", WindowState.OPEN),
            (LUQUAN, "2022-03-13T00:00:00+08:00", WindowState.CLOSED),
            (LUQUAN, "2022-03-12T23:59:59+08:00", WindowState.OPEN),
            (LUQUAN, "2022-03-12T10:59:59-05:00", WindowState.OPEN),
            (LUQUAN, "2022-03-12T11:00:00-05:00", WindowState.CLOSED),
        ],
    )
    def test_is_decided_to_the_second_wherever_the_server_stands(self, server_zone, bounds, at, expected):
        assert window.state(*bounds, utc(at)) is expected

    def test_bounds_do_not_depend_on_the_zone_of_the_server(self, server_zone):
        assert window.bounds(date(2022, 2, 10), date(2022, 3, 12)) == LUQUAN

    @pytest.mark.parametrize("naive", [0, 1, 2])
    def test_refuses_a_naive_instant(self, naive):
        instants = [*LUQUAN, LUQUAN[0]]
        instants[naive] = instants[naive].replace(tzinfo=None)
        with pytest.raises(ValueError):
            window.state(*instants)

    @given(
        st.dates(date(1990, 1, 1), date(2090, 1, 1)),
        st.integers(0, 400),
        st.datetimes(timezones=st.sampled_from([UTC, BEIJING, timezone(timedelta(hours=-11))])),
    )
    def test_agrees_with_the_day_in_beijing(self, opens_on, length, at):
        if not 1 < at.year < 9998:
            return
        closes_on = opens_on + timedelta(days=length)
        today = window.day_in_beijing(at)
        expected = (
            WindowState.UPCOMING if today < opens_on else WindowState.OPEN if today <= closes_on else WindowState.CLOSED
        )
        assert window.state(*window.bounds(opens_on, closes_on), at) is expected

    def test_has_words_for_the_list(self):
        assert [each.label for each in WindowState] == ["未开始", "进行中", "已截止", "已撤回"]


class TestDaysLeft:
    @pytest.mark.parametrize(
        ("at", "days"),
        [
            (beijing(2022, 3, 10), 2),  # TC-A21
            (beijing(2022, 3, 10, 23, 59, 59), 2),
            (beijing(2022, 3, 12, 12), 0),
            (beijing(2022, 3, 13), 0),
            (beijing(2022, 3, 20), 0),
            (beijing(2022, 2, 28), 12),
        ],
    )
    def test_counts_beijing_days_to_the_last(self, at, days):
        assert window.days_left(LUQUAN[1], at) == days

    def test_refuses_a_naive_instant(self):
        with pytest.raises(ValueError):
            window.days_left(LUQUAN[1], datetime(2022, 3, 1))  # noqa: DTZ001

    def test_last_day_of_an_afternoon_deadline_is_that_day(self):
        _, closes_at = window.bounds(date(2018, 7, 26), date(2018, 8, 26), time(17))
        assert window.last_day(closes_at) == date(2018, 8, 26)
        assert window.last_day(LUQUAN[1]) == date(2022, 3, 12)


class TestWords:
    def test_name_both_days_and_the_hour(self):
        assert window.words(*LUQUAN) == "2022年2月10日至2022年3月12日24时（含当日，北京时间）"
        assert window.closes_words(LUQUAN[1]) == "截至2022年3月12日24时（含当日）"

    def test_name_the_hour_of_an_afternoon_deadline(self):
        bounds = window.bounds(date(2018, 7, 26), date(2018, 8, 26), time(17))
        assert window.words(*bounds) == "2018年7月26日至2018年8月26日17时（北京时间）"
        assert window.closes_words(bounds[1]) == "截至2018年8月26日17时"

    def test_say_minutes_only_where_there_are_some(self):
        assert window.closes_words(beijing(2018, 8, 26, 17, 30)) == "截至2018年8月26日17时30分"
        assert window.closes_words(beijing(2018, 8, 26, 17, 0, 5)) == "截至2018年8月26日17时00分05秒"

    def test_say_the_hour_a_window_really_began(self):
        assert window.words(beijing(2022, 2, 14, 9), LUQUAN[1]).startswith("2022年2月14日9时至2022年3月12日24时")

    @pytest.mark.parametrize(
        ("at", "said"),
        [
            (beijing(2022, 2, 7, 23, 59), "3日后开始"),
            (beijing(2022, 2, 9, 23, 59, 59), "1日后开始"),
            (beijing(2022, 2, 10), "还剩30天"),
            (beijing(2022, 2, 28, 8), "还剩12天"),
            (beijing(2022, 3, 11, 23, 59, 59), "还剩1天"),
            (beijing(2022, 3, 12), "今日24时截止"),
            (beijing(2022, 3, 12, 23, 59, 59), "今日24时截止"),
            (beijing(2022, 3, 13), "已截止"),
        ],
    )
    def test_say_how_long_it_still_is(self, at, said):
        assert window.left_words(*LUQUAN, at) == said

    def test_say_the_hour_on_the_last_day(self):
        opens_at, closes_at = window.bounds(date(2018, 7, 26), date(2018, 8, 26), time(17))
        assert window.left_words(opens_at, closes_at, beijing(2018, 8, 26, 16, 59)) == "今日17时截止"
        assert window.left_words(opens_at, closes_at, beijing(2018, 8, 26, 17)) == "已截止"

    def test_say_when_it_begins_later_today(self):
        assert window.left_words(beijing(2022, 2, 14, 9), LUQUAN[1], beijing(2022, 2, 14, 8)) == "今日9时开始"

    def test_say_a_moment_and_an_end(self):
        assert window.instant_words(utc("2022-02-14T01:30:00Z")) == "2022年2月14日9时30分"
        assert window.instant_words(utc("2022-03-12T01:05:33Z")) == "2022年3月12日9时05分"
        assert window.instant_words(LUQUAN[0]) == "2022年2月10日0时"
        assert window.closing_words(LUQUAN[1]) == "2022年3月12日24时"
