"""Numbers with check digits, the worked cases of rules B.4 and E.5."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.identifiers import KINDS, age_on, born_on, check, has_resident_shape
from tests.rules.vectors import vectors


@pytest.mark.parametrize(
    ("name", "kind"),
    [("uscc", "uscc"), ("resident_id", "resident-id"), ("mobile", "mobile"), ("doc_number", "document-number")],
)
def test_agree_with_the_shared_cases(name, kind):
    for value, is_valid in vectors(name):
        assert check(kind, value).is_valid is is_valid, value


@pytest.mark.parametrize(
    ("kind", "value", "normal"),
    [
        ("uscc", "91350100M000100Y43", "91350100M000100Y43"),  # TC-E10
        ("uscc", "11441700007280420Y", "11441700007280420Y"),  # TC-E12
        ("uscc", "11370322004222241N", "11370322004222241N"),  # TC-E13
        ("uscc", "1137078555222300XQ", "1137078555222300XQ"),  # TC-E14
        ("uscc", "911310000000000190", "911310000000000190"),  # TC-E16: 31 counts as 0
        ("uscc", "9113100000000006X3", "9113100000000006X3"),  # TC-E17
        ("uscc", "91131000MA0000007U", "91131000MA0000007U"),  # TC-E18
        ("uscc", "91130110MA0000A007", "91130110MA0000A007"),
        ("uscc", "93131003MA0000015U", "93131003MA0000015U"),
        ("uscc", "52130110MJ000000XR", "52130110MJ000000XR"),
        ("uscc", " 91350100m000100y43 ", "91350100M000100Y43"),  # TC-E19
        ("uscc", "9135 0100 M000 100Y 43", "91350100M000100Y43"),
        ("uscc", "９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"),
        ("organisation-code", "007280420", "00728042-0"),
        ("organisation-code", "55222300-X", "55222300-X"),
        ("organisation-code", "00000006X", "00000006-X"),
        ("resident-id", "11010519491231002X", "11010519491231002X"),  # TC-E30
        ("resident-id", "11010519491231002x", "11010519491231002X"),  # TC-E07
        ("resident-id", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("resident-id", "110105 19491231 002X", "11010519491231002X"),
        ("resident-id", "440524188001010014", "440524188001010014"),  # TC-E31
        ("resident-id", "130110190001010014", "130110190001010014"),  # TC-E35
        ("resident-id", "131000190001010025", "131000190001010025"),
        ("mobile", "13812345678", "13812345678"),  # TC-E40
        ("mobile", "+8613812345678", "13812345678"),
        ("mobile", "86-138-1234-5678", "13812345678"),
        ("mobile", "+86 138 1234 5678", "13812345678"),
        ("mobile", "(+86)13812345678", "13812345678"),
        ("mobile", "008613812345678", "13812345678"),
        ("mobile", "１３８１２３４５６７８", "13812345678"),
        ("landline", "0316-5212183", "0316-5212183"),  # TC-E42
        ("landline", "82012802", "82012802"),
        ("landline", "03165212183", "0316-5212183"),
        ("landline", "(0316)5212183", "0316-5212183"),
        ("landline", "（0316）5212183", "0316-5212183"),
        ("landline", "0316—5212183", "0316-5212183"),
        ("landline", "+86 0316 5212183", "0316-5212183"),
        ("landline", "010-82012802转801", "010-82012802-801"),
        ("landline", "4001234567", "400-123-4567"),
        ("landline", "12345", "12345"),
        ("landline", "12315", "12315"),
        ("postcode", "065000", "065000"),
        ("postcode", "０６５０００", "065000"),
        ("email", "lfskjjgxk@163.com", "lfskjjgxk@163.com"),
        ("email", " Li.Si+a@Example.GOV.CN ", "Li.Si+a@example.gov.cn"),
        ("email", "lisi＠163．com", "lisi@163.com"),
        ("document-number", "国办发〔2017〕47号", "国办发〔2017〕47号"),  # TC-B01
        ("document-number", "冀办传〔2021〕70号", "冀办传〔2021〕70号"),
        ("document-number", "邢科创领办〔2020〕18号", "邢科创领办〔2020〕18号"),
        ("document-number", "冀办传 〔２０２１〕 70 号", "冀办传〔2021〕70号"),
        ("document-number", "国务院令第713号", "国务院令第713号"),  # TC-B04
        ("document-number", "石家庄市人民政府令第195号", "石家庄市人民政府令第195号"),
        ("document-number", "沧州市人民政府令第〔2025〕第1号", "沧州市人民政府令第〔2025〕第1号"),
        ("document-number", "河北省人民政府令〔2016〕第5号", "河北省人民政府令〔2016〕第5号"),
    ],
)
def test_valid(kind, value, normal):
    found = check(kind, value)
    assert found.is_valid, found.why
    assert found.normal == normal
    assert found.why == ""


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("uscc", "91350100M000100Y4Z", "“3”"),  # TC-E11
        ("uscc", "91310115MA1H8R7C6D", "校验码不符"),  # TC-E15
        ("uscc", "91350100O000100Y43", "是否应为“0”"),  # TC-E20
        ("uscc", "91350100M000!00Y43", "不使用“!”"),
        ("uscc", "130100000012345", "15位"),  # TC-E21
        ("uscc", "9135", "18位"),
        ("uscc", "", "18位"),
        ("organisation-code", "007280421", "“0”"),
        ("organisation-code", "7280420", "8位"),
        ("resident-id", "110105194912310021", "“X”"),  # TC-E32
        ("resident-id", "110105199001011234", "“2”"),  # TC-E33
        ("resident-id", "130110201002290012", "出生日期不存在"),  # TC-E34
        ("resident-id", "990105194912310021", "校验码"),
        ("resident-id", "190105194912310021", "地区代码"),
        ("resident-id", "130503670401001", "15位"),
        ("resident-id", "张三", "17位"),
        ("mobile", "12012345678", "13至19"),  # TC-E41
        ("mobile", "1381234567", "现为10位"),
        ("mobile", "138123456789", "现为12位"),
        ("mobile", "电话", "只能是数字"),
        ("landline", "031652", "区号"),
        ("landline", "", "区号"),
        ("postcode", "06500", "6位"),
        ("email", "lisi163.com", "形如"),
        ("email", "li..si@163.com", "形如"),
        ("email", "@163.com", "形如"),
        ("email", "lisi@163", "形如"),
        ("email", "a@" + "b" * 300 + ".cn", "形如"),
        ("document-number", "衡政字〔20171", "疑似抽取丢字"),  # TC-B02
        ("document-number", "关于通知", "应形如"),
        ("document-number", "", "应形如"),
    ],
)
def test_not_valid(kind, value, why):
    found = check(kind, value)
    assert not found.is_valid
    assert why in found.why


@pytest.mark.parametrize(
    ("value", "suggestion"),
    [
        ("京民发[2020]01号", "京民发〔2020〕1号"),  # TC-B03
        ("冀办(2021)28号", "冀办〔2021〕28号"),
        ("冀办（2021）28号", "冀办〔2021〕28号"),
        ("冀办【2021】28号", "冀办〔2021〕28号"),
        ("冀办〔2021〕第28号", "冀办〔2021〕28号"),
        ("冀办〔2021〕28", "冀办〔2021〕28号"),
    ],
)
def test_a_document_number_is_offered_in_its_right_form(value, suggestion):
    found = check("document-number", value)
    assert not found.is_valid
    assert found.suggestion == suggestion
    assert check("document-number", found.suggestion).is_valid


def test_a_letter_taken_for_a_digit_is_offered_corrected():
    found = check("uscc", "9135O100M000100Y43")
    assert check("uscc", found.suggestion).is_valid


def test_a_kind_we_do_not_know_is_an_error():
    with pytest.raises(ValueError, match="passport"):
        check("passport", "G12345678")


def test_birth_and_age():
    """TC-E36."""
    born = born_on("130110201011220012")
    assert born == date(2010, 11, 22)
    assert age_on(born, date(2024, 11, 21)) == 13
    assert age_on(born, date(2024, 11, 22)) == 14
    assert born_on("130110201002290012") is None


def test_a_permanent_residence_card_has_the_shape():
    assert has_resident_shape("911124198108030024")


@given(st.sampled_from(KINDS), st.text(max_size=60))
def test_never_raises(kind, value):
    found = check(kind, value)
    assert found.is_valid == (found.why == "")
    if found.is_valid:
        assert check(kind, found.normal).is_valid


@given(st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_of_a_uscc_is_always_caught(place, letter):
    code = "91131000MA0000007U"
    wrong = code[:place] + letter + code[place + 1 :]
    assert check("uscc", wrong).is_valid == (wrong == code)
