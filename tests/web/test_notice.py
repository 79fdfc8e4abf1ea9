"""The notice page without scripts, and what the public reads of it."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal.models import Consultation
from portal.services import scheduling
from tests.pages import Page
from tests.web.test_commenting import put
from tests.web.test_office import import_draft, office

PDF = b"%PDF-1.7 the draft as typeset"
NOTICE = {
    "title": "示例市河湖保洁工作方案", "document_type": "ZDJC", "opens_on": "2026-03-12", "closes_on": "2026-04-20",
    "contact_unit": "示例市水利局", "email": "hhbj@example.gov.cn", "explanatory_note": "一、起草背景\n为加强保洁。",
}  # fmt: skip


@pytest.fixture
def publisher(app, site):
    return office(app, "publisher")


@pytest.fixture
def slug(publisher):
    return import_draft(publisher)


def send(client, slug, act="save", **changes):
    fields = NOTICE | {"act": act} | changes
    return client.post(f"/office/consultations/{slug}/notice", data=fields, content_type="multipart/form-data")


def text(answer) -> str:
    return Page(answer.get_data(as_text=True)).text


def field(answer, name) -> str:
    page = Page(answer.get_data(as_text=True))
    for tag in ("input", "textarea"):
        for element in page.all(tag):
            if element.get("name") == name:
                return element.get("value") if tag == "input" else (element.text or "")
    raise AssertionError(name)


def saved(app, slug):
    with app.extensions["database"].reader() as session:
        found = session.scalar(select(Consultation).where(Consultation.slug == slug))
        assert found is not None
        return found, found.window


def test_a_button_counts_and_saves_nothing(app, publisher, slug):
    answer = send(publisher, slug, "count", closes_on="2026-04-10")
    assert answer.status_code == 200
    for words in ("首日不计29日", "首尾都计30日", "工作日（首日不计）20个", "2026年4月11日（周六）", "还没有保存",
                  "写明缩短期限的理由后方可发布"):  # fmt: skip
        assert words in text(answer), words
    assert field(answer, "email") == "hhbj@example.gov.cn"
    assert saved(app, slug)[1] is None


def test_one_click_moves_the_end_to_the_next_working_day(app, publisher, slug):
    answer = send(publisher, slug, "count", closes_on="2026-04-18")
    assert "截止日2026年4月18日为休息日" in text(answer)
    assert "顺延至2026年4月20日（周一）" in text(answer)
    assert field(send(publisher, slug, "next_workday", closes_on="2026-04-18"), "closes_on") == "2026-04-20"
    assert field(send(publisher, slug, "earliest_end", closes_on="2026-03-20"), "closes_on") == "2026-04-11"


def test_the_script_asks_for_the_same_piece(publisher, slug):
    address = f"/office/consultations/{slug}/notice/period"
    piece = publisher.get(f"{address}?document_type=CXGH&opens_on=2026-03-12&closes_on=2026-04-10&shortened_reason=x")
    words = piece.get_data(as_text=True)
    assert "不能发布" in words
    assert 'data-closes-on="2026-04-11"' in words
    for query, said in (
        ("opens_on=2026-03-12&closes_on=2026-03-01", "截止日期早于开始日期"),
        ("opens_on=2026-03-12&closes_on=abc", "请检查日期"),
        ("opens_on=2026-03-12", "要一起填写"),
        ("", "填写开始和截止日期后"),
        ("opens_on=2026-03-12&closes_on=2026-04-10", "选择文件类型后"),
        ("document_type=GFXWJ&opens_on=2026-12-20&closes_on=2027-01-10", "缺少2027年的节假日安排"),
    ):
        assert said in publisher.get(f"{address}?{query}").get_data(as_text=True), query


def test_an_hour_is_said_exactly_everywhere(app, publisher, slug, clock):
    assert send(publisher, slug, closes_time="17:30").status_code == 302
    _found, window = saved(app, slug)
    assert window.closes_at == datetime(2026, 4, 20, 9, 30, tzinfo=UTC)
    page = publisher.get(f"/office/consultations/{slug}/notice")
    assert field(page, "closes_time") == "17:30"
    publisher.post(f"/office/consultations/{slug}/publish", data={})
    public = app.test_client()
    for address in ("", "notice"):
        assert "截至2026年4月20日17时30分" in public.page(f"/consultations/{slug}/{address}").text
    assert "2026年4月20日17时30分（北京时间）" in public.page(f"/consultations/{slug}/notice").text
    clock.at = datetime(2026, 4, 20, 9, 29, 59, tzinfo=UTC)
    assert "今日17时30分截止" in public.page(f"/consultations/{slug}/").text
    public.set_cookie("lang", "en")
    assert "closes today at 17:30" in public.page(f"/consultations/{slug}/").text
    assert "Until 17:30 on 20 April 2026" in public.page("/").text
    clock.at = datetime(2026, 4, 20, 9, 30, tzinfo=UTC)
    assert "closed" in public.page(f"/consultations/{slug}/").text.lower()
    # the rest of its last day is day 0 of the answers
    for address in ("/office/", f"/office/consultations/{slug}/responses/"):
        assert "截止后第0个工作日" in office(app, "drafter").page(address).text


@pytest.mark.parametrize("hour", ["25:00", "五点"])
def test_an_hour_that_is_none_is_one_sentence(publisher, slug, hour):
    answer = send(publisher, slug, closes_time=hour)
    assert answer.status_code == 422
    assert "请检查截止的时刻" in text(answer)


def test_the_templates_are_filled_from_what_is_typed(publisher, slug):
    answer = send(publisher, slug, "template", postal_address="示例市滨河路1号", postcode="000000")
    words = field(answer, "notice")
    for said in ("【请填写：目的】", "2026年3月12日至2026年4月20日24时（含当日，北京时间），含首尾两日共40日",
                 "hhbj@example.gov.cn", "邮编000000", "/consultations/"):  # fmt: skip
        assert said in words, said
    answer = send(publisher, slug, "shortening", closes_on="2026-03-31")
    assert "期限由30日缩短为19日，特此说明" in field(answer, "shortened_reason")
    # a template is no reason and no notice before its blanks are filled
    assert send(publisher, slug, closes_on="2026-03-31", notice=words,
                shortened_reason=field(answer, "shortened_reason")).status_code == 302  # fmt: skip
    page = publisher.page(f"/office/consultations/{slug}/notice").text
    assert "写明缩短期限的理由后方可发布" in page
    assert "公告正文里还有没有填写的地方" in page
    assert publisher.post(f"/office/consultations/{slug}/publish", data={}).status_code == 422


def test_what_comes_from_a_word_processor_is_cleaned_and_set(app, publisher, slug):
    note = (
        "<style>p{color:red}</style><h1>起草背景</h1><p class=MsoNormal onclick=x()><b>为</b>加强保洁。</p>"
        "<table><tr><td>甲</td></tr></table><script>alert(1)</script><a href='javascript:x'>坏</a>"
    )
    send(publisher, slug, explanatory_note=note, notice="第一段 <试行>\n第二段 & 其他")
    assert field(publisher.get(f"/office/consultations/{slug}/notice"), "explanatory_note").splitlines()[1:] == [
        "<p><strong>为</strong>加强保洁。</p>", "<table><tbody><tr><td>甲</td></tr></tbody></table>", "<p><a>坏</a></p>",
    ]  # fmt: skip
    publisher.post(f"/office/consultations/{slug}/publish", data={})
    public = app.test_client()
    source = public.page(f"/consultations/{slug}/note").source
    assert "<p><strong>为</strong>加强保洁。</p>" in source
    assert "alert(1)" not in source
    assert "MsoNormal" not in source
    source = public.page(f"/consultations/{slug}/notice").source
    assert "<p>第一段 &lt;试行&gt;</p>\n<p>第二段 &amp; 其他</p>" in source


def test_what_the_public_writes_is_never_cleaned_and_always_escaped(app, client, site, monkeypatch):
    """Bleach must not so much as be called: words that look like tags are somebody's words."""
    import bleach

    from portal import richtext

    def never(*_args, **_kwargs):
        raise AssertionError("the public's words were cleaned")

    monkeypatch.setattr(bleach, "clean", never)
    monkeypatch.setattr(richtext, "cleaned", never)
    body = "<p>建议改成<b>每日</b></p><script>alert(1)</script> & <试行>"
    put(client, "2-1", body)
    page = client.get("/consultations/hehu/comment").get_data(as_text=True)
    assert (
        "&lt;p&gt;建议改成&lt;b&gt;每日&lt;/b&gt;&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;试行&gt;"
        in page
    )
    assert "<script>alert" not in page


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────


