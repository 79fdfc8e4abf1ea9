"""Citations read and printed."""

import json

import pytest

from portal.drafts import citation, citations, cite, parse, parse_citation
from tests.drafts.corpus import seed, shared

PARSED = [
    ("第三条第二款第(一)项", [("条", 3), ("款", 2), ("项", 1)]),
    ("第三条第二款第（一）项", [("条", 3), ("款", 2), ("项", 1)]),
    ("第十二条之一第一款", [("条", 12, 1), ("款", 1)]),
    ("第三部分第(二)条第5项", [("部分", 3), ("条", 2), ("项", 5)]),
    ("第六章第二节", [("章", 6), ("节", 2)]),
    ("第四部分第13项", [("部分", 4), ("项", 13)]),
    ("第二百零一条", [("条", 201)]),
    ("第五条第三款第（二）项第3目", [("条", 5), ("款", 3), ("项", 2), ("目", 3)]),
    ("四、(二)5.", [("部分", 4), ("条", 2), ("项", 5)]),
    ("“四、㈡5．”", [("部分", 4), ("条", 2), ("项", 5)]),
    ("专栏2第3项", [("专栏", 2), ("项", 3)]),
    ("第一百二十条", [("条", 120)]),
    ("第 六 章 第 二 節", [("章", 6), ("节", 2)]),
    ("加强领导", []),
]

STATUTE = """第一条 为了公平，制定本办法。
第二条 本办法适用于本市。
法律另有规定的，从其规定。
第三条 有下列情形之一的，可以申请：
（一）新建的；
（二）扩建的：
1.厂房；
2.仓库。
前款规定的情形由市科技局认定。
第十二条之一 本条是后来加入的。
本条有两款。
"""


def steps(text: str) -> list[tuple[object, ...]]:
    return [(step.word, *step.value) for step in parse_citation(text)]


@pytest.mark.parametrize(("text", "expected"), PARSED)
def test_a_citation_is_taken_apart(text: str, expected: list[tuple[object, ...]]) -> None:
    assert steps(text) == expected


def test_the_vectors_of_the_rules() -> None:
    vectors = json.loads(shared("rules", "cases.json").read_text(encoding="utf-8"))["citation"]
    assert [steps(text) for text, _ in vectors] == [[tuple(part) for part in parts] for _, parts in vectors]


@pytest.mark.parametrize(
    ("words", "quote"),
    [
        ("第二条第二款", "法律另有规定的，从其规定。"),
        ("第三条第一款第（二）项", "扩建的："),
        ("第三条第二款", "前款规定的情形由市科技局认定。"),
        ("第十二条之一第二款", "本条有两款。"),
    ],
)
def test_paragraphs_and_items_of_an_article(words: str, quote: str) -> None:
    nodes = parse(STATUTE).nodes
    assert cite(nodes, words).quote == quote


def test_a_statute_is_cited_by_article_paragraph_item() -> None:
    nodes = parse(STATUTE).nodes
    printed = [citation(nodes, k) for k in range(len(nodes))]
    assert printed == [
        "第一条",
        "第二条",
        "第三条",
        "第三条第一款第（一）项",
        "第三条第一款第（二）项",
        "第三条第一款第（二）项第1目",
        "第三条第一款第（二）项第2目",
        "第三条第二款",
        "第十二条之一",
    ]


PLAN = [
    ("第四部分第13项", "加大科研經費和財稅支持力度"),
    ("四、(二)5.", "推進人才服務數字化轉型"),
    ("第四部分第（四）条第13项", "加大科研經費和財稅支持力度"),
    ("第三部分第（一）条", "實施“微成長”計劃發展萬家科技型中小企業"),
]


@pytest.mark.parametrize(("words", "heading"), PLAN)
def test_a_plan_whose_items_run_on(words: str, heading: str) -> None:
    nodes = parse(seed("002")).nodes
    found = cite(nodes, words)
    assert found.node is not None
    assert nodes[found.node].heading.rstrip("。") == heading


def test_what_does_not_exist_gets_the_nearest() -> None:
    nodes = parse(seed("002")).nodes
    found = cite(nodes, "第四部分第（四）条第1项")
    assert found.node is None
    assert [nodes[k].number for k in found.nearest] == ["13.", "14.", "15.", "16."]


def test_a_path_is_printed_in_the_convention_of_plans() -> None:
    nodes = parse(seed("002")).nodes
    index = next(k for k, node in enumerate(nodes) if node.path == ("四、", "(二)", "5."))
    assert citation(nodes, index) == "第四部分第（二）条第5项"


def test_boxes_and_tables() -> None:
    nodes = parse(seed("001")).nodes
    found = cite(nodes, "专栏2第3项")
    assert found.node is not None
    assert nodes[found.node].heading == "开展现代农业创新行动。"
    assert citation(nodes, found.node) == "专栏2第3项"
    row = cite(nodes, "表1第6行")
    assert row.node is not None
    assert citation(nodes, row.node) == "表1"
    assert "高新技术企业数量" in row.quote


def test_what_fits_several_clauses_lists_them() -> None:
    nodes = parse(seed("001")).nodes
    found = cite(nodes, "（一）")
    assert found.node is None
    assert len(found.candidates) == 2


def test_a_citation_that_was_printed_leads_back() -> None:
    for number in ("000", "002", "003", "004"):
        nodes = parse(seed(number)).nodes
        printed = citations(nodes)
        assert printed == tuple(citation(nodes, k) for k in range(len(nodes)))
        assert [cite(nodes, words).node for words in printed] == list(range(len(nodes)))


def test_what_has_no_number_is_cited_by_its_place() -> None:
    nodes = parse(seed("001")).nodes
    printed = citations(nodes)
    assert printed[:2] == ("引言第1段", "引言第2段")
    for words in ("引言第2段", "第五章第二节专栏", "第五章第二节专栏第3项", "第三章第一节第3段"):
        assert cite(nodes, words).node == printed.index(words), words
