"""The five real documents: how many of each level they have, and their oddities."""

from __future__ import annotations

from collections import Counter

import pytest

from portal.drafts import Draft, parse
from portal.drafts.targets import read_targets
from tests.drafts.corpus import seed


@pytest.fixture(scope="module")
def drafts() -> dict[str, Draft]:
    return {number: parse(seed(number)) for number in ("000", "001", "002", "003", "004")}


COUNTS = {
    "000": {"cn": 7, "cnp": 29},
    "001": {"chapter": 6, "section": 13, "cn": 25, "cnp": 7, "num": 36, "box": 8, "table": 1},
    "002": {"cn": 5, "cnp": 13, "num": 20},
    "003": {"cn": 4, "cnp": 8, "num": 8},
    "004": {"cn": 3, "cnp": 16},
}
NOT_COUNTED = {"lead", "paragraph", "closing", "attachments"}


@pytest.mark.parametrize("number", sorted(COUNTS))
def test_how_many_clauses_of_each_level(drafts: dict[str, Draft], number: str) -> None:
    found = Counter(node.kind for node in drafts[number].nodes if node.kind not in NOT_COUNTED)
    assert dict(found) == COUNTS[number]


@pytest.mark.parametrize(
    ("number", "roles"),
    [
        ("000", {"牵头单位": 29, "责任单位": 29}),
        ("002", {"責任部門": 23, "責任單位": 1}),
        ("004", {"负责": 22}),
    ],
)
def test_who_answers_for_the_clauses(drafts: dict[str, Draft], number: str, roles: dict[str, int]) -> None:
    assert Counter(r.role for r in drafts[number].responsibilities) == roles


def test_items_in_boxes(drafts: dict[str, Draft]) -> None:
    nodes = drafts["001"].nodes
    boxes = [k for k, node in enumerate(nodes) if node.kind == "box"]
    assert [sum(node.parent == k for node in nodes) for k in boxes] == [5, 4, 5, 4, 3, 6, 5, 4]
    assert [nodes[k].number for k in boxes] == ["", "专栏2", "专栏3", "", "专栏5", "", "专栏7", "专栏8"]
    fifth = [node.number for node in nodes if node.parent == boxes[4]]
    assert fifth == ["2.", "3.", "4."]


def test_the_flattened_table_is_a_table(drafts: dict[str, Draft]) -> None:
    table = next(node for node in drafts["001"].nodes if node.kind == "table")
    assert table.number == "表1"
    indicators = [cell for row in table.rows for cell in row if cell[:1].isdigit() and "." in cell[:3] and "(" in cell]
    assert len(indicators) == 16
    assert "累计增长" in table.text
    assert table.rows[0] == ("", "指标名称", "2020年基数", "2025年目标", "年均增长[累计]", "指标属性")
    assert table.rows[6] == ("", "6.高新技术企业数量(家)", "228", "350", "[122]", "预期性")
    assert table.rows[13][0] == "创新转化"
    assert {len(row) for row in table.rows} == {6}
    assert len(table.rows) == 17
    targets = {t.indicator: (t.value, t.unit, t.year) for t in read_targets(drafts["001"].nodes) if t.year == 2025}
    assert targets["6.高新技术企业数量"] == ("350", "家", 2025)


def test_numbers_that_run_on_are_kept(drafts: dict[str, Draft]) -> None:
    fourth = [node for node in drafts["002"].nodes if node.path[:1] == ("四、",) and node.kind == "num"]
    assert [node.number for node in fourth] == [f"{n}." for n in range(1, 21)]
    assert [node.path[1] for node in fourth] == [f"({c})" for c in "一二三四五" for _ in range(4)]


def test_a_sentence_broken_by_a_line_end_is_mended(drafts: dict[str, Draft]) -> None:
    fifth = next(node for node in drafts["004"].nodes if node.number == "(五)")
    assert "加快突破智能数控" in fifth.text
    assert fifth.text.endswith("负责)")


def test_each_measure_without_a_number_can_be_commented_on(drafts: dict[str, Draft]) -> None:
    nodes = drafts["004"].nodes
    third = next(k for k, node in enumerate(nodes) if node.number == "三、")
    measures = [node for node in nodes if node.parent == third]
    assert [node.heading[:4] for node in measures] == [
        "完善支持",
        "加大企业",
        "落实企业",
        "拓宽企业",
        "建立企业",
        "营造企业",
    ]


@pytest.mark.parametrize(
    ("number", "words", "why"),
    [
        ("001", "打印", "网页导航"),
        ("001", "目 录", "目录"),
        ("002", "今日廊坊", "网页导航"),
        ("002", "瀏覽量:", "网页页脚"),
        ("002", "亚洲AV无码一区二区三区在线观看", "垃圾内容"),
        ("004", "衡水市人民政府", "落款"),
        ("004", "Produced By 大汉网络 大汉版通发布系统", "网页页脚"),
    ],
)
def test_what_belongs_to_the_page_is_set_aside(drafts: dict[str, Draft], number: str, words: str, why: str) -> None:
    assert (words, why) in {(junk.text, junk.why) for junk in drafts[number].junk}


def test_the_facts_of_the_notices(drafts: dict[str, Draft]) -> None:
    facts = drafts["001"].facts
    assert (facts.opens_on, facts.closes_on, facts.phones) == ("2022-02-10", "2022-03-12", ("82012802",))
    assert facts.draft_title == "石家庄市鹿泉区科技创新“十四五”规划"
    assert facts.emails == ("lqqkgj@163.com",)
    facts = drafts["002"].facts
    assert (facts.opens_on, facts.closes_on, facts.published_on) == ("2021-12-07", "2021-12-21", "2021-12-07")
    assert (facts.postal_addresses, facts.phones) == (("廊坊市新華路華園里1號",), ("0316-5212183",))
    assert facts.bases == ("冀辦傳〔2021〕70號",)
    assert facts.issuing_bureau == "廊坊市科學技術局"
    facts = drafts["003"].facts
    assert (facts.document_number, facts.published_on) == ("邢科创领办〔2020〕18号", "2022-03-31")
    assert facts.columns["体裁分类"] == "部门文件"
    assert facts.columns["主题分类"] == "科技、教育"
    assert facts.columns["浏览次数"] == "774"


def test_a_site_that_republished_is_not_the_bureau(drafts: dict[str, Draft]) -> None:
    facts = drafts["000"].facts
    assert facts.issuing_bureau == "衡水市人民政府办公室"
    assert facts.emails == facts.phones == ()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("001", "gap"),
        ("001", "late-start"),
        ("001", "repeat"),
        ("001", "restart"),
        ("001", "public-mailbox"),
        ("002", "damaged"),
        ("002", "spam"),
        ("004", "document-number"),
    ],
)
def test_what_is_doubtful_is_said(drafts: dict[str, Draft], number: str, code: str) -> None:
    assert code in {doubt.code for doubt in drafts[number].doubts}


def test_a_sound_plan_raises_no_doubt(drafts: dict[str, Draft]) -> None:
    assert drafts["000"].doubts == ()
    assert drafts["003"].doubts == ()