def test_files_beside_the_draft(app, publisher, slug):
    upload = {"attachment": (io.BytesIO(PDF), "../../etc/征求 意见稿.exe"), "attachment_title": "正式排版"}
    assert send(publisher, slug, "save:file", **upload).status_code == 302
    assert send(publisher, slug, "save:file", attachment=(io.BytesIO(b"words"), "说明.txt")).status_code == 302
    page = publisher.page(f"/office/consultations/{slug}/notice")
    ids = re.findall(r'name="title-(\d+)"', page.source)
    assert len(ids) == 2
    assert "征求_意见稿.pdf" in page.text
    send(publisher, slug, f"up:{ids[1]}", **{f"title-{ids[1]}": "说明材料"})
    page = publisher.page(f"/office/consultations/{slug}/notice")
    assert re.findall(r'name="title-(\d+)"', page.source) == ids[::-1]
    assert 'value="说明材料"' in page.source
    assert publisher.get(f"/office/consultations/{slug}/files/{ids[0]}").data == PDF
    public = app.test_client()
    assert public.get(f"/consultations/{slug}/files/{ids[0]}").status_code == 404
    send(publisher, slug, f"remove:{ids[1]}")
    publisher.post(f"/office/consultations/{slug}/publish", data={})
    page = public.page(f"/consultations/{slug}/notice")
    for words in ("正式排版", "PDF", "1 KB", hashlib.sha256(PDF).hexdigest()):
        assert words in page.text, words
    assert "说明材料" not in page.text
    assert "正式排版" in public.page(f"/consultations/{slug}/note").text
    answer = public.get(f"/consultations/{slug}/files/{ids[0]}")
    assert answer.data == PDF
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=attachment.pdf;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert public.get(f"/consultations/hehu/files/{ids[0]}").status_code == 404
    assert send(publisher, slug, f"remove:{ids[0]}").status_code == 409
    assert public.get(f"/consultations/{slug}/files/{ids[0]}").status_code == 200


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [(b"MZ\x00\x01", "a.pdf", "不接收这种文件"), (b"", "a.pdf", "文件是空的"), (b"PK\x03\x04x", "a.docx", "已损坏")],
)
def test_a_file_that_is_not_received_loses_nothing_typed(publisher, slug, data, name, said):
    answer = send(publisher, slug, attachment=(io.BytesIO(data), name), fax="0999-5550111")
    assert answer.status_code == 422
    assert said in text(answer)
    assert field(answer, "fax") == "0999-5550111"


