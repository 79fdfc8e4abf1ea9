"""One shape of masking for each kind, as rules E.4 has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.masking import HIDDEN, KINDS, mask, respondent_name
from portal.rules.words import RespondentKind
from tests.rules.vectors import vectors


def test_agrees_with_the_shared_cases():
    for kind, text, shown in vectors("mask"):
        assert mask(kind, text) == shown


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("name", "张三", "张*"),
        ("name", "王小明", "王**"),
        ("name", "欧阳娜娜", "欧阳**"),
        ("name", "欧阳修", "欧阳*"),
        ("name", "欧阳", "欧*"),
        ("name", "司马相如", "司马**"),
        ("name", "阿依古丽·买买提", "阿**"),
        ("name", "John Smith", "J**"),
        ("name", "王 小 明", "王**"),
        ("name", "𬭎子", "𬭎*"),
        ("name", "李", "李*"),
        ("name", "买买提吐尔逊", "买**"),
        ("mobile", "13812345678", "138****5678"),
        ("mobile", "+86 138-1234-5678", "138****5678"),
        ("mobile", "１３８１２３４５６７８", "138****5678"),
        ("mobile", "1381234567", HIDDEN),
        ("landline", "0316-5212183", "0316-***2183"),
        ("landline", "(0316) 5212183", "0316-***2183"),
        ("landline", "010-82012802转801", "010-***2802"),
        ("landline", "82012802", "***2802"),
        ("landline", "不详", HIDDEN),
        ("id", "11010519491231002X", "11*************02X"),
        ("id", "11010519491231002x", "11*************02X"),
        ("id", "110105199001011234", "11*************234"),
        ("id", "130503670401001", HIDDEN),
        ("email", "lisi2020@163.com", "l***@163.com"),
        ("email", "l@QQ.com", "l***@qq.com"),
        ("email", "不是邮箱", HIDDEN),
        ("address", "鹿泉区获鹿镇海山大街12号", "鹿泉区获鹿镇"),
        ("address", "河北省石家庄市鹿泉区获鹿镇海山大街12号", "河北省石家庄市鹿泉区获鹿镇"),
        ("address", "廊坊市新华路华园里1号", "廊坊市"),
        ("address", "景德镇市昌江区西郊街道人民路3号", "景德镇市昌江区西郊街道"),
        ("address", "新乡市红旗区阳光小区3号楼", "新乡市红旗区"),
        ("address", "东乌珠穆沁旗乌里雅斯太镇1号", "东乌珠穆沁旗乌里雅斯太镇"),
        ("address", "安次区银河北路街道某某社区2号", "安次区"),
        ("address", "海山大街12号", HIDDEN),
        ("address", "阳光小区3号楼", HIDDEN),
        ("plate", "冀R12345", HIDDEN),
        ("card", "6222020200112230010", HIDDEN),
        ("wechat", "zhangsan_01", HIDDEN),
        ("qq", "12345678", HIDDEN),
        ("ip", "203.0.113.7", "203.0.113.*"),
        ("ip", "2001:db8::1", HIDDEN),
        ("organisation", "某科技有限公司", "某科技有限公司"),
        ("name", "", ""),
        ("mobile", "  ", ""),
    ],
)
def test_shapes(kind, text, shown):
    assert mask(kind, text) == shown


def test_a_kind_we_do_not_know_is_an_error():
    with pytest.raises(ValueError, match="passport"):
        mask("passport", "G12345678")


@pytest.mark.parametrize(
    ("kind", "name", "is_public", "shown"),
    [
        (RespondentKind.CITIZEN, "王小明", True, "王**"),
        (RespondentKind.CITIZEN, "王小明", False, "公众"),
        (RespondentKind.CITIZEN, "", True, "公众"),
        (RespondentKind.CITIZEN, "  ", True, "公众"),
        (RespondentKind.ENTERPRISE, "廊坊某科技有限公司", True, "廊坊某科技有限公司"),
        (RespondentKind.ENTERPRISE, "廊坊某科技有限公司", False, "某企业"),
        (RespondentKind.ASSOCIATION, "某协会", False, "某单位"),
        (RespondentKind.INSTITUTION, "", True, "某单位"),
    ],
)
def test_how_the_public_sees_who_spoke(kind, name, is_public, shown):
    assert respondent_name(kind, name, is_public=is_public) == shown


@given(st.sampled_from([kind for kind in KINDS if kind != "organisation"]), st.text(min_size=1, max_size=40))
def test_never_raises_and_never_shows_everything(kind, text):
    shown = mask(kind, text)
    assert shown == "" or "*" in shown or shown == HIDDEN or (kind == "address" and text.startswith(shown[:1]))
