"""Real drafts, all the way: read in, published with a window open now, commented, moderated, downloaded."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import docx
import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from portal.models import Clause, Comment, Consultation, Submission
from portal.rules import window
from portal.rules.words import CommentState
from tests import factories
from tests.browser.hands import follow
from tests.browser.test_journeys import sign_in


def publish(page: Page, file: str, document_type: str, address: str) -> str:
    """Imports a file in the office, fills the notice and publishes; the slug."""
    sign_in(page, "publisher")
    page.get_by_role("link", name="导入征求意见稿").click()
    page.get_by_label("文件").set_input_files(file)
    follow(page, page.get_by_role("button", name="读入"))
    slug = re.search(r"/office/consultations/([^/]+)/outline", page.url).group(1)
    page.get_by_role("link", name="填写公告和期限").click()
    page.get_by_label("文件类型").select_option(document_type)
    today = window.day_in_beijing(factories.NOON)
    page.locator("#opens_on").fill(today.isoformat())
    page.locator("#closes_on").fill((today + timedelta(days=40)).isoformat())
    page.get_by_label("通信地址").fill("示例市新华路1号")
    page.get_by_label("起草说明", exact=True).fill("一、起草背景\n为落实上级部署，结合实际起草。")
    follow(page, page.get_by_role("button", name="保存", exact=True))
    page.get_by_role("button", name="现在发布").click()
    expect(page.get_by_role("status")).to_contain_text("已经发布")
    page.context.clear_cookies()
    return slug


def comment(page: Page, slug: str, label: str, body: str) -> None:
    page.goto(f"/consultations/{slug}/")
    page.locator(f'a.gut[data-clause="{label}"]').click()
    form = page.locator(".panel form")
    form.get_by_label("意见和理由").fill(body)
    form.get_by_role("button", name="放入我的意见").click()
    expect(page.get_by_role("status")).to_contain_text("已放入")


@pytest.mark.parametrize(
    ("seed", "document_type", "labels"),
    [("002", "GFXWJ-E", ["3-2", "4-2-5", "4-4-13", "5-1"]), ("001", "ZDJC", None)],
)
def test_a_real_draft_goes_all_the_way(page: Page, app, address, shared, seed, document_type, labels):
    file = next((shared / "seeds").glob(f"{seed}_*.txt"))
    slug = publish(page, str(file), document_type, address)
    database = app.extensions["database"]
    with database.reader() as session:
        consultation = session.scalar(select(Consultation).where(Consultation.slug == slug))
        clauses = session.scalars(
            select(Clause).where(Clause.version_id == consultation.version.id).order_by(Clause.position)
        ).all()
    if labels is None:
        chapters = [c.number for c in clauses if c.kind == "chapter"]
        assert chapters == ["第一章", "第三章", "第四章", "第五章", "第六章", "第七章"]
        boxes = {c.number for c in clauses if c.kind == "box"}
        assert {"专栏2", "专栏3", "专栏5", "专栏7", "专栏8"} <= boxes
        table = next(c for c in clauses if c.kind == "table" and c.number == "表1")
        assert len(table.rows) >= 16
        labels = [
            next(c.label for c in clauses if c.number == "专栏2"),
            table.label,
            *[c.label for c in clauses if c.kind == "section"][:2],
        ]
        page.goto(f"/consultations/{slug}/")
        text = page.locator("article.draft").inner_text()
        places = [text.index(chapter) for chapter in chapters]
        assert places == sorted(places)
    for n, label in enumerate(labels[:3]):
        comment(page, slug, label, f"我公司认为第{n + 1}处支持力度不足，建议提高标准。")
    page.get_by_role("link", name="检查并提交").click()
    page.get_by_label("企业", exact=True).check()
    page.get_by_label("单位名称").fill("示例市恒川新材料有限公司")
    page.get_by_label("姓名或联系人").fill("周明")
    page.get_by_label("手机或固定电话").fill("0999-5550123")
    page.get_by_label(re.compile("我已阅读")).check()
    page.get_by_role("button", name="提交3条意见").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经收到")
    page.context.clear_cookies()
    comment(page, slug, labels[3], "我叫王小明，电话13800001234，建议写明完成时限。")
    page.get_by_role("link", name="检查并提交").click()
    page.get_by_role("button", name="提交1条意见").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经收到")
    page.context.clear_cookies()

    sign_in(page, "moderator")
    page.goto(f"/office/consultations/{slug}/moderation/")
    for _ in range(2):
        follow(page, page.locator("[data-key=a]"))
    page.get_by_label("不予公开的理由").select_option("P4")
    page.locator("#note").fill("与草案内容无关。")
    follow(page, page.locator("[data-key=w]"))
    page.locator("[data-key=a]").click()
    expect(page.locator(".work")).to_contain_text("都审核完了")
    page.context.clear_cookies()

    sign_in(page, "drafter")
    page.goto(f"/office/consultations/{slug}/summary/")
    page.get_by_role("button", name="留存这份汇总，供签发和下载").click()
    files = {}
    for extension in ("docx", "pdf", "xlsx", "csv", "json", "html"):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=extension.upper(), exact=True).click()
        files[extension] = waiting.value.path().read_bytes()

    with database.reader() as session:
        states = dict(session.execute(
            select(Comment.state, func.count()).where(Comment.consultation_id == consultation.id).group_by(Comment.state)
        ).all())  # fmt: skip
        submissions = session.scalar(
            select(func.count(Submission.id)).where(Submission.consultation_id == consultation.id)
        )
        published = session.scalars(
            select(Comment).where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED)
        ).all()
    assert (submissions, states) == (2, {CommentState.PUBLISHED: 3, CommentState.WITHHELD: 1})
    agree(files, [c.reference for c in published], [c.public_body for c in published])


def agree(files: dict[str, bytes], references: list[str], bodies: list[str]) -> None:
    """Every file says 2 submissions, 4 comments, 3 published, 1 withheld, and prints the published comments only."""
    data = json.loads(files["json"])
    totals = data["totals"]
    assert (totals["received"], totals["published"], totals["withheld"], totals["pending"]) == (4, 3, 1, 0)
    rows = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    assert sorted(cell for row in rows for cell in row if re.fullmatch(r"C-\d+", cell)) == sorted(references)
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    cells = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]
    word = docx.Document(io.BytesIO(files["docx"]))
    word_text = "\n".join(
        [p.text for p in word.paragraphs] + [c.text for t in word.tables for r in t.rows for c in r.cells]
    )
    pdf = pypdfium2.PdfDocument(files["pdf"])
    pdf_text = "".join(p.get_textpage().get_text_range() for p in pdf)
    pdf.close()
    html = files["html"].decode()
    squeezed = re.sub(r"\s", "", pdf_text)
    for text in (re.sub(r"\s", "", word_text), squeezed, re.sub(r"<[^>]+>|\s", "", html)):
        assert "来稿2件" in text
        assert "4条" in text
        for reference, body in zip(references, bodies, strict=True):
            assert reference in text
            assert re.sub(r"\s", "", body) in text
        assert "13800001234" not in text
    for reference, body in zip(references, bodies, strict=True):
        assert reference in cells
        assert body in cells
