"""The drafter's redline: accepted it is the proposed wording, rejected it is the draft, word for word."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import zipfile
from dataclasses import replace

import docx as python_docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from portal.drafts.difference import in_place
from portal.reports import redline
from portal.reports.summary import ClauseSummary, Totals, TotalsDoNotBalance
from portal.rules.words import RespondentKind, Stance
from tests.reports.conftest import CLAUSES, assemble, comment

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = "收费标准由运营单位自行制定并报区科技局备案。\n对首次使用基地的企业给予适当补助。"
PROPOSED = "收费标准由区科技局会同区财政局制定最高限价，并报区政府备案。\n对首次使用基地的企业给予不低于30%的补助。"


def clause(*proposals, text=TEXT, heading="收费", number="（一）", depth=1):
    lines = tuple(
        replace(
            comment(n, CLAUSES[1], random.Random(n), answered=False),
            original_text=text or heading, proposed_text=proposed, stance=Stance.CHANGE,
            respondent_kind=RespondentKind.ENTERPRISE,
        )
        for n, proposed in enumerate(proposals, 34)
    )  # fmt: skip
    return ClauseSummary(
        label=f"n{number}", kind="item", number=number, heading=heading, citation="第二部分第（一）条", text=text,
        depth=depth, totals=Totals(received=len(lines), published=len(lines)),
        by_stance=((Stance.CHANGE, len(lines)),), by_kind=((RespondentKind.ENTERPRISE, len(lines)),), comments=lines,
    )  # fmt: skip


def part(content, name):
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read(name))


def settled(content, *, accepted):
    """The paragraphs of the body once every tracked change was accepted or rejected."""
    document = part(content, "word/document.xml")
    gone, stays = ("del", "ins") if accepted else ("ins", "del")
    for change in list(document.iter(f"{W}{gone}")):
        change.getparent().remove(change)
    assert accepted or all(change.find(f".//{W}t") is None for change in document.iter(f"{W}{stays}"))
    paragraphs = []
    for paragraph in document.iter(f"{W}p"):
        pieces = [
            "\n" if node.tag == f"{W}br" else node.text or ""
            for node in paragraph.iter(f"{W}t", f"{W}delText", f"{W}br")
        ]
        paragraphs.append("".join(pieces))
    return paragraphs


def test_accepting_gives_the_proposal_and_rejecting_the_draft():
    content = redline.render(assemble([clause(PROPOSED)]))
    assert PROPOSED in settled(content, accepted=True)
    assert TEXT in settled(content, accepted=False)


FIRST = "将企业和平台享受政策的情况纳入年度评估，评估结果向社会公布。"
SECOND = "对首次使用基地的企业给予适当补助。"
SECOND_PROPOSED = "对首次使用基地的企业给予不低于30%的补助。"


@pytest.mark.parametrize("before", ["", FIRST])
@pytest.mark.parametrize("after", ["", FIRST, f"\n{FIRST}"])
def test_a_proposal_of_one_sentence_leaves_the_others(before, after):
    draft = before + SECOND + after
    content = redline.render(assemble([clause(SECOND_PROPOSED, text=draft)]))
    assert before + SECOND_PROPOSED + after in settled(content, accepted=True)
    assert draft in settled(content, accepted=False)
    struck = ["".join(each.itertext()) for each in part(content, "word/document.xml").iter(f"{W}del")]
    assert struck == ["适当"]


def test_a_proposal_like_nothing_in_the_clause_is_added_and_strikes_nothing():
    content = redline.render(assemble([clause("设立举报奖金。", text=FIRST + SECOND)]))
    assert FIRST + SECOND + "设立举报奖金。" in settled(content, accepted=True)
    assert part(content, "word/document.xml").find(f".//{W}del") is None


def test_beside_the_text_too_a_proposal_strikes_nothing_of_other_sentences():
    content = redline.render(assemble([clause(FIRST + SECOND.replace("适当", "一定"), SECOND_PROPOSED,
                                              FIRST + SECOND.replace("适当", "一定"), text=FIRST + SECOND)]))  # fmt: skip
    bubble = part(content, "word/comments.xml")[1]
    struck = ["".join(each.itertext()) for each in bubble.iter(f"{W}r") if each.find(f".//{W}strike") is not None]
    assert struck == ["适当"]


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="甲乙丙丁一二。；\n<&\"' 12%", max_size=40),
    st.text(alphabet="甲乙丙丁一二。；\n<&\"' 12%", max_size=40),
)
def test_whatever_the_words(text, proposed):
    content = redline.render(assemble([clause(proposed, text=text, heading="" if text else "标题")]))
    original = text or "标题"
    becomes = "".join(words for act, words in in_place(original, proposed) if act != "del")
    for accepted, wanted in ((True, becomes if proposed.strip() else original), (False, original)):
        joined = settled(content, accepted=accepted)
        assert any(line.removeprefix("（一）") == wanted for line in joined)


def test_the_wording_most_propose_stands_in_the_text_and_the_others_in_their_comments():
    other = TEXT.replace("适当", "一定")
    content = redline.render(assemble([clause(other, PROPOSED, PROPOSED)]))
    assert PROPOSED in settled(content, accepted=True)
    bubbles = part(content, "word/comments.xml")
    words = ["".join(bubble.itertext()) for bubble in bubbles]
    assert "建议改为：" in words[0]
    assert "一定" in words[0]
    assert all("已在正文中标出" in said for said in words[1:])
    assert [bubble.get(f"{W}author") for bubble in bubbles] == [f"意见 C-{n}，企业" for n in (34, 35, 36)]


def test_every_comment_is_anchored_once_and_numbers_are_unique(summary):
    content = redline.render(summary)
    document, bubbles = part(content, "word/document.xml"), part(content, "word/comments.xml")
    numbers = [bubble.get(f"{W}id") for bubble in bubbles]
    assert len(numbers) == sum(min(len(c.comments), redline.MOST_BUBBLES) for c in summary.clauses)
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference"):
        assert [mark.get(f"{W}id") for mark in document.iter(f"{W}{name}")] == numbers
    changes = [change.get(f"{W}id") for change in document.iter(f"{W}ins", f"{W}del")]
    assert len(set(changes)) == len(changes)


def test_a_clause_with_very_many_opinions_says_how_many_more(monkeypatch):
    monkeypatch.setattr(redline, "MOST_BUBBLES", 2)
    content = redline.render(assemble([clause("", "", "", "", "")]))
    words = ["".join(bubble.itertext()) for bubble in part(content, "word/comments.xml")]
    assert len(words) == 3
    assert "另有3条" in words[2]


def test_without_opinions_it_is_the_draft(silent):
    content = redline.render(silent)
    assert "word/comments.xml" not in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert python_docx.Document(io.BytesIO(content)).paragraphs


def test_the_same_summary_gives_the_same_bytes(summary):
    assert redline.render(summary) == redline.render(summary)


def test_wrong_totals_are_refused(unbalanced):
    with pytest.raises(TotalsDoNotBalance):
        redline.render(unbalanced)


MACRO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Settle(source As String, act As String, target As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  document = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  dispatcher.executeDispatch(document.CurrentController.Frame, act, "", 0, Array())
  Dim kind(0) As New com.sun.star.beans.PropertyValue
  kind(0).Name = "FilterName" : kind(0).Value = "Text (encoded)"
  document.storeToURL(target, kind())
  document.close(True)
End Sub
</script:module>
"""


