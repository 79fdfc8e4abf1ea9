"""What holds for all six files: they refuse a wrong summary, they do not know the clock, nothing breaks them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal import reports
from portal.reports import FORMATS, TotalsDoNotBalance
from portal.rules.words import Disposition
from tests.reports.conftest import make, single

ALL = pytest.mark.parametrize("name", list(FORMATS))

HOSTILE = [
    "=HYPERLINK(\"http://evil.example/\",\"点我\")",
    "控制符\x00\x01\x07\x08\x0b\x0c\x1b\x7f\x85结束",
    "孤立代理\ud800与\udfff\ufffe\uffff结束",
    "双向\u202e反写\u2067隔离\u200f标记",
    "表情😀👨‍👩‍👧‍👦🇨🇳和𬭎䶮〇·𠮷",
    "长" * 5000,
    "https://" + "a" * 6000,
    "<script>alert(1)</script>&amp;<b>&#x41;",
    "]]><w:p/>{{ 7*7 }}{% raw %}",
    "阿拉伯文 مرحبا بالعالم ไทย हिन्दी",
    "。。。。。，，，，，" * 200,
    "（（（（《《《《" * 200,
    "第一行\r\n第二行\r第三行\u2028第四行\n\n\n\n\n第五行",
    " \t\u3000 ",
    "_x0041_ _x000D_",
    "Ŵ" * 40_000,
]  # fmt: skip


def test_the_formats_are_known_by_their_extension():
    assert list(FORMATS) == ["docx", "pdf", "xlsx", "csv", "json", "html"]
    for name, report in FORMATS.items():
        assert name == report.EXTENSION
        assert "/" in report.MIMETYPE


@ALL
def test_refuses_totals_that_do_not_balance_and_says_where(name, unbalanced):
    with pytest.raises(TotalsDoNotBalance, match=f"合计：收到{unbalanced.totals.received}条"):
        reports.render(name, unbalanced)


@ALL
def test_refuses_a_clause_that_does_not_list_what_it_published(name, summary):
    clauses = list(summary.clauses)
    clauses[2] = replace(clauses[2], comments=clauses[2].comments[1:])
    with pytest.raises(TotalsDoNotBalance, match="列出"):
        reports.render(name, replace(summary, clauses=tuple(clauses)))


@ALL
def test_refuses_dispositions_that_are_not_those_of_the_comments(name, summary):
    wrong = replace(summary, dispositions=((Disposition.ADOPTED, 1),))
    with pytest.raises(TotalsDoNotBalance, match="采纳情况"):
        reports.render(name, wrong)


@ALL
def test_the_same_summary_gives_the_same_bytes(name, summary, monkeypatch):
    first = reports.render(name, summary)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert reports.render(name, make()) == first


@ALL
def test_a_consultation_without_comments_has_a_report(name, silent):
    assert len(reports.render(name, silent)) > 200


@ALL
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_the_public_writes_breaks_a_file(name, text):
    hostile = single(text, respondent=text[:60], proposed_text=text, disposition=Disposition.ADOPTED, reason=text,
                     changed_text=text, original_text=text)  # fmt: skip
    assert reports.render(name, hostile)
