"""An officer's corrections: what each act does, that it can be taken back, and that it survives a new reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.drafts import parse
from portal.drafts.corrections import ACTS, Correction, Target, apply, replay
from portal.drafts.draft import Junk, Node
from portal.errors import NotValid

TEXT = """示例市保洁方案

一、总体要求
坚持政府主导。
二、重点任务
（一）建立制度。每日巡查一次。
1.落实人员。每公里1名。
（二）加大投入。每年200万元。（三）强化监督。设立电话。
三、保障措施
"""


def outline(nodes: tuple[Node, ...]) -> list[str]:
    return ["　" * node.depth + node.number + node.heading.rstrip("。") for node in nodes]


def correct(nodes: tuple[Node, ...], act: str, mark: str, **words: str) -> tuple[Node, ...]:
    node = next(node for node in nodes if node.number == mark)
    return apply(nodes, Correction(act, Target.of(node), words))


@pytest.fixture
def nodes() -> tuple[Node, ...]:
    return parse(TEXT).nodes


def test_promote_takes_along_what_stands_under_it(nodes: tuple[Node, ...]) -> None:
    moved = correct(nodes, "promote", "（一）")
    at = next(i for i, node in enumerate(moved) if node.number == "（一）")
    assert (moved[at].depth, moved[at + 1].depth) == (0, 1)
    assert moved[at].path == ("（一）",)
    last = correct(nodes, "promote", "（三）")
    assert outline(correct(last, "demote", "（三）")) == outline(nodes)


def test_drop_leaves_what_stood_under_it_to_the_clause_above(nodes: tuple[Node, ...]) -> None:
    left = correct(nodes, "drop", "（一）")
    assert "（一）" not in [node.number for node in left]
    assert next(node for node in left if node.number == "1.").path == ("二、", "1.")


def test_join_keeps_every_word(nodes: tuple[Node, ...]) -> None:
    joined = correct(nodes, "join", "1.")
    above = next(node for node in joined if node.number == "（一）")
    assert "1.落实人员。" in above.text
    assert "每公里1名。" in above.text


def test_join_mends_a_broken_sentence() -> None:
    broken = parse("一、加快突破\n智能数控技术。\n").nodes
    first = Node("cn", "一、", "", "要加快突破", ("一、",), 0, -1, 1, "1")
    second = Node("paragraph", "", "", "智能数控技术。", ("一、",), 1, 0, 2, "1-p1")
    merged = apply((first, second), Correction("join", Target.of(second)))
    assert merged[0].text == "要加快突破智能数控技术。"
    assert broken


def test_split_finds_the_mark_at_the_cut(nodes: tuple[Node, ...]) -> None:
    two = tuple(
        Node("cnp", "（二）", "加大投入。", "每年200万元。（三）强化监督。设立电话。", n.path, n.depth, n.parent, n.line, n.label)
        if n.number == "（二）" else n
        for n in nodes if n.number != "（三）"
    )  # fmt: skip
    cut = str("每年200万元。（三）强化监督。设立电话。".index("（三）"))
    after = correct(two, "split", "（二）", cut=cut)
    third = next(node for node in after if node.number == "（三）")
    assert third.text == "强化监督。设立电话。"
    assert third.path == ("二、", "（三）")


@pytest.mark.parametrize("cut", ["", "0", "99999", "-1", "x"])
def test_a_split_outside_the_text_is_refused(nodes: tuple[Node, ...], cut: str) -> None:
    with pytest.raises(NotValid, match="光标"):
        correct(nodes, "split", "（一）", cut=cut)


def test_rewrite_changes_only_what_is_given(nodes: tuple[Node, ...]) -> None:
    changed = correct(nodes, "rewrite", "（一）", heading="健全制度。")
    node = next(node for node in changed if node.number == "（一）")
    assert (node.heading, node.text) == ("健全制度。", "每日巡查一次。")
    with pytest.raises(NotValid, match="不能是空的"):
        correct(nodes, "rewrite", "（一）", number="", heading="", text="")


def test_a_line_set_aside_comes_back_where_it_stood(nodes: tuple[Node, ...]) -> None:
    line = next(node.line for node in nodes if node.number == "二、")
    junk = [Junk(line, "本页误删的一段。", "网页导航")]
    restored = apply(nodes, Correction("restore", Target(line, "", "")), junk)
    at = next(i for i, node in enumerate(restored) if node.text == "本页误删的一段。")
    assert restored[at - 1].number == "二、"
    with pytest.raises(NotValid):
        apply(restored, Correction("restore", Target(line, "", "")), junk)


def test_traditional_script_and_lost_commas() -> None:
    nodes = parse("一、總體要求\n發展新材料.智能裝備.生物製造,增長3.5%。\n").nodes
    simple = apply(nodes, Correction("simplify", Target(0, "", "")))
    assert simple[0].heading == "总体要求"
    commas = apply(simple, Correction("separate", Target(0, "", "")))
    assert "新材料、智能装备、生物制造" in commas[0].text
    assert "3.5%" in commas[0].text


def test_corrections_survive_a_new_reading() -> None:
    first = parse(TEXT).nodes
    done = [
        Correction("rewrite", Target.of(next(n for n in first if n.number == "（一）")), {"heading": "健全制度。"}),
        Correction("promote", Target.of(next(n for n in first if n.number == "（二）"))),
    ]
    again = parse("公告正文，与方案无关的一行。\n\n" + TEXT).nodes
    now, lost = replay(again, done)
    assert lost == ()
    assert "健全制度。" in [node.heading for node in now]
    assert next(node for node in now if node.number == "（二）").depth == 0
    gone = parse(TEXT.replace("（一）建立制度。每日巡查一次。", "")).nodes
    _, lost = replay(gone, done)
    assert [correction.act for correction in lost] == ["rewrite"]


def test_json_and_back() -> None:
    correction = Correction("split", Target(3, "（一）", "建立制度"), {"cut": "4"})
    assert Correction.from_json(correction.as_json()) == correction


@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 8), st.integers(0, 30)), max_size=12))
def test_any_course_of_corrections_leaves_a_sound_outline(course: list[tuple[str, int, int]]) -> None:
    nodes = parse(TEXT).nodes
    for act, at, cut in course:
        node = nodes[at % len(nodes)]
        try:
            nodes = apply(nodes, Correction(act, Target.of(node), {"cut": str(cut)}), [Junk(2, "一行", "")])
        except NotValid:
            continue
        labels = [n.label for n in nodes]
        assert len(labels) == len(set(labels))
        for index, found in enumerate(nodes):
            assert found.parent < index
            assert found.depth == (nodes[found.parent].depth + 1 if found.parent >= 0 else 0)


def head(text: str, number: str, title: str) -> list[tuple[int, str, str]]:
    nodes = parse(text).nodes
    at = next(i for i, node in enumerate(nodes) if node.number == number)
    changed = apply(nodes, Correction("head", Target.of(nodes[at]), {"title": title}))
    return [(node.depth, node.number, node.heading) for node in changed]


def test_a_lost_heading_takes_what_follows_under_it() -> None:
    text = "示例市规划（征求意见稿）\n第一章 总则\n一、目的\n为发展。\n四、机构\n设立机构。\n五、人员\n配备人员。\n第三章 附则\n一、施行\n自公布之日起施行。\n"
    assert head(text, "四、", "第二章　组织") == [
        (0, "第一章", "总则"),
        (1, "一、", "目的"),
        (0, "第二章", "组织"),
        (1, "四、", "机构"),
        (1, "五、", "人员"),
        (0, "第三章", "附则"),
        (1, "一、", "施行"),
    ]


def test_the_first_heading_of_its_kind_takes_the_clauses_of_one_kind() -> None:
    text = "示例市方案（征求意见稿）\n一、目的\n为发展。\n二、机构\n设立机构。\n"
    assert head(text, "一、", "第一章 总则") == [(0, "第一章", "总则"), (1, "一、", "目的"), (1, "二、", "机构")]
    with pytest.raises(NotValid, match="标题"):
        head(text, "一、", "　")
