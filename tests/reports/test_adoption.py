"""The adoption feedback: its letter, its table, its files."""

from __future__ import annotations

import io
from dataclasses import replace

import docx as python_docx
import openpyxl
import pytest

from portal.reports import adoption, phrases
from portal.reports.summary import ClauseSummary, Totals, TotalsDoNotBalance
from portal.rules.words import Disposition
from tests.reports.conftest import assemble, make, single

OUTCOMES = [Disposition.ADOPTED, *[Disposition.PARTLY_ADOPTED] * 2, *[Disposition.EXPLAINED] * 3]


def answered(outcomes, **fields):
    """A summary of one clause with one published comment for each outcome (None: not answered yet)."""
    lines = tuple(
        replace(line, disposition=outcome, reason="理由" if outcome else "", changed_text="", reference=f"C-{n}")
        for n, (line, outcome) in enumerate(zip([single("意见").comments[0]] * len(outcomes), outcomes, strict=True), 1)
    )
    clause = single("意见").clauses[0]
    count = len(lines)
    merged = fields.pop("merged", 0)
    totals = Totals(received=count + merged, published=count, merged=merged)
    stance, kind = lines[0].stance, lines[0].respondent_kind
    made: ClauseSummary = replace(
        clause, totals=totals, comments=lines, by_stance=((stance, count + merged),), by_kind=((kind, count + merged),)
    )
    return assemble([made], **fields)


class TestLetter:
    def test_counts_what_became_of_every_comment(self):
        letter = adoption.letter(answered(OUTCOMES))
        assert "共收到意见6条，其中采纳1条、部分采纳2条、解释说明3条。" in letter
        assert "收到来稿3件" in letter

    def test_says_what_became_of_the_rest(self):
        letter = adoption.letter(answered([*OUTCOMES, None], merged=4))
        assert "共收到意见11条，其中采纳1条、部分采纳2条、解释说明3条；" in letter
        assert "；其余5条为并入相同意见4条、公开后尚未办理1条。" in letter

    def test_no_opinions(self, silent):
        assert adoption.letter(silent) == (
            "2022年2月10日至2022年3月12日24时，衡水市科学技术局就《衡水市企业自主创新能力提升实施方案（征求意见稿）》"
            "向社会公开征求意见。征求意见期间，未收到社会公众提出的意见建议。感谢社会各界的关注。"
        )
        table = adoption.table(silent)
        assert table.title == "关于《衡水市企业自主创新能力提升实施方案（征求意见稿）》公开征求意见情况的反馈"
        assert table.rows == ()

    def test_before_any_answer(self):
        letter = adoption.letter(make(3, answered=False))
        assert "办理结果将另行公布" in letter

    def test_its_figures_are_those_of_the_table(self, summary):
        table = adoption.table(summary)
        assert table.counts == summary.dispositions
        assert sum(count for _, count in table.counts) == len(table.rows)


class TestRate:
    def test_states_its_formula(self):
        rate = phrases.adoption_rate(answered([*OUTCOMES, Disposition.NOT_ADOPTED]))
        assert rate == "采纳率＝（采纳＋部分采纳）÷（采纳＋部分采纳＋未采纳）＝（1＋2）÷（1＋2＋1）＝75.0%"

    def test_rounds_half_up(self):
        outcomes = [Disposition.ADOPTED] * 1 + [Disposition.NOT_ADOPTED] * 15
        assert phrases.adoption_rate(answered(outcomes)).endswith("＝6.3%")

    def test_nothing_to_divide_by(self):
        assert "没有可以计算采纳率的意见" in phrases.adoption_rate(answered([Disposition.EXPLAINED]))


class TestTable:
    def test_a_changed_clause_shows_old_and_new_words(self):
        line = single("意见", disposition=Disposition.ADOPTED, changed_text="新条文。", original_text="旧条文。")
        row = adoption.table(replace(line)).rows[0]
        assert row.change == "原文：旧条文。\n→ 修改后：新条文。"

    def test_an_unchanged_clause_shows_neither(self):
        row = adoption.table(single("意见", disposition=Disposition.EXPLAINED, original_text="旧条文。")).rows[0]
        assert row.change == ""

    def test_refuses_figures_that_do_not_agree_with_the_rows(self, summary):
        with pytest.raises(TotalsDoNotBalance, match="采纳情况"):
            adoption.table(replace(summary, dispositions=summary.dispositions[1:]))

    def test_the_respondent_is_shown_as_published(self):
        table = adoption.table(single("意见", disposition=Disposition.EXPLAINED, respondent="李**等3人"))
        assert table.rows[0].respondent == "李**等3人"


class TestFiles:
    def test_word(self, summary):
        feedback = adoption.table(summary)
        document = python_docx.Document(io.BytesIO(adoption.render_docx(feedback)))
        assert [section.orientation for section in document.sections] == [0, 1]
        turned = document.sections[1]
        assert (turned.page_width.twips, turned.page_height.twips) == (16838, 11906)
        # the turned page keeps the text area: 225 mm wide, 156 mm high
        assert turned.page_width.twips - turned.left_margin.twips - turned.right_margin.twips == 16838 - 2098 - 1984
        assert turned.page_height.twips - turned.top_margin.twips - turned.bottom_margin.twips == 11906 - 1587 - 1474
        body = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
        assert body[0][0] == "序号"
        assert len(body) - 1 == len(feedback.rows)
        assert [row[4] for row in body[1:]] == [row.disposition.label for row in feedback.rows]
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        assert feedback.letter in text
        assert feedback.rate in text
        assert "2022年3月13日" in text

    def test_word_without_opinions_is_the_letter_alone(self, silent):
        document = python_docx.Document(io.BytesIO(adoption.render_docx(adoption.table(silent))))
        assert not document.tables
        assert len(document.sections) == 1

    def test_excel(self, summary):
        feedback = adoption.table(summary)
        book = openpyxl.load_workbook(io.BytesIO(adoption.render_xlsx(feedback)))
        body = [[cell.value for cell in row] for row in book["采纳情况"].iter_rows(min_row=2)]
        assert [row[1] for row in body] == [row.reference for row in feedback.rows]
        found = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
        assert [found[kind.label] for kind, _ in feedback.counts] == [count for _, count in feedback.counts]

    @pytest.mark.parametrize("extension", ["docx", "xlsx"])
    def test_the_same_table_gives_the_same_bytes(self, summary, extension):
        first = adoption.render(extension, adoption.table(summary))
        assert first == adoption.render(extension, adoption.table(make()))

    def test_no_other_format(self, summary):
        assert adoption.render("pdf", adoption.table(summary)) is None
