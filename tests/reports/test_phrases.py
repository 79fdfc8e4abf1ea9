"""The sentences of a report, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.reports import phrases
from portal.reports.characters import closed, for_print, for_xml, one_line, paragraphs, shortened
from portal.reports.summary import Totals
from tests.reports.conftest import make


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (23, "二十三"), (100, "一百"), (105, "一百零五"),
     (110, "一百一十"), (115, "一百一十五"), (1001, "一千零一"), (1010, "一千零一十"), (9999, "九千九百九十九")],
)  # fmt: skip
def test_numerals(number, said):
    assert phrases.numeral(number) == said


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("某方案", "《某方案（征求意见稿）》"),
        ("某方案（征求意见稿）", "《某方案（征求意见稿）》"),
        ("《某方案》", "《某方案（征求意见稿）》"),
        ("《某方案（征求意见稿）》", "《某方案（征求意见稿）》"),
        ("关于《某方案（征求意见稿）》公开征求意见的公告", "《某方案（征求意见稿）》"),
        ("关于《实施〈某法〉办法（征求意见稿）》的公告", "《实施〈某法〉办法（征求意见稿）》"),
        ("某方案(征求意见稿)", "《某方案(征求意见稿)》"),
    ],
)
def test_draft_name(summary, stored, shown):
    assert phrases.draft_name(replace(summary, draft_title=stored)) == shown


def test_balance_is_a_sum():
    totals = Totals(9, 0, 5, 1, 2, 1, (("P4", "与草案无关", 1),))
    assert phrases.sum_of(totals) == "收到9条＝待审0条＋公开5条＋并入相同意见2条＋不予公开1条＋撤回1条"
    assert phrases.sum_of(totals, with_zeros=False) == "收到9条＝公开5条＋并入相同意见2条＋不予公开1条＋撤回1条"


def test_untouched_clauses_are_listed_while_they_are_few():
    few, many = make(5, clauses=12), make(5, clauses=200)
    assert "未收到意见的条款" in phrases.distribution_words(few)
    assert "：" in phrases.distribution_words(few)
    assert phrases.distribution_words(many).endswith("个。")


def test_the_clauses_above_what_was_spoken_of_are_not_called_silent():
    summary = make(0, clauses=4)
    part, inner, *rest = [each for each in summary.clauses if each.label]
    spoken = replace(inner, depth=part.depth + 1, totals=Totals(2, published=2))
    said = phrases.distribution_words(
        replace(summary, totals=Totals(2, published=2), clauses=(replace(part, totals=Totals()), spoken, *rest))
    )
    assert f"未收到意见的条款{len(rest) + 1}个，其中1个的下级条款收到意见；其余{len(rest)}个为" in said
    assert f"、{part.citation}" not in said
    assert f"为{part.citation}" not in said


def test_a_line_about_a_comment_begins_with_its_day():
    line = make(3).comments[0]
    assert phrases.who(line).startswith("（2022年")
    assert phrases.who(line).endswith(f"，{line.respondent_kind.label}）")


def test_what_comments_are_is_told_without_what_there_is_none_of():
    assert phrases.share_words(Totals(9, published=7, withheld=2)) == "其中公开7条、不予公开2条"
    assert phrases.share_words(Totals(9, published=9)) == "均公开"


class TestCharacters:
    def test_xml(self):
        assert for_xml("a\x00\x0b\ud800\uffffb\t\n") == "ab\t\n"

    def test_print(self):
        assert for_print("a\u200bb\u202ec\r\nd\x07") == "abc\nd"

    def test_closed(self):
        assert closed("a\u202eb") == "a\u202eb\u202c"
        assert closed("a\u2067b\u2069") == "a\u2067b\u2069"

    def test_one_line(self):
        assert one_line(" a\r\n b\u2028c ") == "a b c"

    def test_paragraphs(self):
        assert paragraphs("a\r\n\n b \x0bc") == ["a", "b", "c"]

    def test_shortened(self):
        assert shortened("短。", 10) == "短。"
        assert shortened("一二三四五六。七八九十", 8) == "一二三四五六。……"
        assert shortened("一二三四五六七八九十", 8) == "一二三四五六七八……"
