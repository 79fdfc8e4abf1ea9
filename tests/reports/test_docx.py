"""The Word file, opened again: geometry after GB/T 9704, faces, page numbers, and every figure."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile

import docx as python_docx
import pypdfium2
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from portal.reports import docx, phrases, word_package
from portal.reports.blocks import Prose
from tests.reports.conftest import make, single


def opened(summary):
    return python_docx.Document(io.BytesIO(docx.render(summary)))


@pytest.fixture(scope="module")
def document(summary):
    return opened(summary)


def part(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


class TestPage:
    def test_paper_margins_and_footer(self, document):
        section = document.sections[0]
        assert (section.page_width.twips, section.page_height.twips) == (11906, 16838)
        margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert tuple(length.twips for length in margins) == (2098, 1984, 1587, 1474)
        for length, millimetres in zip(margins, (37, 35, 28, 26), strict=True):
            assert abs(length - Mm(millimetres)) < Mm(1)
        assert section.footer_distance.twips == 1587

    def test_grid(self, document):
        grid = document.sections[0]._sectPr.find(qn("w:docGrid"))
        assert grid.get(qn("w:type")) == "linesAndChars"
        assert (grid.get(qn("w:linePitch")), grid.get(qn("w:charSpace"))) == ("579", "-848")

    def test_body_is_16_point_fangsong_indented_by_two_characters(self, document):
        style = document.styles["Normal"]
        assert style.font.size == Pt(16)
        assert style.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
        assert style.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
        assert style.paragraph_format.line_spacing.twips == 579

    def test_page_numbers_stand_right_on_odd_pages_and_left_on_even_ones(self, document):
        section = document.sections[0]
        assert document.settings.odd_and_even_pages_header_footer
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            paragraph = footer.paragraphs[0]
            assert paragraph._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
            assert paragraph._p.pPr.find(qn("w:ind")).get(qn(f"w:{side}Chars")) == "100"
            texts = [run.text for run in paragraph.runs if run.text]
            assert (texts[0], texts[-1]) == ("— ", " —")
            assert "PAGE" in paragraph._p.xml
            assert all(run.font.size == Pt(14) for run in paragraph.runs)
            assert all(run._r.rPr.rFonts.get(qn("w:eastAsia")) == "宋体" for run in paragraph.runs)

    def test_has_no_red_head_and_no_seal(self, summary):
        names = zipfile.ZipFile(io.BytesIO(docx.render(summary))).namelist()
        assert not [name for name in names if "media" in name or "header" in name]
        assert "FF0000" not in part(docx.render(summary), "word/document.xml")

    @pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
    def test_22_lines_of_28_characters_fill_one_page(self, tmp_path, summary):
        content = word_package.package(
            docx.body([Prose("国" * (28 * 22 - 2))]), title="满页", author="单位", made_at=summary.cut_off_at
        )
        (tmp_path / "page.docx").write_bytes(content)
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
             "--outdir", str(tmp_path), str(tmp_path / "page.docx")],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        pages = pypdfium2.PdfDocument(tmp_path / "page.pdf")
        assert len(pages) == 1
        text = pages[0].get_textpage()
        at = [place for place in range(text.count_chars()) if text.get_text_range(place, 1) == "国"]
        assert len({round(text.get_charbox(place)[1]) for place in at}) == 22


class TestType:
    def test_every_run_names_its_chinese_face(self, summary):
        xml = part(docx.render(summary), "word/document.xml")
        runs = re.findall(r"<w:r>(.*?)</w:r>", xml)
        assert runs
        assert all('w:eastAsia="' in run for run in runs)

    def test_what_only_leads_to_the_next_line_is_kept_with_it(self, document):
        """提出修改文字6条，文字相同的归为1种：alone at the foot of a page leads nowhere."""
        leading = [each for each in document.paragraphs if each.style.name == "细目" and each.text.endswith("：")]
        assert leading
        assert all(each.paragraph_format.keep_with_next for each in leading)

    def test_chinese_text_says_that_it_is_chinese(self, document):
        language = document.styles.element.find(
            f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:lang')}"
        )
        assert language.get(qn("w:eastAsia")) == "zh-CN"
        # Latin text that says it is Chinese is broken inside its numbers
        assert language.get(qn("w:val")) == "en-US"

    def test_headings(self, document):
        faces = {}
        for paragraph in document.paragraphs:
            if re.match("[一二三四五六]、|（[一二三四五六]）|1. ", paragraph.text):
                run = paragraph.runs[0]
                faces[paragraph.text[:2]] = (run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size)
        assert faces["一、"] == faces["六、"] == ("黑体", Pt(16))
        assert faces["（一"] == ("楷体_GB2312", Pt(16))
        assert faces["1."] == ("仿宋_GB2312", Pt(16))

    def test_title_is_22_point_xiaobiaosong_and_centred(self, document):
        title = document.paragraphs[0]
        assert title.text == "意见汇总报告"
        assert title.style.name == "Title"
        assert title.runs[0].font.size == Pt(22)
        assert title.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"

    def test_dates_have_no_leading_zero(self, document):
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        assert "2022年3月13日" in text
        assert not re.search("年0|月0", text)


class TestTables:
    def test_heads_repeat_and_the_layout_is_fixed(self, document):
        assert document.tables
        for table in document.tables:
            assert table._tbl.tblPr.find(qn("w:tblLayout")).get(qn("w:type")) == "fixed"
            assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
            assert sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid) == 11906 - 1587 - 1474

    def test_figures_are_those_of_the_summary(self, document, summary):
        grids = {table.rows[0].cells[0].text: [[c.text for c in row.cells] for row in table.rows[1:]]
                 for table in document.tables}  # fmt: skip
        total = str(summary.totals.received)
        both = [str(summary.submissions), total]
        assert grids["提出方式"] == [[c.label, str(s), str(n)] for c, s, n in summary.by_channel] + [["合计", *both]]
        assert grids["提出人"] == [[k.label, str(s), str(n)] for k, s, n in summary.by_kind] + [["合计", *both]]
        assert grids["态度"] == [[s.label, str(n)] for s, n in summary.by_stance if n] + [["合计", total]]
        assert grids["理由"] == [["与草案无关", str(summary.totals.withheld)], ["合计", str(summary.totals.withheld)]]
        assert grids["采纳情况"][-1] == ["合计", total]
        assert sum(int(row[1]) for row in grids["采纳情况"][:-1]) == summary.totals.received
        clauses = [clause for clause in summary.clauses if clause.totals.received]
        assert [row[1] for row in grids["条款"]] == [str(clause.totals.received) for clause in clauses] + [total]
        assert grids["条款"][-1][2:] == [str(count) for _, count in summary.totals.parts()]
        days = [cell for row in grids["日期"] for cell in row[1::2] if cell]
        assert sum(map(int, days)) == summary.totals.received


class TestWords:
    def test_says_the_balance_and_lists_every_published_comment(self, document, summary):
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        assert phrases.sum_of(summary.totals) in text
        for line in summary.comments:
            assert f"[{line.reference}]　{line.respondent}" in text
        for clause in summary.clauses:
            if clause.totals.received:
                assert phrases.clause_figures(clause) in text

    def test_clauses_without_comments_are_named(self, document, summary):
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        silent = [clause for clause in summary.clauses if clause.label and not clause.totals.received]
        assert silent
        assert f"未收到意见的条款{len(silent)}个：" in text

    def test_no_comments_at_all(self, silent):
        document = opened(silent)
        headings = [p.text for p in document.paragraphs if p.style.name == "heading 1" or p.style.name == "Heading 1"]
        assert headings == ["一、基本情况", "二、收到意见情况", "三、全文分布", "四、说明"]
        assert not document.tables

    def test_no_section_on_answers_before_there_are_any(self):
        text = [paragraph.text for paragraph in opened(make(5, answered=False)).paragraphs]
        assert not any("办理情况" in line for line in text)

    def test_what_xml_cannot_hold_is_dropped_and_the_rest_stays(self):
        document = opened(single("头\x00\x08尾\ud800！<w:p/>&"))
        assert any(paragraph.text == "头尾！<w:p/>&" for paragraph in document.paragraphs)

    def test_an_override_in_a_name_does_not_turn_what_follows(self):
        document = opened(single("正文", respondent="张\u202e三"))
        byline = next(p.text for p in document.paragraphs if p.text.startswith("[C-1]"))
        assert "张\u202e三\u202c" in byline

    def test_properties_state_the_cut_off(self, document, summary):
        assert document.core_properties.created == summary.cut_off_at
        assert document.core_properties.author == summary.bureau
