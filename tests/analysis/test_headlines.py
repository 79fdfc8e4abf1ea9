from __future__ import annotations

import pytest

from portal.analysis.headlines import headline, requests, title

CASES = [
    (
        "经公司研究，提出如下意见：我公司前年通过认定，奖补资金拖到次年才到账。建议写明认定公示结束后多少天内兑付。",
        ["奖补资金", "兑付"],
        "写明认定公示结束后多少天内兑付",
    ),
    ("我们小区天天吵。请问能不能晚上十点以后停工？", ["停工"], "能不能晚上十点以后停工？"),
    ("同志你好，今年七十二了，光建工作室不行，带徒弟要有津贴。", ["津贴", "工作室"], "光建工作室不行，带徒弟要有津贴"),
    (
        "领军企业要带配套。建议在认定条件里加上一条：本地配套率或者向中小企业开放的订单数。",
        ["领军企业", "配套"],
        "本地配套率或者向中小企业开放的订单数",
    ),
    ("与其跑到国外听课，不如去同行的工厂住上一周。", ["国外"], "与其跑到国外听课，不如去同行的工厂住上一周"),
    ("又要成立办公室。人从哪儿来，办事的还是那几个人。不如明确现有的科室负责。", ["那几个人"], "不如明确现有的科室负责"),
    ("又要盖公寓，不赞成新建，先把空房子用起来。谢谢。", ["新建", "空房子"], "不赞成新建，先把空房子用起来"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "phrases", "expected"), CASES)
def test_a_point_is_called_by_what_is_asked_for(text, phrases, expected):
    assert headline(text, phrases) == expected


def test_contact_data_and_courtesies_name_nothing():
    assert headline("谢谢。电话【已隐去】，联系人张三，邮箱l***@example.com。", ["联系人", "邮箱"]) == ""


def test_where_no_part_will_do_key_phrases_or_the_beginning_name_it():
    assert title("停车难。", ["停车难", "夜间"]) == "停车难、夜间"
    assert title("停车难。", []) == "停车难。"
    long = "一" * 80
    assert title(long, []) == "一" * 28 + "……"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("百人大会没有用。", False),
        ("只数家数，年底突击入库的情况很难避免。", False),
        ("知识产权质押说了好多年，关键是没有人接盘处置。", False),
        ("建议按行业分场次。百人大会没有用。", True),
        ("上限由200万元提高到400万元。", True),
        ("能不能一次查完？", True),
        ("与其拍宣传片，不如把政策做成一张表。", True),
    ],
)
def test_a_complaint_is_no_request(text, is_one):
    assert requests(text) is is_one
