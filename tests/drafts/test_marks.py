"""Marks read from the beginning of a line."""

from __future__ import annotations

import pytest

from portal.drafts.marks import marks_at

MARKS = [
    ("第一章 总则", "chapter", "第一章", (1,), "总则"),
    ("第 三 条 内容", "article", "第三条", (3,), "内容"),
    ("第十二条之一　内容", "article", "第十二条之一", (12, 1), "内容"),
    ("第三部分 任务", "part", "第三部分", (3,), "任务"),
    ("一、总体要求", "cn", "一、", (1,), "总体要求"),
    ("一.指导思想", "cn", "一.", (1,), "指导思想"),
    ("二十一、附则", "cn", "二十一、", (21,), "附则"),
    ("（十六）强化", "cnp", "（十六）", (16,), "强化"),
    ("(一)加强", "cnp", "(一)", (1,), "加强"),
    ("㈡加强", "cnp", "㈡", (2,), "加强"),
    ("1.建设", "num", "1.", (1,), "建设"),
    ("2．建设", "num", "2．", (2,), "建设"),
    ("10、建设", "num", "10、", (10,), "建设"),
    ("（3）建设", "nump", "（3）", (3,), "建设"),
    ("3）建设", "nump", "3）", (3,), "建设"),
    ("⑶建设", "nump", "⑶", (3,), "建设"),
    ("③建设", "circ", "③", (3,), "建设"),
    ("a.满足", "alpha", "a.", (1,), "满足"),
    ("5.1.3 选址", "dec3", "5.1.3", (5, 1, 3), "选址"),
    ("专栏2 工程", "box", "专栏2", (2,), "工程"),
    ("專欄3：工程", "box", "專欄3：", (3,), "工程"),
    ("表1 主要指标", "table", "表1", (1,), "主要指标"),
    ("附件2", "annex", "附件2", (2,), ""),
]

NONE = ["一区二区三区", "2020年起", "百、千、万", "三四、五", "总则", "0.5万元", "", "第章", "（1234）"]


@pytest.mark.parametrize(("text", "kind", "number", "value", "body"), MARKS)
def test_a_mark_is_read(text: str, kind: str, number: str, value: tuple[int, ...], body: str) -> None:
    mark = marks_at(text)[0]
    assert (mark.kind, mark.number, mark.value, text[mark.end :].strip()) == (kind, number, value, body)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_mark(text: str) -> None:
    assert marks_at(text) == ()


def test_a_number_after_a_point_may_be_read_both_ways() -> None:
    assert [mark.number for mark in marks_at("1.80周岁")] == ["1.80", "1."]
