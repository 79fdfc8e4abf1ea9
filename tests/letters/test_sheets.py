"""A table from anybody: read as words, bounded, and wrong in plain words, row by row."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from portal.errors import NotValid
from portal.letters import opinions, sheets
from portal.rules.words import Channel, RespondentKind, Stance

HEAD = ["条款", "意见", "建议改为", "态度", "提出人类别", "姓名或单位", "联系电话", "电子邮箱", "提出方式", "收到日期"]
ROW = [
    "第二部分（一）",
    "巡查太少。",
    "",
    "建议修改",
    "个人",
    "王小明",
    "13800001234",
    "wang@example.com",
    "来信",
    "2026-03-12",
]


def xlsx(*rows, head=HEAD, change=None):
    book = openpyxl.Workbook()
    page = book.active
    for row in ([head] if head else []) + list(rows):
        page.append(row)
    if change:
        change(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data):
    return opinions.read(sheets.rows(data))


def told(found):
    return [(fault.row, fault.sentence % fault.places) for fault in found.faults]


def test_a_row_is_a_letter():
    (one,) = read(xlsx(ROW)).opinions
    assert (one.kind, one.name, one.phone, one.email) == (
        RespondentKind.CITIZEN, "王小明", "13800001234", "wang@example.com",
    )  # fmt: skip
    assert (one.channel, one.received_on) == (Channel.LETTER, date(2026, 3, 12))
    (remark,) = one.remarks
    assert (remark.cited, remark.body, remark.stance) == ("第二部分（一）", "巡查太少。", Stance.CHANGE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_csv_in_every_encoding(encoding, mark):
    words = "\r\n".join(mark.join(f'"{cell}"' for cell in row) for row in (HEAD, ROW))
    assert read(words.encode(encoding)).opinions == read(xlsx(ROW)).opinions


@pytest.mark.parametrize(
    "cell",
    [
        datetime.fromisoformat("2026-03-12"),
        date(2026, 3, 12),
        46093,
        "46093",
        "2026/3/12",
        "2026年3月12日",
        "2026.3.12",
        "20260312",
        "2026-03-12 09:30",
        "２０２６－３－１２",
    ],
)
def test_days_however_they_are_written(cell):
    found = read(xlsx([*ROW[:-1], cell]))
    assert found.faults == ()
    assert found.opinions[0].received_on == date(2026, 3, 12)


@pytest.mark.parametrize(
    ("place", "cell", "sentence"),
    [
        (1, "", "没有写意见。"),
        (1, "=1+1", "“意见”是一个公式，请改成文字。"),
        (3, "生气", "态度“生气”不认识"),
        (4, "外星人", "提出人类别“外星人”不认识"),
        (8, "飞鸽", "提出方式“飞鸽”不认识"),
        (8, "网上", "提出方式“网上”不认识"),
        (9, "", "没有写收到日期。"),
        (9, "昨天", "收到日期“昨天”不是日期"),
        (9, "2026-02-30", "收到日期“2026-02-30”不是日期"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(place, cell, sentence):
    row = list(ROW)
    row[place] = cell
    ((number, words),) = told(read(xlsx(ROW, row)))
    assert number == 3
    assert words.startswith(sentence)


def test_every_row_is_its_own_respondents_unless_the_letter_is_numbered():
    rows = [ROW, ROW, [*ROW[:5], "李四", *ROW[6:]]]
    assert [one.name for one in read(xlsx(*rows)).opinions] == ["王小明", "王小明", "李四"]
    numbered = [["1", *ROW], ["1", "第三部分", "赞成。", "", "", "", "", "", "", "", ""], ["2", *ROW]]
    found = read(xlsx(*numbered, head=["来稿编号", *HEAD]))
    assert found.faults == ()
    assert [(one.rows, len(one.remarks)) for one in found.opinions] == [((2, 3), 2), ((4,), 1)]


def test_one_letter_has_one_author():
    rows = [["1", *ROW], ["1", *ROW[:5], "李四", *ROW[6:]]]
    ((number, words),) = told(read(xlsx(*rows, head=["来稿编号", *HEAD])))
    assert (number, words) == (3, "来稿编号与第2行相同，但“姓名或单位”不同。同一件来稿只能有一个提出人。")


def test_an_organisation_has_a_name_and_a_person_to_ask():
    row = [*ROW[:4], "企业", "示例保洁有限公司", *ROW[6:]]
    one = read(xlsx([*row, "张三"], head=[*HEAD, "联系人"])).opinions[0]
    assert (one.organisation, one.name) == ("示例保洁有限公司", "张三")
    row[5] = ""
    assert "请在“姓名或单位”写明单位名称" in told(read(xlsx(row)))[0][1]


def test_names_of_columns_titles_above_and_columns_nobody_knows():
    data = xlsx(
        ["某局意见汇总表"],
        ["序号", "反馈单位", "意见建议", "时间", "天气"],
        [1, "李四", "太少。", "2026-03-12", "晴"],
        head=None,
    )
    found = read(data)
    assert (found.opinions[0].name, found.opinions[0].rows, found.unknown) == ("李四", (3,), ("天气",))
    assert told(read(xlsx(["a", "b"], head=None)))[0][0] == 0


def test_merged_cells_are_said_in_every_row_and_blank_rows_are_none():
    def merge(page):
        page.merge_cells("A2:A3")

    found = read(xlsx(ROW, ["", "再一条。", *ROW[2:]], [None] * 10, [None] * 10, ROW, change=merge))
    assert [one.remarks[0].cited for one in found.opinions] == ["第二部分（一）"] * 3
    assert [one.rows[0] for one in found.opinions] == [2, 3, 6]


def bomb(size=200_000_000, name="xl/worksheets/sheet1.xml"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr(name, b"0" * size)
    return out.getvalue()


def lying(data):
    """A bomb whose directory says that it is small."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        real = package.getinfo("xl/worksheets/sheet1.xml").file_size
    return data.replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"PK\x03\x04 no zip at all",
        b"\xd0\xcf\x11\xe0 an old workbook",
        b"%PDF-1.4\x00",
        b"x" * (sheets.LARGEST_FILE + 1),
        b"\xff\xfe\x00",
        b"a\xff\xff\xff",
        (",".join(["a"] * 100) + "\n").encode(),
        b"a,b\n" * 20_000,
    ],
    ids=["empty", "zeros", "no zip", "old", "pdf", "10 MB", "half utf-16", "no charset", "wide", "long"],
)
def test_what_is_no_table_is_refused_with_one_sentence(data):
    with pytest.raises(NotValid) as refused:
        sheets.rows(data)
    assert refused.value.message.endswith("。")


@pytest.mark.parametrize("kind", ["bomb", "lying", "entities", "a file that is named", "not a book"])
def test_a_bomb_is_refused_before_it_goes_off(kind):
    data = {
        "bomb": bomb,
        "lying": lambda: lying(bomb()),
        "entities": _with_entities,
        "a file that is named": lambda: _with_entities(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        "not a book": lambda: bomb(10, "word/document.xml"),
    }[kind]()
    began = time.process_time()
    with pytest.raises(NotValid):
        sheets.rows(data)
    assert time.process_time() - began < 5


def _with_entities(head=b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(ROW))) as good, zipfile.ZipFile(out, "w") as bad:
        for part in good.infolist():
            words = good.read(part)
            if part.filename.endswith("sheet1.xml"):
                words = head + words
            bad.writestr(part, words)
    return out.getvalue()


def test_a_million_blank_rows_are_nothing():
    found = read(xlsx(ROW, change=lambda page: setattr(page.cell(900_000, 1), "value", "")))
    assert len(found.opinions) == 1


def test_more_rows_than_are_taken_are_refused():
    with pytest.raises(NotValid):
        read(xlsx(*([ROW] * (sheets.MOST_ROWS + 1))))
