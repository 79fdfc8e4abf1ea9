"""The workbook, opened again: text stays text, dates are dates, every figure is there."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, timedelta

import openpyxl
import pytest

from portal.reports import xlsx
from portal.reports.workbooks import CELL_LIMIT
from portal.rules.words import RespondentKind, Stance
from tests.reports.conftest import make, single


def opened(summary):
    return openpyxl.load_workbook(io.BytesIO(xlsx.render(summary)))


@pytest.fixture(scope="module")
def book(summary):
    return opened(summary)


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def comment_cells(body: str, **changes):
    return [row[8] for row in rows(opened(single(body, **changes))["意见"])[1:]]


def test_sheets_heads_and_filters(book):
    assert book.sheetnames == ["总数", "条款", "观点", "相同、相近意见", "指标", "意见", "采纳情况"]
    for name in ("条款", "观点", "意见", "采纳情况"):
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.column_dimensions["A"].width > 5
        assert sheet["A2"].alignment.wrap_text


def test_totals(book, summary):
    found = {(row[0], *row[1:3]) for row in rows(book["总数"]) if row[0]}
    for state, count in summary.totals.parts():
        assert (state.label, count, None) in found
    for channel, pieces, comments in summary.by_channel:
        assert (channel.label, pieces, comments) in found
    for kind, pieces, comments in summary.by_kind:
        assert (kind.label, pieces, comments) in found
    for stance, count in summary.by_stance:
        assert (stance.label, count, None) in found
    for disposition, count in summary.dispositions:
        assert (disposition.label, count, None) in found
    for day, count in summary.by_day:
        assert (datetime.combine(day, datetime.min.time()), count, None) in found
    assert ("合计", summary.submissions, summary.totals.received) in found


def test_clauses(book, summary):
    body = rows(book["条款"])[1:]
    assert len(body) == len(summary.clauses) + 1
    for row, clause in zip(body, summary.clauses, strict=False):
        stances, kinds = dict(clause.by_stance), dict(clause.by_kind)
        assert row[2:8] == [clause.totals.received, *(count for _, count in clause.totals.parts())]
        assert row[8:13] == [stances[stance] for stance in Stance]
        assert row[13:18] == [kinds[kind] for kind in RespondentKind]
    assert body[-1][2] == summary.totals.received
    for column in range(2, 8):
        assert body[-1][column] == sum(row[column] for row in body[:-1])


def test_comments_and_their_beijing_time(book, summary):
    body = rows(book["意见"])[1:]
    assert [row[0] for row in body] == [line.reference for line in summary.comments]
    for row, line in zip(body, summary.comments, strict=True):
        assert row[6] == line.received_at.replace(tzinfo=None) + timedelta(hours=8)
        assert row[8] == line.body
    answered = rows(book["采纳情况"])[1:]
    assert len(answered) == sum(count for _, count in summary.dispositions)


@pytest.mark.parametrize("text", ['=HYPERLINK("http://a","b")', "=1+1", "+86", "-5", "@SUM(A1)", "{=1}", "http://a.cn"])
def test_what_looks_like_a_formula_or_a_link_stays_text(text):
    content = xlsx.render(single(text))
    cell = openpyxl.load_workbook(io.BytesIO(content))["意见"]["I2"]
    assert (cell.value, cell.data_type) == (text, "s")
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert b"<f>" not in archive.read("xl/worksheets/sheet3.xml")
    assert not [name for name in archive.namelist() if "externalLink" in name]


def test_every_link_leads_to_the_consultation_or_an_opinion_on_it(summary):
    archive = zipfile.ZipFile(io.BytesIO(xlsx.render(summary)))
    links = "".join(
        archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/_rels")
    )
    expected = {summary.url, *(f"{summary.url}comments/{line.reference}" for line in summary.comments)}
    assert set(re.findall('Target="([^"]+)"', links)) == expected


def test_points_stand_with_who_makes_them(book, summary):
    head, *found = rows(book["观点"])
    points = [point for clause in summary.clauses for point in clause.points]
    assert [row[head.index("条数")] for row in found] == [len(point.references) for point in points]
    kinds = [head.index(kind.label) for kind in RespondentKind]
    assert all(sum(row[at] for at in kinds) == row[head.index("条数")] for row in found)
    assert [row[-1] for row in found] == ["、".join(point.references) for point in points]


def test_no_link_when_the_site_does_not_know_its_address():
    archive = zipfile.ZipFile(io.BytesIO(xlsx.render(make(3, url=""))))
    assert not [name for name in archive.namelist() if name.startswith("xl/worksheets/_rels")]


def test_control_characters_are_dropped_and_the_rest_stays():
    assert comment_cells("头\x00\x07尾\ud800😀𬭎") == ["头尾😀𬭎"]


@pytest.mark.parametrize("letter", ["长", "😀", "a"])
def test_a_text_too_long_for_a_cell_runs_on_in_the_next_rows(letter):
    text = letter * 70_000
    cells = comment_cells(text)
    assert len(cells) >= 3
    assert all(len(cell.encode("utf-16-le")) // 2 <= CELL_LIMIT for cell in cells)
    assert cells[0].endswith("……（下接下一行）")
    assert cells[1].startswith("（上接上一行）……")
    whole = "".join(cell.removeprefix("（上接上一行）……").removesuffix("……（下接下一行）") for cell in cells)
    assert whole == text


def test_properties_state_the_cut_off(book, summary):
    assert book.properties.created == summary.cut_off_at.replace(tzinfo=None) + timedelta(hours=8)
    assert book.properties.creator == summary.bureau


def test_no_comments_at_all(silent):
    book = opened(silent)
    assert rows(book["意见"]) == [[*next(iter(rows(book["意见"])))]]
    assert book["总数"]["A1"].value == "意见汇总报告"
