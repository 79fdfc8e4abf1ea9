from __future__ import annotations

import pytest

from portal.reports.title_lines import WIDTH, title_lines

NAMES = [
    "《短（征求意见稿）》",
    "《关于进一步提升企业自主创新能力的若干政策措施（征求意见稿）》",
    "《廊坊市强化企业科技创新专项服务工作方案(2021-2025年)（征求意见稿）》公众意见采纳情况反馈",
    "长" * 90 + "（征求意见稿）》",
    "Implementation Plan of the Example District for the Years 2021-2025（征求意见稿）",
]


def width(line: str) -> float:
    return sum(0.5 if mark.isascii() else 1 for mark in line)


@pytest.mark.parametrize("name", NAMES)
def test_lines_lose_nothing_and_fit(name):
    made = title_lines(name)
    assert "".join(made) == name
    assert all(width(line) <= WIDTH for line in made)
    assert len(made) <= -(-width(name) // WIDTH) + 1


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (NAMES[0], [NAMES[0]]),
        (
            "《石家庄市鹿泉区科技创新“十四五”规划（征求意见稿）》",
            ["《石家庄市鹿泉区科技创新", "“十四五”规划（征求意见稿）》"],
        ),
        (
            "关于《廊坊市强化企业科技创新专项服务工作方案(2021-2025年)》公开征求意见情况的说明",
            ["关于《廊坊市强化企业科技创新", "专项服务工作方案(2021-2025年)》", "公开征求意见情况的说明"],
        ),
        (
            "《示例市河湖保洁工作方案（征求意见稿）》公众意见采纳情况反馈",
            ["《示例市河湖保洁工作方案", "（征求意见稿）》公众意见采纳情况反馈"],
        ),
    ],
)
def test_lines_end_where_the_meaning_does(name, lines):
    assert title_lines(name) == lines


def test_no_line_begins_with_what_closes_or_ends_with_what_opens():
    for name in NAMES:
        for before, after in zip(made := title_lines(name), made[1:], strict=False):
            assert before[-1] not in "（《(“"
            assert after[0] not in "）》)”年，、"
