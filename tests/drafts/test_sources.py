"""Files of every kind, and what is refused."""

from __future__ import annotations

import time
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from portal.drafts import Draft, read
from portal.drafts.sources.office import shutil as office_shutil
from portal.errors import Refusal
from tests.drafts import files
from tests.drafts.corpus import seed

TEXT = """关于公开征求《示例办法（征求意见稿）》意见的公告
示例办法（征求意见稿）
一、总体要求
坚持问题导向，制定本办法。
二、主要任务
（一）加强领导。各单位要高度重视，抓好落实。
（二）加大投入。财政部门要安排资金。
"""


def numbers(draft: Draft) -> list[str]:
    return ["/".join(node.path) for node in draft.nodes if node.number]


OUTLINE = ["一、", "二、", "二、/（一）", "二、/（二）"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_every_encoding(encoding: str) -> None:
    assert numbers(read(TEXT.encode(encoding), "draft.txt")) == OUTLINE


def test_text_of_taiwan() -> None:
    text = "一、總體要求\n堅持問題導向，訂定本辦法，並由各機關確實執行之。\n二、主要任務\n"
    text += "（一）加強領導。\n（二）加大投入。\n"
    assert numbers(read(text.encode("big5hkscs"), "draft.txt")) == OUTLINE


def test_a_page_gives_its_article() -> None:
    article = "".join(f"<p>&emsp;&emsp;{line}</p>" for line in TEXT.splitlines())
    page = f"""<!doctype html><html><head><meta charset="gbk"><title>示例办法 - 示例市政府</title>
    <script>var x = "一、不是条款";</script></head><body><div class="nav"><a href="/">首页</a><a>政务公开</a></div>
    <div id="c"><div class="art">{article}
    <table><tr><th>指标</th><th>数值</th></tr><tr><td>1.投入</td><td>3%</td></tr></table>
    </div></div><!-- （一）注释 -->
    <div class="footer">主办：示例市人民政府 <a>网站地图</a> 电话：010-12345678</div></body></html>"""
    draft = read(page.encode("gb18030"), "draft.html")
    assert numbers(draft) == OUTLINE
    assert [node.rows for node in draft.nodes if node.rows] == [(("指标", "数值"), ("1.投入", "3%"))]
    assert draft.facts.phones == ()
    assert draft.facts.draft_title == "示例办法（征求意见稿）"


def test_word_writes_out_its_automatic_numbers() -> None:
    body = (
        files.plain("示例办法（征求意见稿）")
        + files.numbered("总体要求", 0)
        + files.plain("坚持问题导向。")
        + files.numbered("主要任务", 0)
        + files.numbered("加强领导", 1)
        + files.numbered("建立机制，落实责任。", 2)
        + files.numbered("加大投入", 1)
        + files.table(("指标", "数值"), ("1.投入", "3%"))
    )
    draft = read(files.docx(body), "draft.docx")
    assert numbers(draft) == ["一、", "二、", "二、/（一）", "二、/（一）/1.", "二、/（二）"]
    assert draft.nodes[-1].kind == "table"
    assert draft.nodes[-1].rows == (("指标", "数值"), ("1.投入", "3%"))


FIELDS = (("索引号", "012/2023-00012", "主题分类", "工业"), ("发布机构", "示例市工业局", "文号", "示工〔2023〕2号"))


def test_the_table_of_fields_above_a_document_is_no_table_of_the_draft() -> None:
    words = "".join(map(files.plain, TEXT.splitlines()[1:]))
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in FIELDS)
    page = f"<html><body><table>{rows}</table><div>{TEXT.replace(chr(10), '<br>')}</div></body></html>"
    for draft in (read(files.docx(files.table(*FIELDS) + words), "a.docx"), read(page.encode(), "a.html")):
        assert numbers(draft) == OUTLINE
        assert not any(node.rows for node in draft.nodes)
        assert (draft.facts.issuing_bureau, draft.facts.document_number) == ("示例市工业局", "示工〔2023〕2号")


def test_tracked_changes_are_accepted_with_a_doubt() -> None:
    changed = (
        "<w:p><w:r><w:t>给予</w:t></w:r><w:del><w:r><w:delText>五十万元</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>八十万元</w:t></w:r></w:ins><w:r><w:t>补助。</w:t></w:r></w:p>"
    )
    draft = read(files.docx(files.numbered("资金支持", 0) + changed), "draft.docx")
    assert draft.nodes[-1].text == "给予八十万元补助。"
    assert "tracked-changes" in {doubt.code for doubt in draft.doubts}


