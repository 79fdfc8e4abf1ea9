"""The layout cases of the rules (H) that no other test here names: dates, the landscape annex, rare characters."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import docx as python_docx
import pypdfium2
import pytest
from docx.shared import Mm

from portal.reports import adoption, adoption_files, docx, pdf
from portal.rules.words import Disposition
from tests.reports.conftest import make, single


@pytest.fixture(scope="module")
def annex():
    return python_docx.Document(io.BytesIO(adoption_files.render_docx(adoption.table(make(30)))))


def words_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    found = "".join(document[at].get_textpage().get_text_range() for at in range(len(document)))
    document.close()
    return found


def test_h04_a_date_is_written_in_full_without_a_leading_zero():
    summary = replace(make(5), published_at=make(5).opens_at.replace(month=3, day=4, hour=17))
    document = python_docx.Document(io.BytesIO(docx.render(summary)))
    assert "2022年3月5日公布" in "".join(paragraph.text for paragraph in document.paragraphs)
    assert "2022年3月5日公布" in "".join(words_of(pdf.render(summary)).split())


def test_h06_the_landscape_annex_keeps_the_text_area_and_the_place_of_the_page_number(annex):
    section = annex.sections[-1]
    assert (section.page_width, section.page_height) == (annex.sections[0].page_height, annex.sections[0].page_width)
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert abs(width - Mm(225)) < Mm(1)
    assert abs(height - Mm(156)) < Mm(1)
    assert section.footer_distance < section.bottom_margin
    assert annex.settings.odd_and_even_pages_header_footer
    assert "PAGE" in section.footer._element.xml


@pytest.mark.parametrize("name", ["䶮**", "𬭎业铜材有限公司", "阿卜杜拉·买**", "〇七一研究所"])
def test_h07_rare_names_print_in_word_and_pdf(name):
    summary = single("意见", respondent=name)
    document = python_docx.Document(io.BytesIO(docx.render(summary)))
    assert any(name in paragraph.text for paragraph in document.paragraphs)
    assert name in "".join(words_of(pdf.render(summary)).split())


class TestReferences:
    """Every reference in Word leads to a bookmark that is there; in PDF to a place in the file."""

    def test_in_word(self):
        document = zipfile.ZipFile(io.BytesIO(docx.render(make(40)))).read("word/document.xml").decode()
        leads = set(re.findall(r'<w:hyperlink w:anchor="(C_\d+)"', document))
        marks = re.findall(r'<w:bookmarkStart w:id="\d+" w:name="(C_\d+)"', document)
        assert leads
        assert leads - {"C_900"} <= set(marks)
        assert len(marks) == len(set(marks)) == 40

    def test_in_pdf(self):
        content = pdf.render(make(40))
        assert content.count(b"/Subtype /Link") > 20
        assert content == pdf.render(make(40))


def test_small_cells_are_not_told_to_the_public():
    summary = replace(make(60), is_public=True)
    document = python_docx.Document(io.BytesIO(docx.render(summary)))
    told = [p.text for p in document.paragraphs if "条意见持此观点" in p.text]
    assert told
    for words in told:
        figures = re.sub(r"^\d+条意见持此观点|\[.*", "", words)
        assert not re.search(r"(?<!\d)[12](?!\d)", figures), figures
    assert summary.dispositions == make(60).dispositions
    assert Disposition.ADOPTED.label in "".join(p.text for p in document.paragraphs)
