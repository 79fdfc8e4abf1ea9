"""The phrases of notices about their window."""

import pytest

from portal.drafts.windows import read_window

PUBLISHED = "2022-02-10"

PHRASES = [
    ("征求意见时间从2022年2月10日至2022年3月12日。", "2022-02-10", "2022-03-12"),
    (
        "自2021年12月7日起向社會各界公開征求意見。意見和建議請于2021年12月21日前反饋至廊坊市科技局。",
        "2021-12-07",
        "2021-12-21",
    ),
    ("征求意见时间为2026年9月17日至2026年9月24日。", "2026-09-17", "2026-09-24"),
    ("意见反馈截止日期为2022年3月15日。", None, "2022-03-15"),
    ("请于2026年10月14日前反馈意见。", None, "2026-10-14"),
    ("此次公开征求意见的时间为2022年3月1日至2022年3月31日。", "2022-03-01", "2022-03-31"),
    ("意见反馈截止时间为2019年11月13日。", None, "2019-11-13"),
    ("公开征求意见时间：2022年11月23日至12月9日。", "2022-11-23", "2022-12-09"),
    ("征求意见时间：2022年12月20日至1月18日。", "2022-12-20", "2023-01-18"),
    ("请将意见于7月26日前反馈。", None, "2022-07-26"),
    ("请将修改意见于1月5日前反馈。", None, "2023-01-05"),
    ("征求意见期限为即日起至2022年2月22日。", "2022-02-10", "2022-02-22"),
    ("公示期为2022年3月1日—2022年3月7日。", "2022-03-01", "2022-03-07"),
    ("意见征集期：2022-03-01至2022-03-31", "2022-03-01", "2022-03-31"),
    ("有关意见请在2022年4月1日（含）前以书面形式反馈。", None, "2022-04-01"),
    ("意见反馈截止时间：2022年4月1日17:30。", None, "2022-04-01"),
    ("征求意见时间为2022年2月30日至2022年3月12日。", None, None),
    ("到2025年，全市研发投入达到3%。", None, None),
    ("2019年1月1日至12月31日，困难企业可组织培训。", None, None),
]


@pytest.mark.parametrize(("phrase", "opens", "closes"), PHRASES)
def test_a_phrase_gives_first_and_last_day(phrase: str, opens: str | None, closes: str | None) -> None:
    window = read_window(phrase, PUBLISHED)
    assert (window and window.opens_on, window and window.closes_on) == (opens, closes)


def test_a_length_without_dates_is_told_as_such() -> None:
    window = read_window("自公告之日起30日内提出意见。", PUBLISHED)
    assert window is not None
    assert (window.opens_on, window.closes_on, window.days) == (PUBLISHED, None, 30)


def test_an_application_period_is_not_for_comments() -> None:
    window = read_window("申请时间：2025年8月11日至8月22日。", "2025-08-11")
    assert window is not None
    assert (window.opens_on, window.closes_on, window.for_comments) == ("2025-08-11", "2025-08-22", False)