# ── planned publication ───────────────────────────────────────────────────────────────────────────────


def test_a_publication_is_planned_cancelled_planned_and_happens(app, publisher, slug, clock):
    send(publisher, slug, opens_on="2026-03-13", closes_on="2026-04-30")
    plan = f"/office/consultations/{slug}/plan"
    answer = publisher.post(plan, data={"publishes_at": "2026-03-13T09:00"})
    assert answer.status_code == 302
    assert "定于2026年3月13日 09:00自动发布" in publisher.page("/office/").text
    assert publisher.post(f"{plan}/cancellation", data={}).status_code == 302
    assert "自动发布" not in publisher.page("/office/").text
    publisher.post(plan, data={"publishes_at": "2026-03-13T09:00"})
    clock.at = datetime(2026, 3, 13, 1, 0, 1, tzinfo=UTC)
    with app.extensions["database"].transaction() as session:
        for plan_id in scheduling.due(session, clock.at):
            scheduling.carry_out(session, plan_id, clock.at)
    assert "2026年3月13日发布" in app.test_client().page(f"/consultations/{slug}/").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-03-12T08:00", "已经过去"),
        ("明天", "请检查定时发布的日期"),
        ("", "请填写定时发布"),
        ("2026-04-01T09:00", "期限为19日"),
    ],
)
def test_a_plan_that_cannot_be_is_one_sentence(publisher, slug, typed, said):
    send(publisher, slug)
    answer = publisher.post(f"/office/consultations/{slug}/plan", data={"publishes_at": typed})
    assert answer.status_code == 422
    assert said in text(answer)


