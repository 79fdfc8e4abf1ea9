"""Another script for reading: text changes, tags, fields and quotations do not."""

from __future__ import annotations

import pytest

from portal.drafts.script import converted, page_converted, quoted


@pytest.mark.parametrize(
    ("words", "script", "read"),
    [
        ("发展新材料，优化营商环境", "hant", "發展新材料，優化營商環境"),
        ("強化企業科技創新，著力構建", "hans", "强化企业科技创新，着力构建"),
        ("建立平台，线上新增", "hans", "建立平台，线上新增"),
        ("R&D 3.5%", "hant", "R&D 3.5%"),
        ("审核员核对，作为考核依据", "hant", "審核員核對，作為考核依據"),
        ("60日内制定具体落实措施", "hant", "60日內制定具體落實措施"),
        ("按月向上游付款，协同中下游", "hant", "按月向上游付款，協同中下游"),
    ],
)
def test_words(words: str, script: str, read: str) -> None:
    assert converted(words, script) == read


def test_a_page_keeps_its_tags_and_fields() -> None:
    page = (
        '<p class="发展">发展</p><textarea name="x">发展</textarea><a href="/发展">优化</a><script src="发"></script>'
    )
    assert page_converted(page, "hant") == (
        '<p class="发展">發展</p><textarea name="x">发展</textarea><a href="/发展">優化</a><script src="发"></script>'
    )


@pytest.mark.parametrize(
    ("quote", "words", "found"),
    [
        ("优化营商环境", "一是优化营商环境。", "优化营商环境"),
        ("優化營商環境", "一是优化营商环境。", "优化营商环境"),
        ("强化企业", "二、強化企業創新", "強化企業"),
        ("优化 营商\n环境", "一是优化营商环境。", "优化营商环境"),
        ("开发展\n加快", "一、开发展 加快步伐", "开发展 加快"),
        ("  ", "一是优化", None),
        ("没有这话", "一是优化营商环境。", None),
    ],
)
def test_a_quotation_finds_its_words(quote: str, words: str, found: str | None) -> None:
    assert quoted(quote, words) == found
