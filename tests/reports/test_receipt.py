"""The receipt on paper: every character it prints has a glyph, and the instant is said to the second."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pypdfium2

from portal.reports import receipt

PAPER = receipt.Paper(
    title="示例市河湖保洁工作方案",
    publisher="示例市水利局",
    number="26-01-00031-7",
    secret="D26T-BH7D-T76O",
    received_at=datetime(2026, 3, 12, 1, 0, 5, tzinfo=UTC),
    channel="网上",
    respondent="公众（个人）",
    region="望山县",
    letter="",
    digest="ab" * 32,
    address="https://yijian.example.gov.cn/receipts/26-01-00031-7",
    remarks=(receipt.Remark("全文", "", "建议修改", "C-1", "每日巡查两次。"),),
)


def words(made: bytes) -> str:
    document = pypdfium2.PdfDocument(made)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_a_space_is_a_space_and_the_second_is_said():
    said = words(receipt.render(PAPER))
    # a character without a glyph is printed as a box, and read back as nothing
    assert "abababab abababab abababab abababab" in said
    assert "2026年3月12日 09:00" in said
    assert "— 1 —" in said
    assert "2026年3月12日9时00分05秒（北京时间）" in said


def test_the_region_stands_on_it_only_when_it_was_given():
    assert "所在地区 望山县" in words(receipt.render(PAPER))
    assert "所在地区" not in words(receipt.render(dataclasses.replace(PAPER, region="")))
