"""What the officer is told to look at: each with its line, what is wrong, and what can be done."""

from __future__ import annotations

import pytest

from portal import drafts
from portal.drafts.damage import broken_numbers, impossible_dates, is_garbled

HEAD = """关于《示例市河湖保洁管理办法（征求意见稿）》公开征求意见的公告
发布日期：2022-02-10
{notice}
示例市水利局
2022年2月10日

示例市河湖保洁管理办法（征求意见稿）
第一条 为加强河湖保洁，制定本办法。
第二条 {text}
第三条 本办法自2022年5月1日起施行。
"""
WINDOW = "征求意见时间从2022年2月10日至2022年3月12日。电子邮箱：hhbj@example.gov.cn"


def told(code, notice=WINDOW, text="每日巡查一次。"):
    draft = drafts.parse(HEAD.format(notice=notice, text=text))
    return [(doubt.line, doubt.message) for doubt in draft.doubts if doubt.code == code]


def test_a_sound_draft_is_only_told_what_its_notice_lacks():
    draft = drafts.parse(HEAD.format(notice=WINDOW, text="每日巡查一次。"))
    assert {doubt.code for doubt in draft.doubts} == {"missing"}
    assert told("missing") == [(1, "公告里没有写：起草说明、通信地址")]


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("damaged", "創新??萍夹椭行∑髽I由市水利局负责。", "乱码"),
        ("damaged", "由市水利局\ufffd负责。", "乱码"),
        ("date", "2022年2月30日前完成清淤。", "2022年2月30日"),
        ("date", "每年13月5日检查。", "13月5日"),
        ("date", "二〇二二年四月三十一日前完成。", "二〇二二年四月三十一日"),
        ("document-number", "按照《通知》（冀办传〔2021 要求）执行。", "冀办传〔2021"),
        ("document-number", "按照冀办传〔202170号要求执行。", "冀办传〔202170号"),
        ("document-number", "按照冀办传2021〕70号要求执行。", "冀办传2021〕70号"),
        ("document-number", "按照冀办传〔2021〕号要求执行。", "冀办传〔2021〕号"),
        ("document-number", "按照冀办传〔2021〕70要求执行。", "冀办传〔2021〕70"),
        ("points", "保护水面.岸坡.堤防.水闸.泵站.管网。", "有5处“.”"),
    ],
)
def test_damage_is_told_with_its_line(code, text, said):
    ((line, words),) = told(code, text=text)
    assert line == 9
    assert said in words


@pytest.mark.parametrize(
    "text",
    [
        "2024年2月29日前完成，高新技术企业≥5个，研发投入强度≈2.5%，比例1∶3。",
        "按照冀办传〔2021〕70号、国办发〔2017〕47号和〔2021〕年度计划执行。",
        "保护水面.岸坡，长度3.5公里。",
        "乾隆时期的河堤和“於”姓故居由市水利局保护。",
    ],
)
def test_sound_words_are_not_doubted(text):
    draft = drafts.parse(HEAD.format(notice=WINDOW, text=text))
    assert {doubt.code for doubt in draft.doubts} == {"missing"}


def test_broken_lines_and_good_signs_are_no_damage():
    assert not is_garbled("R&D经费≥3%以上，中试→量产。")
    assert list(broken_numbers("2021〕18号）要求，")) == []
    assert list(broken_numbers("（发改投资〔2020〕114")) == []
    assert list(impossible_dates("电话2021-13-45678，2022年2月28日")) == []


def test_windows_that_conflict():
    notice = "征集时间：2019-08-19 至 2019-09-18。请将意见反馈至市水利局，截止2018年8月26日17时。"
    assert told("conflicting-windows", notice) == [(3, "公告里的截止日期前后不一：2019-09-18、2018-08-26")]
    apart = "征集时间：2019年8月19日—9月18日\n请于2019年9月20日前将意见反馈至hhbj@example.gov.cn。"
    assert told("conflicting-windows", apart) == [(4, "公告里的截止日期前后不一：2019-09-18、2019-09-20")]
    twice = "征集时间：2022年2月10日—3月12日\n请于3月12日前将意见反馈至hhbj@example.gov.cn。"
    assert told("conflicting-windows", twice) == []


def test_a_window_that_cannot_be():
    assert told("window", "征求意见时间从2022年3月12日至2022年2月10日。") == [(1, "征求意见的截止日期早于开始日期")]
    assert told("window", "请于2021年3月12日前将意见反馈至hhbj@example.gov.cn。") == [
        (1, "截止日期2021-03-12早于发布日期2022-02-10")
    ]


TRADITIONAL = "示例市河湖保潔工作方案（徵求意見稿）\n一、總體要求\n加強河湖日常保潔，實現水面無漂浮物，岸坡無垃圾。\n二、保障措施\n加強領導。\n"


def test_a_text_in_traditional_script():
    assert "traditional" in {doubt.code for doubt in drafts.parse(TRADITIONAL).doubts}
    elsewhere = "香港特別行政區政府環境局\n" + TRADITIONAL.replace("示例市", "香港特別行政區")
    assert "traditional" not in {doubt.code for doubt in drafts.parse(elsewhere).doubts}


def test_every_doubt_says_what_can_be_done():
    text = "2022年2月30日前清淤，按照冀办传2021〕70号，\ufffd水面.岸坡.堤防.水闸.泵站.管网。"
    for doubt in drafts.parse(HEAD.format(notice=WINDOW, text=text)).doubts:
        assert doubt.line > 0
        assert doubt.message
        assert doubt.advice.endswith("。")
        assert "%(" not in doubt.message