def test_the_front_page_says_why_a_plan_failed(app, publisher, slug, clock):
    send(publisher, slug, opens_on="2026-03-13", closes_on="2026-04-30")
    publisher.post(f"/office/consultations/{slug}/plan", data={"publishes_at": "2026-03-13T09:00"})
    send(publisher, slug, opens_on="2026-03-13", closes_on="2026-04-30", explanatory_note="")
    clock.at = datetime(2026, 3, 13, 1, 0, 1, tzinfo=UTC)
    with app.extensions["database"].transaction() as session:
        for plan_id in scheduling.due(session, clock.at):
            scheduling.carry_out(session, plan_id, clock.at)
    publisher.sign_in("publisher")
    for address in ("/office/", f"/office/consultations/{slug}/notice"):
        page = publisher.page(address).text
        assert "定于2026年3月13日 09:00的发布没有成功" in page
        assert "应当同时公布起草说明" in page
    publisher.set_cookie("lang", "en")
    assert "did not happen" in publisher.page("/office/").text


# ── extension and withdrawal ──────────────────────────────────────────────────────────────────────────

WINDOW = "/office/consultations/hehu/window/"


def test_an_extension_through_the_page(app, publisher):
    answer = publisher.post(WINDOW, data={"act": "template", "closes_on": "2026-04-11"})
    assert "延长至2026年4月11日24时" in field(answer, "announcement")
    answer = publisher.post(WINDOW, data={"act": "next_workday", "closes_on": "2026-04-11"})
    assert field(answer, "closes_on") == "2026-04-13"
    piece = publisher.get(f"{WINDOW}period?closes_on=2026-03-20").get_data(as_text=True)
    assert "不能缩短或提前结束" in piece
    answer = publisher.post(WINDOW, data={"act": "extend", "closes_on": "2026-03-20", "announcement": "写了一半的公告"})
    assert answer.status_code == 422
    assert "不能缩短或提前结束" in text(answer)
    assert field(answer, "announcement") == "写了一半的公告"
    assert publisher.post(WINDOW, data={"act": "extend", "closes_on": "2026-04-13"}).status_code == 302
    page = app.test_client().page("/consultations/hehu/notice").text
    for words in ("公开征求意见延期的公告", "延长至2026年4月13日24时", "2026年3月2日至2026年4月1日24时",
                  "征求意见时间的变更", "截至2026年4月13日24时"):  # fmt: skip
        assert words in page, words
    assert "截至2026年4月13日24时" in app.test_client().page("/").text
    assert "延长至2026年4月13日24时" in publisher.page(WINDOW).text


def test_a_withdrawal_through_the_page(app, client, publisher):
    put(client, "2-1", "一条意见")
    answer = publisher.post(f"{WINDOW}withdrawal", data={"reason": "不要了"})
    assert answer.status_code == 422
    assert "不少于10字" in text(answer)
    reason = "因上位规划调整，本次征求意见撤回。"
    assert publisher.post(f"{WINDOW}withdrawal", data={"reason": reason}).status_code == 302
    public = app.test_client()
    page = public.page("/consultations/hehu/")
    assert "已于2026年3月12日 12:00撤回" in page.text
    assert reason in page.text
    assert "放入我的意见" not in public.page("/consultations/hehu/clauses/2-1").text
    assert "不再接收意见" in public.page("/consultations/hehu/clauses/2-1").text
    for address in ("/", "/consultations/"):
        assert "已撤回" in public.page(address).text
        assert reason in public.page(address).text
    assert "已撤回" in publisher.page("/office/").text
    answer = public.post("/consultations/hehu/clauses/2-1", data={"stance": "change", "body": "又一条"})
    assert answer.status_code == 409
    assert "又一条" in answer.get_data(as_text=True)


