from __future__ import annotations

import pytest

from portal.analysis.headlines import headline, title

CASES = [
    (
        "经公司研究，提出如下意见：我公司前年通过认定，奖补资金拖到次年才到账。建议写明认定公示结束后多少天内兑付。",
        ["奖补资金", "兑付"],
        "写明认定公示结束后多少天内兑付",
    ),
    ("我们小区天天吵。请问能不能晚上十点以后停工？", ["停工"], "能不能晚上十点以后停工？"),
    ("同志你好，今年七十二了，光建工作室不行，带徒弟要有津贴。", ["津贴", "工作室"], "光建工作室不行，带徒弟要有津贴"),
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
