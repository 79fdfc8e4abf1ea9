"""How a change of wording is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.drafts.difference import difference, in_place, passage, similarity

MARKS = {"same": "{}", "del": "[-{}-]", "ins": "[+{}+]"}

CASES = [
    ("给予50万元补助。", "给予80万元补助。", "给予[-50-][+80+]万元补助。"),
    ("支持中小企业创新。", "支持大型企业发展。", "支持[-中小-][+大型+]企业[-创新-][+发展+]。"),
    ("建立甲、乙制度。", "建立甲、丙、乙制度。", "建立甲、[+丙、+]乙制度。"),
    ("第一句。第三句。", "第一句。第二句。第三句。", "第一句。[+第二句。+]第三句。"),
    ("年均增长12%。", "年均增长12.5%以上。", "年均增长[-12%-][+12.5%以上+]。"),
    ("通过信函提出意见", "通过网上提交、信函等方式提出意见", "通过[+网上提交、+]信函[+等方式+]提出意见"),
    ("同样的话", "同样的话", "同样的话"),
    ("原文", "", "[-原文-]"),
    ("", "新增", "[+新增+]"),
]


@pytest.mark.parametrize(("old", "new", "shown"), CASES)
def test_a_change_reads_well(old: str, new: str, shown: str) -> None:
    assert "".join(MARKS[op].format(text) for op, text in difference(old, new)) == shown


@given(st.text(alphabet="一二三，。1a 的\n"), st.text(alphabet="一二三，。1a 的\n"))
def test_nothing_is_lost_or_invented(old: str, new: str) -> None:
    pieces = difference(old, new)
    assert "".join(text for op, text in pieces if op != "ins") == old
    assert "".join(text for op, text in pieces if op != "del") == new
    assert all(text for _, text in pieces)


def test_two_long_unlike_texts_are_compared_without_a_table_of_them() -> None:
    old = "甲乙丙丁。" * 8_000
    assert difference(old, old + "戊") == (("same", old), ("ins", "戊"))
    assert similarity(old, old) == 1.0
    assert similarity("甲", "乙") == 0.0


A, B, C = "甲负责每日巡查。", "乙负责河道的保洁，每季度向社会公布一次结果。", "丙负责接受群众监督。"


@pytest.mark.parametrize(
    ("old", "new", "stood_for", "becomes"),
    [
        # one sentence of three, in each place
        (A + B + C, "甲负责每周巡查。", A, "甲负责每[-日-][+周+]巡查。" + B + C),
        (A + B + C, B.replace("季度", "月"), B, f"{A}乙负责河道的保洁，每[-季度-][+月+]向社会公布一次结果。{C}"),
        (A + B + C, "丙负责接受社会监督。", C, A + B + "丙负责接受[-群众-][+社会+]监督。"),
        # without its stop, and between line ends
        (A + B + C, "甲负责每周巡查", A, "甲负责每[-日-][+周+]巡查。" + B + C),
        (f"{A}\n{B}\n{C}", "丙负责接受社会监督。", C, f"{A}\n{B}\n丙负责接受[-群众-][+社会+]监督。"),
        # the same sentence twice: the first
        (A + B + A, "甲负责每周巡查。", A, "甲负责每[-日-][+周+]巡查。" + B + A),
        # the whole clause
        (A, "甲负责每周巡查。", A, "甲负责每[-日-][+周+]巡查。"),
        (A + C, A + "丙负责接受社会监督。", A + C, A + "丙负责接受[-群众-][+社会+]监督。"),
        # what is left when sentences are struck
        (A + B + C, A, A + B + C, f"{A}[-{B}{C}-]"),
        (A + B + C, A + C, A + B + C, f"{A}[-{B}-]{C}"),
        (A + B + C, "", A + B + C, f"[-{A}{B}{C}-]"),
        # nothing like it
        (A + B + C, "设立举报奖金。", "", f"{A}{B}{C}[+设立举报奖金。+]"),
        ("", "设立举报奖金。", "", "[+设立举报奖金。+]"),
    ],
)  # fmt: skip
def test_a_proposal_changes_only_the_sentences_it_stands_for(old, new, stood_for, becomes):
    assert passage(old, new) == stood_for
    assert "".join(MARKS[op].format(text) for op, text in in_place(old, new)) == becomes


@given(st.text(alphabet="一二三，。1a 的\n", max_size=30), st.text(alphabet="一二三，。1a 的\n", max_size=12))
def test_whatever_the_proposal_the_rest_of_the_clause_stays(old, new):
    pieces, stood_for = in_place(old, new), passage(old, new)
    assert "".join(text for op, text in pieces if op != "ins") == old
    becomes = "".join(text for op, text in pieces if op != "del")
    if not stood_for:
        assert becomes == old + new
    else:
        before, after = old.split(stood_for, 1)
        assert becomes in (before + new + after, before + new + stood_for[-1] + after)


@pytest.mark.parametrize(
    ("old", "new", "stood_for"),
    [
        ("甲负责巡查。城区河道每日巡查一次。乙负责保洁，每季度向社会公布一次结果。", "城区河道每日巡查两次。", "城区河道每日巡查一次。"),
        ("城区河道每日巡查一次。", "城区河道每日巡查两次。", "城区河道每日巡查一次。"),
        ("甲负责巡查。乙负责保洁，每季度向社会公布一次结果，并接受群众监督。", "设立举报奖金。", ""),
    ],
)  # fmt: skip
def test_a_change_stands_for_the_sentences_it_resembles(old, new, stood_for):
    assert passage(old, new) == stood_for


def test_what_begins_and_ends_as_the_wording_stands_for_all_of_it():
    old = (
        "支持企业引进海外工程师和急需的技能人才。推进专家公寓建设，指导在本地工作的外国专家较多的单位建设或者租用公寓；"
        "引导各类单位改建专家公寓，对符合条件的给予优先支持。（责任部门：市科技局）"
    )
    new = "支持企业引进海外工程师和急需的技能人才，对外国专家发放住房补贴。（责任部门：市科技局）"
    assert passage(old, new) == old
    pieces = in_place(old, new)
    assert "".join(words for act, words in pieces if act != "del") == new
    assert "".join(words for act, words in pieces if act != "ins") == old