def test_of_two_officers_the_second_gets_every_word_back_by_its_name(app, publisher, slug):
    stamp = field(publisher.get(f"/office/consultations/{slug}/notice"), "seen")
    choices = {"identity_needed": "anonymous", "grace_minutes": "0", "seen": stamp}
    assert send(office(app, "publisher"), slug, phone="0999-5550100", **choices).status_code == 302
    answer = send(publisher, slug, subject="水利", notice="公告第一行\n第二行", **choices)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "公告刚刚已由他人修改" in page.text
    words = {area.get("id"): (area.text or "").strip() for area in page.all("textarea")}
    kept = {label.text: words[label.get("for")] for label in page.all("label") if label.get("for") in words}
    assert kept == {
        "文件名称": NOTICE["title"], "起草单位": "示例市水利局", "电子邮箱": NOTICE["email"], "主题分类": "水利",
        "起草说明": NOTICE["explanatory_note"], "公告正文": "公告第一行\n第二行",
    }  # fmt: skip
    assert len(words) == len(kept)  # none without a name
    assert f"/office/consultations/{slug}/notice" in {link.get("href") for link in page.all("a")}
    assert field(publisher.get(f"/office/consultations/{slug}/notice"), "phone") == "0999-5550100"


def test_nobody_publishes_what_another_has_just_changed(app, publisher, slug):
    address = f"/office/consultations/{slug}"
    assert send(publisher, slug).status_code == 302
    looked_at = publisher.get(f"{address}/notice")
    seen = re.findall(r"name=\"seen\" value=\"([^\"]+)\"", looked_at.get_data(as_text=True))
    assert len(seen) == 2
    assert len(set(seen)) == 1
    choices = {"identity_needed": "anonymous", "grace_minutes": "0", "seen": seen[0]}
    assert send(office(app, "publisher"), slug, phone="0999-5550188", **choices).status_code == 302
    answer = publisher.post(f"{address}/publish", data={"seen": seen[0]})
    assert answer.status_code == 409
    assert "公告在您打开以后已由他人修改，没有发布" in text(answer)
    assert publisher.get(f"/consultations/{slug}/").status_code == 404
    now_seen = field(publisher.get(f"{address}/notice"), "seen")
    assert publisher.post(f"{address}/publish", data={"seen": now_seen}).status_code == 302


# ── the lists of an administrator ─────────────────────────────────────────────────────────────────────


def test_document_types_through_the_page(app, site):
    admin = office(app, "administrator")
    lists = "/office/lists/document-types/"
    assert "不得少于30日" in admin.page(lists).text
    kind = {"code": "zxgh", "name": "专项规划", "minimum": "20", "unit": "workday", "force": "usual", "basis": "市规定"}
    assert admin.post(f"{lists}new", data=kind | {"minimum": "二十"}).status_code == 422
    assert admin.post(f"{lists}new", data=kind).status_code == 302
    assert "一般不少于20个工作日" in admin.page(lists).text
    answer = admin.post(f"{lists}new", data=kind)
    assert answer.status_code == 422
    assert "已经用过" in text(answer)
    assert admin.post(f"{lists}ZXGH", data=kind | {"minimum": "10", "position": "1"}).status_code == 302
    page = admin.page(lists).text
    assert page.index("专项规划") < page.index("法律草案")
    assert (
        "专项规划"
        in office(app, "publisher").page(f"/office/consultations/{import_draft(office(app, 'publisher'))}/notice").text
    )
    assert "已有征求意见使用的类型不能删除" in admin.page(f"{lists}QT").text
    assert admin.post(f"{lists}QT/removal", data={}).status_code == 409
    assert admin.post(f"{lists}ZXGH/removal", data={}).status_code == 302
    assert "专项规划" not in admin.page(lists).text
    log = office(app, "auditor").page("/office/audit/").text
    for act in ("document_type.add", "document_type.change", "document_type.remove"):
        assert act in log


