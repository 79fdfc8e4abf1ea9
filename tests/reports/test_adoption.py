"""The adoption feedback: its letter, its table, its files."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import docx as python_docx
import openpyxl
import pytest

from portal.reports import adoption, adoption_files, alike, frozen, phrases
from portal.reports.summary import ClauseSummary, Totals, TotalsDoNotBalance
from portal.rules.words import Disposition, FeedbackForm, PointKind, RespondentKind
from tests.reports.conftest import assemble, make, of_comments, single

ADOPTED = Disposition.ADOPTED

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
        assert sum(count for _, count in table.counts) == sum(row.count for row in table.rows)


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


def told(*outcomes, **fields):
    """A summary of one clause with the same words from as many people, each with an outcome."""
    made = answered(list(outcomes), **fields)
    clause = made.clauses[0]
    lines = tuple(
        replace(line, receipt_number=f"22-01-{n:05d}-X", respondent="张*", respondent_kind=RespondentKind.CITIZEN)
        for n, line in enumerate(clause.comments)
    )
    return replace(made, clauses=(replace(clause, comments=lines),))


REFUSED = {"disposition": Disposition.NOT_ADOPTED, "reason": "资金按预算程序安排。"}


def references(summary):
    return [line.reference for line in summary.comments]


def told_proposal(row):
    """What a row says was proposed."""
    found = [part.removeprefix("建议改为：") for part in row.comment.split("\n") if part.startswith("建议改为：")]
    assert len(found) <= 1
    return "".join(found)


class TestMerging:
    def test_three_people_with_the_same_words_are_one_row(self):
        """TC-C04."""
        feedback = adoption.table(told(*[Disposition.NOT_ADOPTED] * 3))
        (row,) = feedback.rows
        assert (row.count, row.reference) == (3, "C-1、C-2、C-3")
        assert row.respondent.endswith("等3人")
        assert feedback.counts == ((Disposition.NOT_ADOPTED, 3),)
        assert "相同、相近的意见归并后，形成反馈1项。" in feedback.letter

    def test_what_was_answered_differently_stays_apart(self):
        feedback = adoption.table(told(Disposition.EXPLAINED, Disposition.NOT_ADOPTED, Disposition.EXPLAINED))
        assert [(row.outcome, row.count) for row in feedback.rows] == [("解释说明", 2), ("未采纳", 1)]

    def test_a_campaign_says_both_counts(self):
        made = told(*[Disposition.EXPLAINED] * 3)
        clause = made.clauses[0]
        lines = (replace(clause.comments[0], body="另一种写法"), *clause.comments[1:])
        made = replace(made, clauses=(replace(clause, comments=lines),))
        kin = {f"C-{n}": "campaign:1" for n in (1, 2, 3)}
        (row,) = adoption.table(made, adoption.Wishes(kin=kin)).rows
        assert row.comment.endswith("（相同、相近意见3件，文字2种）")

    def test_a_proposal_is_told_as_that_of_whoever_made_it(self):
        """Of a campaign some propose a wording: each wording is told, beside the references of those who proposed it."""
        said = [{"body": f"收费应有上限{'！' * (n % 3)}", **REFUSED} for n in range(8)]
        for at, proposed in ((1, "收费不超过成本。"), (3, "收费由财政局核定。"), (6, "收费 由财政局核定。")):
            said[at]["proposed_text"] = proposed
        made = of_comments(*said)
        rows = adoption.table(made, adoption.Wishes(kin=dict.fromkeys(references(made), "campaign:1"))).rows
        assert [(row.references, told_proposal(row)) for row in rows] == [
            (("C-1", "C-3", "C-5", "C-6", "C-8"), ""),
            (("C-2",), "收费不超过成本。"),
            (("C-4", "C-7"), "收费由财政局核定。"),
        ]
        assert rows[0].comment.endswith("（相同、相近意见5件，文字3种）")

    def test_rows_of_one_opinion_stand_together(self):
        said = [{"body": body, **REFUSED} for body in ("甲", "乙", "甲", "丙")]
        said[2]["proposed_text"] = "改成这样。"
        made = of_comments(*said)
        kin = {"C-1": "campaign:1", "C-3": "campaign:1"}
        rows = adoption.table(made, adoption.Wishes(kin=kin)).rows
        assert [row.references for row in rows] == [("C-1",), ("C-3",), ("C-2",), ("C-4",)]

    @pytest.mark.parametrize(
        ("names", "said"),
        [
            ([("张*", "citizen", 1)], "张*"),
            ([("张*", "citizen", 1), ("张*", "citizen", 1)], "张*"),
            ([("张*", "citizen", 1), ("李**", "citizen", 2)], "张*等2人"),
            ([("某公司", "enterprise", 1), ("某公司", "enterprise", 2)], "某公司"),
            ([("某公司", "enterprise", 1), ("某协会", "association", 2)], "某公司等2个单位"),
            ([("张*", "citizen", 1), ("某公司", "enterprise", 2)], "某公司等2个单位和个人"),
        ],
    )
    def test_whose_they_are(self, names, said):
        line = single("意见").comments[0]
        lines = [
            replace(line, respondent=name, respondent_kind=RespondentKind(kind), receipt_number=str(receipt))
            for name, kind, receipt in names
        ]
        assert alike.people(lines) == said


class TestForms:
    def test_many_rows_are_grouped(self):
        """C-5: what was said, how often, what became of it and why; the groups add up."""
        feedback = adoption.table(make(300), adoption.Wishes(form=FeedbackForm.BY_CLAUSE))
        assert sum(group.count for group in feedback.groups) == sum(row.count for row in feedback.rows)
        assert f"按内容归纳为{len(feedback.groups)}类反馈" in feedback.letter
        assert "研究情况：" in feedback.groups[0].words

    def test_who_only_says_yes_is_counted_and_not_quoted(self):
        """赞成；支持！ as the main opinions of a part say nothing to anybody."""
        feedback = adoption.table(make(300), adoption.Wishes(form=FeedbackForm.BY_CLAUSE))
        plain = {
            reference
            for clause in make(300).clauses
            for point in clause.points
            if point.kind is PointKind.APPROVAL
            for reference in point.references
        }
        listed = [reference for row in feedback.rows for reference in row.references]
        assert sum(group.approvals for group in feedback.groups) == len(plain.intersection(listed)) > 0
        for group in feedback.groups:
            assert "赞成" not in group.opinions
            assert (f"{group.approvals}条只表示赞成" in group.said) == bool(group.approvals)

    def test_what_is_listed_in_a_sentence_ends_without_a_stop(self):
        feedback = adoption.table(make(300), adoption.Wishes(form=FeedbackForm.BY_CLAUSE))
        for group in feedback.groups:
            for words in group.paragraphs:
                assert not re.search("[。！]；|。……|。。|；。", words)
                assert words.endswith("。")

    def test_groups_may_be_given_by_what_was_said(self):
        made = told(*[Disposition.EXPLAINED] * 2)
        feedback = adoption.table(made, adoption.Wishes(form=FeedbackForm.BY_CAMPAIGN, subjects={"C-1": "资金支持"}))
        assert feedback.groups[0].subject == "资金支持"

    def test_one_opinion_is_a_main_opinion_once(self):
        """However it was worded, answered or proposed: the same text three times says less than three opinions."""
        said = [{"body": f"收费应有上限{'！' * (n % 3)}", **REFUSED} for n in range(9)]
        said[2] |= {"disposition": Disposition.EXPLAINED, "reason": "收费按成本核定。"}
        said[4]["proposed_text"], said[5]["proposed_text"] = "收费不超过成本。", "收费由财政局核定。"
        said += [{"body": "档期要公开", **REFUSED}, {"body": "夜里也要开放", **REFUSED}]
        made = of_comments(*said)
        wishes = adoption.Wishes(
            form=FeedbackForm.BY_CLAUSE, kin={f"C-{n}": "campaign:1" for n in range(1, 10)}
        )  # fmt: skip
        (group,) = adoption.table(made, wishes).groups
        assert group.opinions == (
            "收费应有上限（相同、相近意见9件，文字5种，其中2条提出修改文字2种）", "档期要公开", "夜里也要开放",
        )  # fmt: skip

    def test_every_outcome_says_its_main_reason(self):
        outcomes = [(kind, f"{kind.label}，原因{n}。") for n, kind in enumerate(Disposition) if kind is not ADOPTED]
        said = [{"body": f"意见{n}", "disposition": kind, "reason": why} for n, (kind, why) in enumerate(outcomes)]
        said += [{"body": f"又一条{n}", **REFUSED} for n in range(2)]
        said += [{"body": "采纳的", "disposition": ADOPTED, "changed_text": "原稿已体现"}]
        (group,) = adoption.table(of_comments(*said), adoption.Wishes(form=FeedbackForm.BY_CLAUSE)).groups
        assert group.reasons == (
            "部分采纳的，部分采纳，原因1", "未采纳的，主要是：资金按预算程序安排", "解释说明的，解释说明，原因3",
            "留存研究的，留存研究，原因4", "不属于本次征集范围的，不属于本次征集范围，原因5",
        )  # fmt: skip
        assert "未采纳3条" in group.paragraphs[1]
        assert "。理由：部分采纳的，" in group.paragraphs[1]

    def test_of_one_outcome_the_reason_needs_no_name(self):
        (group,) = adoption.table(
            of_comments(*[{"body": "意见", **REFUSED}] * 2), adoption.Wishes(form=FeedbackForm.BY_CLAUSE)
        ).groups
        assert group.paragraphs == ("主要意见：意见（2条）。", "研究情况：未采纳2条。理由：资金按预算程序安排。")

    def test_nothing_received_is_form_c3_whatever_was_wished(self, silent):
        """TC-C03."""
        feedback = adoption.table(silent, adoption.Wishes(form=FeedbackForm.TABLE))
        assert feedback.form is FeedbackForm.NONE
        assert "未收到社会公众提出的意见建议" in feedback.letter

    def test_what_was_not_answered_one_by_one_says_why(self):
        feedback = adoption.table(
            told(Disposition.EXPLAINED, None), adoption.Wishes(unanswered_reason="与他人意见同类。")
        )
        assert "；其余1条为未逐条答复。" in feedback.letter
        assert "未逐条答复的1条，原因是：与他人意见同类。" in feedback.letter
        assert [row.outcome for row in feedback.rows] == ["解释说明", "未逐条答复"]

    def test_a_letter_that_does_not_agree_is_refused(self, summary):
        feedback = adoption.table(summary)
        with pytest.raises(TotalsDoNotBalance, match="文中不是"):
            adoption.require_agreement(replace(feedback, letter="共收到意见0条。"))
        with pytest.raises(TotalsDoNotBalance, match="逐条列出"):
            adoption.require_agreement(replace(feedback, unanswered=1))

    def test_it_can_be_kept_and_read_again(self, summary):
        feedback = adoption.table(summary, adoption.Wishes(form=FeedbackForm.BY_CLAUSE))
        assert frozen.value_of(adoption.AdoptionTable, frozen.plain(feedback)) == feedback


class TestFiles:
    def test_word(self, summary):
        feedback = adoption.table(summary)
        document = python_docx.Document(io.BytesIO(adoption_files.render_docx(feedback)))
        assert [section.orientation for section in document.sections] == [0, 1]
        turned = document.sections[1]
        assert (turned.page_width.twips, turned.page_height.twips) == (16838, 11906)
        # the turned page keeps the text area: 225 mm wide, 156 mm high
        assert turned.page_width.twips - turned.left_margin.twips - turned.right_margin.twips == 16838 - 2098 - 1984
        assert turned.page_height.twips - turned.top_margin.twips - turned.bottom_margin.twips == 11906 - 1587 - 1474
        body = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
        assert body[0][0] == "序号"
        # a line over all columns for each clause, and under it its rows
        under = [row for row in body[1:] if row[0].isdigit()]
        assert [row[0] for row in body[1:] if not row[0].isdigit()] == list(
            dict.fromkeys(row.clause for row in feedback.rows)
        )
        assert len(under) == len(feedback.rows)
        assert [row[4] for row in under] == [row.disposition.label for row in feedback.rows]
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        assert feedback.letter in text
        assert feedback.rate in text
        assert "2022年3月13日" in text

    def test_word_without_opinions_is_the_letter_alone(self, silent):
        document = python_docx.Document(io.BytesIO(adoption_files.render_docx(adoption.table(silent))))
        assert not document.tables
        assert len(document.sections) == 1

    def test_excel(self, summary):
        feedback = adoption.table(summary)
        book = openpyxl.load_workbook(io.BytesIO(adoption_files.render_xlsx(feedback)))
        body = [[cell.value for cell in row] for row in book["采纳情况"].iter_rows(min_row=2)]
        assert [row[1] for row in body] == [row.reference for row in feedback.rows]
        found = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
        assert [found[kind.label] for kind, _ in feedback.counts] == [count for _, count in feedback.counts]

    @pytest.mark.parametrize("extension", adoption_files.FORMATS)
    def test_the_same_table_gives_the_same_bytes(self, summary, extension):
        render, _ = adoption_files.FORMATS[extension]
        assert render(adoption.table(summary)) == render(adoption.table(make()))

    @pytest.mark.parametrize("extension", adoption_files.FORMATS)
    @pytest.mark.parametrize("form", FeedbackForm)
    def test_every_form_can_be_every_file(self, summary, extension, form):
        render, _ = adoption_files.FORMATS[extension]
        assert render(adoption.table(summary, adoption.Wishes(form=form, correction="更正了一处。", number=2)))

    def test_csv_holds_every_row_and_no_formula(self, summary):
        content = adoption_files.render_csv(adoption.table(single("=1+1", disposition=Disposition.EXPLAINED)))
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert rows[1][4].startswith("'=1+1")
        assert rows[-2][2] == "1"