def test_text_boxes_and_framed_boxes_are_read() -> None:
    inside = files.plain("专栏1 重点工程") + files.plain("1.建设平台。建设一批平台。")
    box = f"<w:tbl><w:tr><w:tc>{inside}</w:tc></w:tr></w:tbl>"
    draft = read(files.docx(files.numbered("主要任务", 0) + box + files.numbered("保障措施", 0)), "draft.docx")
    assert numbers(draft) == ["一、", "一、/专栏1", "一、/专栏1/1.", "二、"]


def test_a_box_of_word_ends_where_its_frame_ends() -> None:
    inside = files.plain("1.建设平台。建设一批平台。") + files.plain("2.开展培训。培训一批人员。")
    box = f"<w:tbl><w:tr><w:tc>{inside}</w:tc></w:tr></w:tbl>"
    body = files.numbered("主要任务", 0) + box + files.plain("支持企业发展。") + files.numbered("保障措施", 0)
    nodes = read(files.docx(body), "draft.docx").nodes
    assert [(node.kind, node.parent, node.text) for node in nodes] == [
        ("cn", -1, ""), ("box", 0, ""), ("num", 1, "建设一批平台。"), ("num", 1, "培训一批人员。"),
        ("paragraph", 0, "支持企业发展。"), ("cn", -1, ""),
    ]  # fmt: skip


def test_a_pdf_gives_the_outline_of_its_text() -> None:
    text = seed("000")
    wanted = numbers(read(text.encode(), "draft.txt"))
    assert numbers(read(files.pdf(text), "draft.pdf")) == wanted


def bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"<w>" + b" " * 300_000_000)
    return out.getvalue()


ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
)


def empty_pdf() -> bytes:
    return files.pdf("")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

REFUSED = [
    ("broken doc", lambda: OLE + b"\x01" * 600, "a.doc", "损坏"),
    ("word with a password", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "密码"),
    ("empty", lambda: b"", "a.txt", "空的"),
    ("blank", lambda: b" \n ", "a.txt", "空的"),
    ("zeros", lambda: b"\x00" * 4096, "a.docx", "空的"),
    ("outsized", lambda: b"a" * (100 * 1024 * 1024), "a.txt", "超过"),
    ("bomb", bomb, "a.docx", "过大"),
    ("entity", lambda: files.docx("", ENTITY), "a.docx", "不允许"),
    ("torn", lambda: files.docx(files.plain("一、总则") * 400)[:-200], "a.docx", "损坏"),
    ("not word", lambda: b"hello world", "a.docx", "不符"),
    ("xml torn", lambda: files.docx("", "<w:document"), "a.docx", "损坏"),
    ("broken pdf", lambda: b"%PDF-1.7\nnothing here", "a.pdf", "损坏"),
    ("picture", lambda: b"\x89PNG\r\n\x1a\n" + b"\x01" * 500, "a.png", "图片"),
    ("noise", lambda: bytes(range(1, 256)) * 40, "a.txt", "不是文本"),
    ("page nested without end", lambda: b"<html><body>" + b"<div>" * 200_000 + "一、".encode(), "a.html", "嵌套"),
    ("page without words", lambda: b"<html><body><div></div></body></html>", "a.html", "网页"),
]


@pytest.mark.parametrize(("make", "name", "says"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_read_is_refused_quickly(make, name: str, says: str) -> None:  # type: ignore[no-untyped-def]
    data = make()
    tracemalloc.start()
    began = time.monotonic()
    try:
        with pytest.raises(Refusal) as refused:
            read(data, name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert says in refused.value.message
    assert time.monotonic() - began < 2
    assert peak < 300 * 1024 * 1024


def test_a_scan_is_refused() -> None:
    with pytest.raises(Refusal, match=r"扫描|没有文字|没有读到"):
        read(empty_pdf().replace(b"- 1 -", b"     "), "scan.pdf")


def test_an_old_word_file_without_libreoffice_is_refused_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_shutil, "which", lambda _: None)
    with pytest.raises(Refusal, match="LibreOffice"):
        read(OLE + "WordDocument".encode("utf-16-le"), "old.doc")


def test_a_pdf_with_a_password_is_refused() -> None:
    out = BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("secret"))
    canvas.drawString(72, 700, "text")
    canvas.save()
    with pytest.raises(Refusal, match="密码"):
        read(out.getvalue(), "locked.pdf")


def test_a_page_nested_deeply_is_read() -> None:
    page = b"<html><body>" + b"<div>" * 2_000 + "一、总则<br>二、附则".encode() + b"</body></html>"
    assert numbers(read(page, "a.html")) == ["一、", "二、"]