def test_an_older_page_takes_nothing_back_of_a_document_type(app, site):
    lists = "/office/lists/document-types/"
    kind = {"code": "zxgh", "name": "专项规划", "minimum": "7", "unit": "day", "force": "usual", "basis": "市规定"}
    first, second = (office(app, "administrator") for _ in range(2))
    first.post(f"{lists}new", data=kind)
    page = first.get(f"{lists}ZXGH")
    older = {"seen": field(page, "seen"), "seen-position": field(page, "seen-position")}
    place = field(page, "position")
    assert second.post(f"{lists}ZXGH", data=kind | older | {"minimum": "10"}).status_code == 302
    answer = first.post(f"{lists}ZXGH", data=kind | older | {"name": "专项发展规划", "position": place})
    assert answer.status_code == 409
    said = text(answer)
    assert "刚刚已由他人修改" in said
    assert re.search(r"现在保存的内容.*最短期限\s*10 日", said)
    assert field(answer, "name") == "专项发展规划"
    assert "一般不少于10日" in first.page(lists).text
    # who has seen what stands decides; and the same thing sent twice is no collision
    seen = {"seen": field(answer, "seen")}
    for _ in range(2):
        data = kind | seen | {"name": "专项发展规划", "minimum": "10"}
        assert first.post(f"{lists}ZXGH", data=data).status_code == 302
    assert "专项发展规划" in first.page(lists).text
    # a fault in what was typed does not make an older page newer
    second.post(f"{lists}ZXGH", data=kind | {"minimum": "12"})
    answer = first.post(f"{lists}ZXGH", data=kind | seen | {"minimum": "0"})
    assert answer.status_code == 422
    assert first.post(f"{lists}ZXGH", data=kind | {"seen": field(answer, "seen")}).status_code == 409


def test_a_place_that_was_left_as_shown_moves_nothing(app, site):
    lists = "/office/lists/document-types/"
    kind = {"code": "zxgh", "name": "专项规划", "minimum": "7", "unit": "day", "force": "usual", "basis": "市规定"}
    admin = office(app, "administrator")
    admin.post(f"{lists}new", data=kind)
    page = admin.get(f"{lists}ZXGH")
    older = {name: field(page, name) for name in ("seen", "seen-position", "position")}
    admin.post(f"{lists}ZXGH", data=kind | {"position": "1"})
    admin.post(f"{lists}ZXGH", data=kind | older | {"name": "专项发展规划"})
    shown = admin.page(lists).text
    assert shown.index("专项发展规划") < shown.index("法律草案")


def test_holidays_through_the_page(app, site):
    admin = office(app, "administrator")
    address = "/office/lists/holidays/"
    assert "工作日248天" in admin.page(f"{address}?year=2026").text
    assert "还没有2027年的节假日安排" in admin.page(f"{address}?year=2027").text
    lines = "2027-01-01 休 元旦\n2027年2月5日至2月11日 休 春节\n2027-02-14 班 春节"
    answer = admin.post(address, data={"year": "2027", "lines": lines + "\n胡写", "act": "preview"})
    assert "看不懂“胡写”" in text(answer)
    assert "保存这一年" not in text(answer)
    assert admin.post(address, data={"year": "2027", "lines": lines + "\n胡写", "act": "keep"}).status_code == 422
    answer = admin.post(address, data={"year": "2027", "lines": lines, "act": "preview"})
    for words in ("2027年（预览，还没有保存）", "没有看到：清明节、劳动节", "2.5—2.11，7天", "保存这一年"):
        assert words in text(answer), words
    assert "还没有2027年" in admin.page(f"{address}?year=2027").text
    assert admin.post(address, data={"year": "2027", "lines": lines, "act": "keep"}).status_code == 302
    assert "2.5—2.11，7天" in admin.page(f"{address}?year=2027").text
    assert "holidays.keep" in office(app, "auditor").page("/office/audit/").text
