"""A letter is cut where a paragraph begins by naming a clause; what is folded away is never lost."""

from __future__ import annotations

import pytest

from portal.letters import folding, pieces
from portal.rules.words import Stance


@pytest.mark.parametrize(
    ("paragraph", "named"),
    [
        ("第三部分（二）5应当写明", "第三部分（二）5"),
        ("关于第五条第二款，建议", "第五条第二款"),
        ("1.第三部分第（二）条第5项：改", "第三部分第（二）条第5项"),
        ("（3）专栏2太少", "专栏2"),
        ("建议将第三条中的“应当”改为", "第三条"),
        ("对征求意见稿第十二条的意见", "第十二条"),
        ("“第十条”应删除", "第十条"),
        ("赞成第三部分（二）。", "第三部分（二）"),
        ("四、（二）5. 巡查", "四、（二）5."),
        ("第二十三条之一 应", "第二十三条之一"),
        # traps: the author's own numbers, years, money, other laws in the middle
        ("一、总体来看很好", ""),
        ("三、保障措施写得空", ""),
        ("2025年的数字不对", ""),
        ("第一，我认为", ""),
        ("我们看了第三条以后", ""),
        ("10264万元太少", ""),
        ("", ""),
    ],
)
def test_the_clause_a_paragraph_begins_with(paragraph, named):
    assert pieces.named_clause(paragraph) == named


def test_a_letter_is_cut():
    found = pieces.cut(
        "市水利局：\n您好！我是沿河的居民，看了方案有几点意见。\n1.第二部分（一）巡查次数太少。\n夏天更要多。\n建议改为：“每日巡查两次。”\n\n2、赞成第三部分（二）。\n此致\n敬礼"
    )
    assert [(one.cited, one.stance) for one in found] == [
        ("", Stance.CHANGE),
        ("第二部分（一）", Stance.CHANGE),
        ("第三部分（二）", Stance.SUPPORT),
    ]
    assert found[1].body == "1.第二部分（一）巡查次数太少。\n夏天更要多。"
    assert found[1].proposed_text == "每日巡查两次。"
    assert found[2].body == "2、赞成第三部分（二）。"


def test_a_letter_that_names_no_clause_is_one_remark():
    assert [(one.cited, one.body) for one in pieces.cut("方案很好。\n希望落实。")] == [("", "方案很好。\n希望落实。")]
    assert pieces.cut(" \n ") == []
    assert len(pieces.cut("第三条改。\n" * 500)) == pieces.MOST_PIECES


@pytest.mark.parametrize(
    ("body", "stance"),
    [
        ("同意。", Stance.SUPPORT),
        ("无修改意见", Stance.SUPPORT),
        ("不同意这一条。", Stance.OPPOSE),
        ("同意，但建议放宽。", Stance.CHANGE),
        ("建议增加经费。", Stance.ADDITION),
        ("请问是否包括乡镇？", Stance.QUESTION),
        ("太严。", Stance.CHANGE),
    ],
)
def test_a_guess_at_the_stance(body, stance):
    assert pieces.stance_of(body) is stance


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("第三条太严，建议放宽。\n--\n张三\n电话 12345", ["words", "signature"]),
        ("第三条太严，建议放宽。\n发自我的iPhone", ["words", "signature"]),
        ("第三条太严。\n\n------------------ 原始邮件 ------------------\n发件人: 局\n请提意见", ["words", "quoted"]),
        ('第三条太严。\n在 2026-03-12 10:00:00，"局" <a@b.cn> 写道：\n> 请提', ["words", "quoted"]),
        ("第三条太严。\n发件人：局\n发送时间：昨天\n主题：通知", ["words", "quoted"]),
        ("> 第三条\n太严，建议放宽一些。\n> 第五条\n太松了。", ["quoted", "words", "quoted", "words"]),
        ("-----转发的邮件-----\n发件人：李\n日期：今天\n第三条太严。", ["words"]),
        ("> 全是引用的意见，没有自己的话", ["words"]),
        ("发自内心地希望改好。", ["words"]),
        ("", ["words"]),
    ],
)
def test_quoted_mails_and_signatures_are_folded_and_kept(text, kinds):
    parts = folding.parts(text)
    assert [part.kind for part in parts] == kinds
    assert "\n".join(part.text for part in parts) == text
