"""The PDF, opened again: words, page numbers, bookmarks, faces and lines."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pypdfium2
import pytest
from reportlab.lib.units import mm

from portal.reports import fonts, pdf, phrases
from portal.reports.blocks import Heading, Prose, Table
from portal.reports.fonts import Role
from portal.reports.line_breaking import NEVER_FIRST, NEVER_LAST, lines
from portal.reports.pages import open_pages
from tests.reports.conftest import single

needs_fonts = pytest.mark.skipif(not fonts.has_chinese(), reason="needs a Chinese font")


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def words(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def content(summary) -> bytes:
    return pdf.render(summary)


class TestWords:
    def test_says_every_figure_and_every_comment(self, content, summary):
        text = words(re.sub("— \\d+ —", "", text_of(content)))
        assert words(phrases.sum_of(summary.totals)) in text
        assert words(phrases.answers_words(summary)) in text
        for clause in summary.clauses:
            if clause.totals.received:
                assert words(phrases.clause_figures(clause)) in text
        for line in summary.comments:
            assert f"[{line.reference}]{words(line.respondent)}" in text

    def test_pages_are_numbered_right_and_left_in_turn(self, content):
        document = pypdfium2.PdfDocument(content)
        for number, page in enumerate(document, 1):
            text = page.get_textpage()
            found = text.search(f"— {number} —")
            at = found.get_next()
            assert at is not None
            left = text.get_charbox(at[0])[0]
            assert (left > 400) if number % 2 else (left < 110)

    def test_clauses_are_bookmarked(self, content, summary):
        titles = [(entry.get_title(), entry.level) for entry in pypdfium2.PdfDocument(content).get_toc()]
        assert ("一、基本情况", 0) in titles
        for clause in summary.clauses:
            if clause.totals.received:
                assert (phrases.clause_title(clause), 1) in titles

    def test_no_comments_at_all(self, silent):
        assert "未收到社会公众提出的意见建议" in words(text_of(pdf.render(silent)))

    def test_states_the_cut_off_as_its_date(self, content, summary):
        facts = pypdfium2.PdfDocument(content).get_metadata_dict()
        assert facts["CreationDate"] == "D:20220313000000+08'00'"
        assert facts["Author"] == summary.bureau

    @needs_fonts
    def test_rare_characters_print_and_can_be_copied(self):
        text = text_of(pdf.render(single("䶮𬭎〇·也要印出来", respondent="䶮𬭎〇·")))
        assert text.count("䶮𬭎〇·") == 2

    @needs_fonts
    def test_a_character_no_font_has_is_a_box_that_can_be_copied(self):
        assert "\U0001f9ff" in text_of(pdf.render(single("前\U0001f9ff后")))


class TestPage:
    def test_nothing_stands_outside_the_text_area_but_the_number(self, content):
        for page in pypdfium2.PdfDocument(content):
            text = page.get_textpage()
            for at in range(0, text.count_chars(), 7):
                left, bottom, right, top = text.get_charbox(at)
                if right > left and top < 250 * mm and bottom > 34 * mm:
                    assert left > 28 * mm - 3
                    assert right < (210 - 26) * mm + 4

    @needs_fonts
    def test_22_lines_of_28_characters_fill_one_page(self, summary):
        pages = open_pages("满页", "单位", summary.cut_off_at, {Role.BODY: set("国— 1234567890")})
        pdf._flow(pages, [Prose("国" * (28 * 22 - 2))])
        document = pypdfium2.PdfDocument(pages.finish())
        assert len(document) == 1
        text = document[0].get_textpage()
        at = [place for place in range(text.count_chars()) if text.get_text_range(place, 1) == "国"]
        heights = [round(text.get_charbox(place)[1]) for place in at]
        assert len(set(heights)) == 22
        assert heights.count(max(heights)) == 26

    def test_no_heading_ends_a_page(self, content):
        document = pypdfium2.PdfDocument(content)
        headings = {title.get_title() for title in document.get_toc()}
        for page in document:
            body = [line.strip() for line in page.get_textpage().get_text_range().splitlines() if line.strip()]
            body = [line for line in body if not re.fullmatch("— \\d+ —", line)]
            assert body[-1] not in headings


class TestFonts:
    @needs_fonts
    def test_faces_are_embedded(self, content):
        assert b"/FontFile2" in content
        assert b"/Identity-H" in content

    def test_without_any_font_the_readers_own_is_used(self, summary, monkeypatch):
        monkeypatch.setattr(fonts, "installed", dict)
        content = pdf.render(summary)
        assert b"/STSong-Light" in content
        assert content == pdf.render(summary)
        assert words(phrases.sum_of(summary.totals)) in words(text_of(content))
        assert pdf.render(single("表情😀孤立\ud800"))

    @needs_fonts
    def test_a_broken_font_file_costs_a_face_and_not_the_report(self, monkeypatch, tmp_path):
        broken = tmp_path / "notoserifcjk-regular.ttc"
        broken.write_bytes(b"not a font")
        known = {**fonts.installed(), broken.name: broken}
        monkeypatch.setattr(fonts, "installed", lambda: known)
        assert "建设公共中试基地" in words(text_of(pdf.render(single("意见"))))

    @needs_fonts
    def test_a_subset_has_what_was_asked_for_and_nothing_else(self):
        made = fonts.subset(Role.BODY, "中文中")
        assert set(made.glyphs) == {"中", "文"}
        assert made.widths["中"] == 1000
        assert len(made.file) < 4000


class TestLines:
    def test_no_line_begins_or_ends_with_what_may_not(self):
        pick = random.Random(5)
        for _ in range(300):
            text = "".join(pick.choice("中文字，。、；：？！）》”（“《 ab12") for _ in range(200))
            for start, end in lines(text, [1.0] * len(text), 18, 20)[1:]:
                run = text[max(0, start - 40) : start + 1]
                if any(c not in NEVER_FIRST | NEVER_LAST | set("ab12 ") for c in run[1:]):
                    assert text[start] not in NEVER_FIRST or text[start - 1 : start] == " "
                assert end - start <= 20

    def test_every_character_is_on_exactly_one_line(self):
        text = "国务院办公厅关于进一步优化营商环境更好服务市场主体的实施意见，" * 9
        found = lines(text, [1.0] * len(text), 26, 28)
        assert "".join(text[start:end] for start, end in found) == text

    def test_words_of_latin_script_stay_whole(self):
        text = "采用ISO/IEC标准的laboratory设备"
        cut = [text[start:end] for start, end in lines(text, [1.0] * len(text), 16, 16)]
        assert any("laboratory" in line for line in cut)

    def test_a_word_longer_than_the_line_is_cut(self):
        assert [end - start for start, end in lines("a" * 100, [1.0] * 100, 30, 40)] == [30, 40, 30]

    def test_edges(self):
        assert lines("", [], 10, 10) == []
        assert lines("国", [50.0], 10, 10) == [(0, 1)]
        assert lines("国家", [50.0, 50.0], 10, 10) == [(0, 1), (1, 2)]


def test_a_long_table_goes_on_overleaf_with_its_head(summary):
    rows = tuple((f"第{n}条", str(n), "长" * (900 if n == 30 else 9)) for n in range(80))
    table = Table("标题", ("条款", "条", "文字"), (*rows, ("合计", "80", "")), (3, 1, 3), "lcl", has_total=True)
    story = [Heading(1, "一、表", "a"), table, Prose("完")]
    pages = open_pages("表", "单位", summary.cut_off_at, pdf._characters(story))
    pdf._flow(pages, story)
    document = pypdfium2.PdfDocument(pages.finish())
    texts = [words(page.get_textpage().get_text_range()) for page in document]
    assert len(texts) >= 4
    assert all("条款条文字" in text for text in texts)
    assert all(sum(f"第{n}条" in text for text in texts) >= 1 for n in range(80))
    assert sum(text.count("长") for text in texts) == 900 + 79 * 9


def test_a_clause_that_is_a_table_is_printed_as_one():
    whole = single("意见")
    rows = (("指标", "单位", "2025年"), *((f"指标{n}", "家", str(n)) for n in range(20)))
    clause = replace(whole.clauses[0], rows=rows, text="")
    text = words(text_of(pdf.render(replace(whole, clauses=(clause,)))))
    assert "指标单位2025年" in text
    assert "表格共20行，此处列前12行" in text


def test_no_line_of_a_paragraph_stands_alone_at_the_foot_or_the_head(summary):
    """A paragraph of three lines is not divided at all."""
    for before in range(18, 23):
        blocks = [*(Prose("一") for _ in range(before)), Prose("二" * 70), *(Prose("三") for _ in range(3))]
        content = pdf.printed(lambda blocks=blocks: blocks, "题", "单位", summary.cut_off_at)
        document = pypdfium2.PdfDocument(content)
        texts = [document[at].get_textpage().get_text_range() for at in range(len(document))]
        document.close()
        assert sum("二" in text for text in texts) == 1, before