def in_libreoffice(folder, content, act):
    """The text after LibreOffice accepted or rejected every change, by a macro in a profile of its own."""
    basic = folder / "profile/user/basic/Standard"
    if not basic.exists():
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--terminate_after_init"],
            check=True, timeout=120, capture_output=True,
        )  # fmt: skip
        basic.mkdir(parents=True, exist_ok=True)
        (basic / "Module1.xba").write_text(MACRO, encoding="utf-8")
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">\n'
        name = "http://openoffice.org/2000/library"
        (basic / "script.xlb").write_text(
            f'{head}<library:library xmlns:library="{name}" library:name="Standard" library:readonly="false" '
            'library:passwordprotected="false"><library:element library:name="Module1"/></library:library>'
        )
    source, target = folder / "redline.docx", folder / f"{act}.txt"
    source.write_bytes(content)
    call = f"macro:///Standard.Module1.Settle(file://{source},.uno:{act},file://{target})"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", call],
        check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    return target.read_text(encoding="utf-8-sig")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_accepts_and_rejects_it(tmp_path):
    content = redline.render(assemble([clause(PROPOSED)]))
    accepted = in_libreoffice(tmp_path, content, "AcceptAllTrackedChanges")
    assert PROPOSED in accepted
    assert TEXT not in accepted
    rejected = in_libreoffice(tmp_path, content, "RejectAllTrackedChanges")
    assert TEXT in rejected
    assert PROPOSED not in rejected


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_changes_one_sentence_and_leaves_the_other(tmp_path):
    content = redline.render(assemble([clause(SECOND_PROPOSED, text=FIRST + SECOND)]))
    assert FIRST + SECOND_PROPOSED in in_libreoffice(tmp_path, content, "AcceptAllTrackedChanges")
    assert FIRST + SECOND in in_libreoffice(tmp_path, content, "RejectAllTrackedChanges")


def test_a_heading_is_kept_with_the_text_under_it():
    document = python_docx.Document(io.BytesIO(redline.render(assemble([clause(PROPOSED)]))))
    (at,) = [at for at, each in enumerate(document.paragraphs) if each.text.endswith("收费")]
    assert document.paragraphs[at].paragraph_format.keep_with_next
    assert not document.paragraphs[at + 1].paragraph_format.keep_with_next
