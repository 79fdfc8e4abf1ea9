"""The report that goes up with the draft, and the working table behind it (forms C-1 and C-2)."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import docx as python_docx
import pytest

from portal.reports import situation, wordml, working_table
from portal.reports.summary import Totals
from portal.rules.words import Channel, Disposition, RespondentKind
from tests.reports.conftest import make, of_comments, single


def alike(many: int, **fields):
    """Equal comments of as many people, answered alike."""
    summary = single(
        "请写明认定公示后多少天内兑付。", disposition=Disposition.ADOPTED, reason="已补充兑付时限。", **fields
    )
    (clause,) = [each for each in summary.clauses if each.comments]
    lines = tuple(
        replace(clause.comments[0], reference=f"C-{number}", receipt_number=str(number))
        for number in range(1, many + 1)
    )
    totals = Totals(many, published=many)
    changed = replace(
        clause, comments=lines, totals=totals, by_stance=((lines[0].stance, many),),
        by_kind=((lines[0].respondent_kind, many),), points=(),
    )  # fmt: skip
    return replace(
        summary, clauses=tuple(changed if each is clause else each for each in summary.clauses), totals=totals,
        submissions=many, by_channel=((lines[0].channel, many, many),),
        by_kind=((lines[0].respondent_kind, many, many),), by_stance=((lines[0].stance, many),),
        by_day=((summary.by_day[0][0], many),), senders=(), dispositions=((Disposition.ADOPTED, many),),
        campaigns=(), figures=(), narrative=(), since=None,
    )  # fmt: skip


def document(summary):
    return python_docx.Document(io.BytesIO(situation.render(summary, {})))


def refused(*said, kin=""):
    """The text of the report on comments that were not adopted for one reason."""
    made = of_comments(
        *({"disposition": Disposition.NOT_ADOPTED, "reason": "按现有力量安排。"} | each for each in said)
    )
    backing = {line.reference: working_table.Backing(kin=kin) for line in made.comments}
    report = python_docx.Document(io.BytesIO(situation.render(made, backing)))
    return "\n".join(paragraph.text for paragraph in report.paragraphs)


class TestReport:
    def test_a_change_names_every_comment_it_counts(self):
        """Comments folded into one row of the annex keep their references in the text."""
        text = "\n".join(paragraph.text for paragraph in document(alike(4)).paragraphs)
        assert "（4条）：" in text
        assert "[C-1、C-2、C-3、C-4]" in text

    def test_different_opinions_answered_together_are_told_as_different(self):
        """Only who said a thing is told to have said it."""
        said = [
            {"body": "建议公开巡查记录。"},
            *[{"body": "请加装摄像头"}] * 3,
            {"body": "巡查要拍照", "proposed_text": "每次拍照。"},
        ]
        text = refused(*said)
        assert (
            "（5条，意见3种）：意见：1.请加装摄像头（3条）[C-2、C-3、C-4]；2.建议公开巡查记录[C-1]；"
            "3.巡查要拍照。建议改为：每次拍照[C-5]。理由：按现有力量安排。"
        ) in text

    def test_of_many_opinions_the_rest_is_counted(self):
        text = refused(*[{"body": f"第{n}种说法"} for n in range(9)])
        assert "（9条，意见9种）：意见：1.第0种说法[C-1]；" in text
        assert "5.第4种说法[C-5]；另有4种意见4条，见附件[C-6、C-7、C-8、C-9]。理由：" in text

    def test_one_opinion_says_in_how_many_wordings(self):
        said = [{"body": f"收费应有上限{'！' * (n % 2)}"} for n in range(5)]
        said[1]["proposed_text"] = "收费不超过成本。"
        text = refused(*said, kin="1")
        assert "（5条）：意见：收费应有上限（文字3种，其中1条提出修改文字1种）。理由：" in text
        assert "[C-1、C-2、C-3、C-4、C-5]" in text

    def test_what_came_in_is_said_once(self):
        text = "\n".join(paragraph.text for paragraph in document(alike(3)).paragraphs)
        assert "共有意见3条，均公开。" in text
        assert "收到3条＝" not in text

    def test_a_wording_in_quotation_marks_has_single_ones_inside(self):
        summary = alike(1, original_text="实施“微成长”计划。", changed_text="实施“微成长”计划，每年评估一次。")
        text = "\n".join(paragraph.text for paragraph in document(summary).paragraphs)
        assert "修改为“实施‘微成长’计划，每年评估一次。”" in text

    def test_a_blank_line_stands_under_the_title_and_over_the_enclosure(self):
        paragraphs = document(alike(2)).paragraphs
        heading = next(at for at, each in enumerate(paragraphs) if each.style.name == "Heading 1")
        assert paragraphs[heading - 1].style.name == "Title"
        assert paragraphs[heading - 1].paragraph_format.space_after.pt == 22
        (at,) = [at for at, each in enumerate(paragraphs) if each.text.startswith("附件：")]
        assert paragraphs[at - 1].text == ""

    @pytest.mark.parametrize("many", [3, 40])
    def test_every_reference_leads_to_its_row(self, many):
        xml = zipfile.ZipFile(io.BytesIO(situation.render(make(many), {}))).read("word/document.xml").decode()
        marks = re.findall(r'w:bookmarkStart w:id="(\d+)" w:name="(C_\d+)"', xml)
        leads = set(re.findall(r'w:hyperlink w:anchor="(C_\d+)"', xml))
        assert leads <= {name for _, name in marks}
        numbers = re.findall(r'w:bookmarkStart w:id="(\d+)"', xml)
        assert len(numbers) == len(set(numbers))


class TestAnnex:
    def test_no_column_is_too_narrow_for_its_figures(self):
        """Three figures, and a reference of three, stand on one line."""
        table = document(make(200)).tables[-1]
        wide = [int(column.get("{*}w") or column.get(column.keys()[0])) for column in table._tbl.tblGrid]
        figure = working_table._SIZE * 20 / 2  # half as wide as high, in twentieths of a point
        assert wide[0] - 120 >= 3 * figure
        assert wide[1] - 120 >= 5 * figure

    def test_what_the_draft_says_is_printed_once_for_a_clause(self):
        rows = working_table.folded(working_table.rows(make(60), {}))
        table = document(make(60)).tables[-1]
        cells = [row.cells[2].text for row in table.rows[1:] if row.cells[0].text.isdigit()]
        assert len(cells) == len(rows)
        numbers = [int(said.removeprefix("同序号")) for said in cells if said.startswith("同序号")]
        assert numbers
        for number in numbers:
            assert cells[number - 1] != "—"
            assert not cells[number - 1].startswith("同序号")

    def test_beside_a_proposal_of_one_sentence_stands_that_sentence(self):
        whole = "由区科技局负责组织实施，并定期公布结果。每年安排二百万元。"
        for proposed, original in (("每年安排三百万元。", "每年安排二百万元。"), ("设立举报奖金。", whole)):
            (row,) = working_table.rows(alike(1, original_text=whole, proposed_text=proposed), {})
            assert (row.original, row.proposed) == (original, proposed)

    def test_a_row_names_the_first_of_its_references(self):
        table = document(alike(5)).tables[-1]
        assert table.rows[2].cells[1].text == "C-1\nC-2\nC-3\n等5条"

    def test_a_proposal_is_told_as_that_of_whoever_made_it(self):
        said = [{"body": f"收费应有上限{'！' * (n % 2)}"} for n in range(5)]
        said[1]["proposed_text"], said[3]["proposed_text"] = "收费不超过成本。", "收费由财政局核定。"
        made, backing = of_comments(*said), {f"C-{n}": working_table.Backing(kin="1") for n in range(1, 6)}
        rows = working_table.folded(working_table.rows(made, backing))
        assert [(row.references, row.proposed) for row in rows] == [
            (("C-1", "C-3", "C-5"), ""), (("C-2",), "收费不超过成本。"), (("C-4",), "收费由财政局核定。"),
        ]  # fmt: skip
        document = python_docx.Document(io.BytesIO(situation.render(made, backing)))
        cells = [[cell.text for cell in row.cells] for row in document.tables[-1].rows][2:]
        assert [cell[3] for cell in cells] == [
            "收费应有上限", "收费应有上限！\n建议改为：收费不超过成本。", "收费应有上限！\n建议改为：收费由财政局核定。",
        ]  # fmt: skip

    def test_a_row_counts_everybody_it_speaks_for(self):
        came = datetime(2022, 2, 11, 4, tzinfo=UTC)
        said = [
            {"respondent": "张*", "respondent_kind": RespondentKind.CITIZEN, "channel": Channel.WEB},
            {"respondent": "李*", "respondent_kind": RespondentKind.CITIZEN, "channel": Channel.LETTER},
            {"respondent": "某公司", "respondent_kind": RespondentKind.ENTERPRISE, "channel": Channel.WEB},
        ]
        made = of_comments(*({"body": "同样的话", "received_at": came + timedelta(days=n)} | each
                             for n, each in enumerate(said)))  # fmt: skip
        cell = document(made).tables[-1].rows[2].cells[4].text
        assert cell == "某公司等3个单位和个人（个人2条，企业1条）\n网上2条，信函1条\n2022-02-11至2022-02-13"

    def test_campaigns_of_one_name_stay_apart(self):
        made = of_comments({"body": "甲"}, {"body": "乙"})
        backing = {f"C-{n}": working_table.Backing(campaign="相同、相近意见2件", kin=str(n)) for n in (1, 2)}
        assert len(working_table.folded(working_table.rows(made, backing))) == 2

    def test_a_row_is_divided_only_when_it_is_taller_than_most_of_a_page(self):
        def is_whole(words: str) -> bool:
            return (
                "cantSplit"
                in wordml.table(("甲", "乙"), [("一", words)] * 20, (1, 9), "cl", size=9).split("</w:tr>")[1]
            )

        assert is_whole("字" * 600)
        assert is_whole("一行\n" * 17)
        assert not is_whole("字" * 2000)
        assert not is_whole("一行\n" * 30)
