"""The notice and the draft told apart, and what the notice says."""

from __future__ import annotations

import pytest

from portal.drafts import parse

NOTICE = """某某市科学技术局关于公开征求《某某市科技创新促进办法（征求意见稿）》意见的公告
为规范科技创新活动，我局起草了《某某市科技创新促进办法（征求意见稿）》，现向社会公开征求意见。途径如下：
一、征求意见时间：2024年3月1日至3月31日。
二、反馈方式：
（一）电子邮件：kjj@example.gov.cn；
（二）信函：某某市人民路1号市科技局政策法规科，邮编：050000；
（三）传真：0311-1234567，联系电话：0311-7654321。
附件：1.某某市科技创新促进办法（征求意见稿）
2.起草说明
某某市科学技术局
2024年2月28日
附件1
某某市科技创新促进办法
（征求意见稿）
第一章 总则
第一条 为了促进科技创新，制定本办法。
第二章 附则
第二条 本办法自2024年6月1日起施行。
"""


def test_a_notice_that_numbers_its_paragraphs_is_not_the_draft() -> None:
    draft = parse(NOTICE)
    assert ["/".join(node.path) for node in draft.nodes] == ["第一章", "第一章/第一条", "第二章", "第二章/第二条"]
    assert "一、征求意见时间" in draft.notice


def test_what_the_notice_says() -> None:
    facts = parse(NOTICE).facts
    assert facts.title == "某某市科学技术局关于公开征求《某某市科技创新促进办法（征求意见稿）》意见的公告"
    assert facts.draft_title == "某某市科技创新促进办法（征求意见稿）"
    assert facts.issuing_bureau == "某某市科学技术局"
    assert (facts.opens_on, facts.closes_on) == ("2024-03-01", "2024-03-31")
    assert facts.emails == ("kjj@example.gov.cn",)
    assert (facts.phones, facts.faxes) == (("0311-7654321",), ("0311-1234567",))
    assert facts.postal_addresses == ("某某市人民路1号市科技局政策法规科",)
    assert facts.postcodes == ("050000",)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("某政办发〔2023〕5号", "某政办发〔2023〕5号"),
        ("文号：某科规〔2020〕18号", "某科规〔2020〕18号"),
        ("发文字号：\t某政〔2023〕1号\t发布日期：\t2023年3月1日", "某政〔2023〕1号"),
        ("某政字〔20171", "某政字〔20171"),
        ("（2011年12月15日某某市人民政府令第61号公布）", "某某市人民政府令第61号"),
        ("依据某政办发〔2023〕5号文件精神，制定本方案。", None),
    ],
)
def test_the_number_of_the_document(line: str, number: str | None) -> None:
    assert parse(f"某某市示例方案\n{line}\n一、总体要求\n坚持改革。\n").facts.document_number == number


def test_fields_of_the_page() -> None:
    facts = parse(
        "某某市示例方案\n发布时间: 2022-03-31   发布机构:市科学技术局   浏览次数:774   字体:[  ]\n"
        "体裁分类:部门文件     主题分类:科技、教育\n一、总体要求\n坚持改革。\n"
    ).facts
    assert (facts.published_on, facts.issuing_bureau) == ("2022-03-31", "市科学技术局")
    assert facts.columns["体裁分类"] == "部门文件"
    assert facts.columns["主题分类"] == "科技、教育"
    assert facts.columns["浏览次数"] == "774"


def test_offices_that_issue_together() -> None:
    facts = parse(
        "示例局 样本局关于公开征求《示例办法》意见的通知\n现公开征求意见。\n邮箱：a@example.gov.cn\n"
        "某某市示例局    某某市样本局\n2024年1月1日\n示例办法\n第一条 为了公平，制定本办法。\n"
    ).facts
    assert facts.issuing_bureau == "某某市示例局"
    assert facts.joint_bureaus == ("某某市示例局", "某某市样本局")


def test_the_window_of_an_application_is_doubted() -> None:
    draft = parse("关于受理申请的公告\n2025-08-11\n一、申请时间\n申请时间：2025年8月11日至8月22日。\n")
    assert not draft.facts.is_window_for_comments
    assert "window" in {doubt.code for doubt in draft.doubts}
