"""Who answers for a clause."""

from __future__ import annotations

import pytest

from portal.drafts import parse

NOTES = [
    ("（牵头单位：市科技局；责任单位：市财政局、市商务局）", [("牵头单位", "市科技局"), ("责任单位", "市财政局 市商务局")]),
    ("(牵头单位:市科技局,责任单位:各县市区政府)", [("牵头单位", "市科技局"), ("责任单位", "各县市区政府")]),
    ("（责任部门：市科技局、市发展改革委（能源局），各区政府）", [("责任部门", "市科技局 市发展改革委（能源局） 各区政府")]),
    ("(責任單位:市科技局、市國資委)", [("責任單位", "市科技局 市國資委")]),
    ("（市科技局、市财政局，各县市区政府负责）", [("负责", "市科技局 市财政局 各县市区政府")]),
    ("（教育部、财政部，各省级人民政府按职责分工负责）", [("负责", "教育部 财政部 各省级人民政府")]),
    ("（财政部、人民银行负责。列第一位者为牵头单位，下同）", [("负责", "财政部 人民银行")]),
    ("(牵头单位:安平县、饶阳县、深州市政府)", [("牵头单位", "安平县政府 饶阳县政府 深州市政府")]),
    ("(责任单位:高新区、滨湖新区管委会)", [("责任单位", "高新区管委会 滨湖新区管委会")]),
    ("责任单位：市科技局、市财政局", [("责任单位", "市科技局 市财政局")]),
    ("（含幼儿园）", []),
    ("（以下由企业负责）", []),
]  # fmt: skip


@pytest.mark.parametrize(("note", "expected"), NOTES)
def test_a_note_names_roles_and_offices(note: str, expected: list[tuple[str, str]]) -> None:
    draft = parse(f"示例方案\n一、任务\n（一）加强领导。各单位要抓好落实。{note}\n（二）加大投入。\n")
    found = [(r.role, " ".join(r.departments)) for r in draft.responsibilities]
    assert found == expected
    assert all(r.path == ("一、", "（一）") and draft.nodes[r.node].number == "（一）" for r in draft.responsibilities)
    assert note.strip("（）()") in draft.nodes[1].text
