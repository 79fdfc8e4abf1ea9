"""CSV and JSON, read again."""

from __future__ import annotations

import csv
import io
import json

import pytest

from portal.reports import csvfile, jsonfile, phrases
from tests.reports.conftest import single


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


class TestCsv:
    def test_one_row_for_each_published_comment(self, summary):
        head, *lines = table(csvfile.render(summary))
        body = [row for row in lines if row[0].startswith("C-")]
        last = lines[len(body)]
        assert head == list(csvfile.HEAD)
        assert [row[0] for row in body] == [line.reference for line in summary.comments]
        assert [row[8] for row in body] == [line.body for line in summary.comments]
        assert last[:2] == ["合计", phrases.sum_of(summary.totals)]

    def test_lines_end_as_windows_has_it(self, silent):
        content = csvfile.render(silent)
        assert content.count(b"\r\n") == 4
        assert content.count(b"\n") == 4

    @pytest.mark.parametrize(
        "text", ["=HYPERLINK(1)", "+1", "-1", "@A1", "\t=1", " =1", "\r=1", "\u3000=1", "\x01=1", "＝1", "\n=1", "|cmd"]
    )
    def test_no_cell_begins_as_a_formula(self, text):
        assert table(csvfile.render(single(text)))[1][8] == "'" + text

    @pytest.mark.parametrize("text", ["赞成", "5-6条", "a=b", "“=1”", ""])
    def test_other_cells_stay_as_they_are(self, text):
        assert csvfile.safe(text) == text

    def test_control_characters_survive_and_surrogates_do_not_break_it(self):
        assert table(csvfile.render(single("a\x01b\x00c\ud800d\r\ne")))[1][8] == "a\x01bc\ufffdd\r\ne"

    @pytest.mark.parametrize(
        ("changed", "replaced"),
        [("每年安排三百万元。", "每年安排二百万元。"), ("设立举报奖金。", ""), ("原稿已体现。", None), ("", "")],
    )
    def test_old_words_are_those_the_new_ones_stand_for(self, changed, replaced):
        whole = "由区科技局负责组织实施，并定期公布结果。每年安排二百万元。"
        row = table(csvfile.render(single("意见", original_text=whole, changed_text=changed)))[1]
        assert row[12:14] == [whole if replaced is None else replaced, changed]

    def test_time_is_beijing_time(self, summary):
        assert table(csvfile.render(summary))[1][6].startswith("2022-0")


class TestJson:
    def test_every_total(self, summary):
        found = json.loads(jsonfile.render(summary))
        assert found["schema"] == "consultation-summary/1"
        assert found["submissions"] == summary.submissions
        totals = found["totals"]
        assert totals["received"] == summary.totals.received
        assert [totals[state.value] for state, _ in summary.totals.parts()] == [n for _, n in summary.totals.parts()]
        assert sum(row["comments"] for row in found["by_channel"]) == summary.totals.received
        assert [row["comments"] for row in found["by_day"]] == [count for _, count in summary.by_day]
        assert [row["comments"] for row in found["dispositions"]] == [count for _, count in summary.dispositions]
        for made, clause in zip(found["clauses"], summary.clauses, strict=True):
            assert made["totals"]["received"] == clause.totals.received
            assert [line["reference"] for line in made["comments"]] == [line.reference for line in clause.comments]
            assert sum(made["by_stance"].values()) == clause.totals.received

    def test_instants_carry_their_zone(self, summary):
        found = json.loads(jsonfile.render(summary))
        assert found["cut_off_at"] == "2022-03-12T16:00:00+00:00"

    def test_any_text_comes_back_as_it_was(self):
        text = '控制\x00\x01\x7f 孤立\ud800 双向\u202e 表情😀 "引号" \\ \r\n'
        found = json.loads(jsonfile.render(single(text)))
        assert found["clauses"][0]["comments"][0]["body"] == text

    def test_keys_stand_in_a_fixed_order(self, summary, silent):
        assert list(json.loads(jsonfile.render(summary))) == list(json.loads(jsonfile.render(silent)))
