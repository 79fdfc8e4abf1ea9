"""Where people are from: in every file, with those who did not say, and with nothing told of a few in a public copy."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from portal import reports
from portal.reports import FORMATS, TotalsDoNotBalance, reading_back
from portal.reports.opinions import Opinions
from portal.reports.situation import render as render_situation
from tests.reports.conftest import make

ALL = pytest.mark.parametrize("name", list(FORMATS))


def asked(*few: tuple[str, int, int], comments: int = 60):
    """A summary whose respondents were asked; what is not named is 未填."""
    summary = make(comments)
    pieces, remarks = (sum(row[at] for row in few) for at in (1, 2))
    rest = ("", summary.submissions - pieces, summary.totals.received - remarks)
    return replace(summary, by_region=(*few, rest))


@pytest.fixture(scope="module")
def summary():
    return asked(("云川区", 11, 17), ("望山县", 8, 9), ("清溪县", 1, 5))


def printed(name, summary):
    return "\n".join(reading_back.lines(name, reports.render(name, summary)))


#: how a row of the figures reads when each file is read back
ROWS = {
    "docx": "{}\n{}\n{}", "pdf": "{}{}{}", "xlsx": "{}｜{}｜{}", "html": "{}\n{}\n{}", "csv": "{}：来稿{}件，意见{}条",
}  # fmt: skip


@ALL
def test_every_file_tells_each_region_and_the_rest(name, summary):
    rest = summary.by_region[-1]
    rows = [*summary.by_region[:-1], ("未填", *rest[1:])]
    if name == "json":
        told = json.loads(reports.render(name, summary))["by_region"]
        assert [(each["label"], each["submissions"], each["comments"]) for each in told] == rows
        assert [each["region"] for each in told] == ["云川区", "望山县", "清溪县", None]
        return
    said = printed(name, summary)
    for row in rows:
        assert ROWS[name].format(*row) in said, row


@ALL
def test_a_public_copy_tells_nothing_of_a_few_nor_what_would_give_them_away(name, summary):
    told = Opinions(reports.public_copy(summary)).regions()
    # the one that is too small, and the next smallest, or the sum would tell
    assert told == [("云川区", (11, 17)), ("望山县", None), ("清溪县", None), ("未填", summary.by_region[-1][1:])]
    public = reports.public_copy(summary)
    if name == "json":
        hidden = json.loads(reports.render(name, public))["by_region"][1:3]
        assert [(each["submissions"], each["comments"]) for each in hidden] == [(None, None)] * 2
        return
    said = printed(name, public)
    assert ROWS[name].format("云川区", 11, 17) in said
    for region, pieces, remarks in summary.by_region[1:3]:
        assert ROWS[name].format(region, pieces, remarks) not in said
        untold = f"{region}：不列明" if name == "csv" else ROWS[name].format(region, "不列明", "不列明")
        assert untold in said
    assert "来稿少于3件的地区" in said


@ALL
def test_where_nobody_is_asked_nothing_is_said_of_it(name):
    for summary in (make(), reports.public_copy(make())):
        assert "地区" not in printed(name, summary).replace("县域", "")
        assert "region" not in printed(name, summary)


@ALL
def test_refuses_regions_that_do_not_add_up(name, summary):
    wrong = replace(summary, by_region=summary.by_region[:-1])
    with pytest.raises(TotalsDoNotBalance, match="按所在地区：相加为31"):
        reports.render(name, wrong)
    fewer = replace(summary, by_region=(("云川区", 10, 17), *summary.by_region[1:]))
    with pytest.raises(TotalsDoNotBalance, match="按所在地区的来稿"):
        reports.render(name, fewer)


def test_a_name_that_looks_like_a_formula_is_none():
    summary = asked(("=1+1", 3, 4))
    assert "\r\n所在地区,=1+1" not in reports.render("csv", summary).decode("utf-8-sig")
    assert "=1+1｜3｜4" in printed("xlsx", summary)


def test_the_report_that_goes_up_tells_it_in_a_sentence(summary):
    said = "".join(reading_back.lines("docx", render_situation(summary, {})))
    assert f"按所在地区，云川区11件，望山县8件，清溪县1件，未填{summary.by_region[-1][1]}件" in said
