"""Staff without scripts: import, correct, publish, moderate, answer, publish the result, download."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest
from sqlalchemy import select

from portal import drafts
from portal.models import Comment, Consultation
from portal.rules.words import CommentState
from tests import factories
from tests.pages import Page
from tests.web.test_commenting import put, send

OFFICE = "/office/consultations/hehu"


def office(app, role):
    return app.test_client().sign_in(role)


def test_a_wrong_password_is_one_sentence(app, client, site):
    answer = client.post("/office/sign-in", data={"login": "moderator", "password": "wrong"})
    assert answer.status_code == 422
    assert "登录名或密码不对" in answer.get_data(as_text=True)


@pytest.mark.parametrize("back", ["//example.com/", "https://example.com/", "/\\example.com", "/consultations/"])
def test_signing_in_leads_only_into_the_office(app, site, back):
    client = app.test_client()
    answer = client.post("/office/sign-in", data={"login": "moderator", "password": factories.PASSWORD, "back": back})
    assert answer.headers["Location"] == "/office/"


def test_signing_in_goes_where_one_wanted(app, site):
    client = app.test_client()
    asked = client.get(f"{OFFICE}/moderation/")
    assert asked.status_code == 302
    assert asked.headers["Location"].startswith("/office/sign-in?back=")
    data = {"login": "moderator", "password": factories.PASSWORD, "back": f"{OFFICE}/moderation/"}
    assert client.post("/office/sign-in", data=data).headers["Location"] == f"{OFFICE}/moderation/"


def test_signing_out_ends_it(app, site):
    client = office(app, "moderator")
    client.post("/office/sign-out", data={})
    assert client.get("/office/").status_code == 302


def import_draft(client, text=factories.DRAFT):
    answer = client.post(
        "/office/import", data={"text": text, "file": (io.BytesIO(b""), "")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 302, Page(answer.get_data(as_text=True)).text
    return answer.headers["Location"].split("/")[3]


def test_a_draft_comes_in_is_corrected_and_published(app, site, clock):
    client = office(app, "publisher")
    slug = import_draft(client)
    page = client.page(f"/office/consultations/{slug}/outline")
    assert "示例市河湖保洁工作方案" in page.text
    with app.extensions["database"].reader() as session:
        found = session.scalar(select(Consultation).where(Consultation.slug == slug))
        position = next(c.position for c in found.version.clauses if c.heading.startswith("加大投入"))
    assert client.page(f"/office/consultations/{slug}/outline?clause={position}")
    answer = client.post(
        f"/office/consultations/{slug}/outline/{position}/rewrite",
        data={"number": "（二）", "heading": "加大投入。", "text": "每年300万元。"},
    )
    assert answer.status_code == 302
    assert "每年300万元。" in client.page(f"/office/consultations/{slug}/outline?clause={position}").source
    assert "不能发布" in client.page(f"/office/consultations/{slug}/notice").text
    notice = {
        "title": "示例市河湖保洁工作方案", "document_type": "ZDJC", "opens_on": "2026-03-12", "closes_on": "2026-04-20",
        "contact_unit": "示例市水利局", "email": "hhbj@example.gov.cn", "explanatory_note": "一、起草背景\n为加强保洁。",
    }  # fmt: skip
    assert client.post(f"/office/consultations/{slug}/notice", data=notice).status_code == 302
    page = client.page(f"/office/consultations/{slug}/notice")
    assert "首日不计39日" in page.text
    assert "符合规定" in page.text
    assert client.page(f"/office/consultations/{slug}/preview")
    assert client.post(f"/office/consultations/{slug}/publish", data={}).status_code == 302
    assert "每年300万元。" in app.test_client().page(f"/consultations/{slug}/").text
    answer = client.post(f"/office/consultations/{slug}/outline/{position}/drop", data={})
    assert answer.status_code == 409
    assert "已经发布，不能再改" in answer.get_data(as_text=True)


def test_a_bad_date_is_one_sentence_and_keeps_the_rest(app, site):
    client = office(app, "publisher")
    slug = import_draft(client)
    answer = client.post(
        f"/office/consultations/{slug}/notice",
        data={"title": "改过的名称", "opens_on": "昨天", "closes_on": "2026-04-20"},
    )
    assert answer.status_code == 422
    assert "改过的名称" in answer.get_data(as_text=True)


DAMAGED = factories.DRAFT.replace("（二）加大投入", "（四）加大投入").replace("200万元", "20\ufffd万元")


def test_doubts_are_said_in_the_language_of_the_page(app, site):
    client = office(app, "publisher")
    slug = import_draft(client, "首页 > 政务公开 > 通知公告\n" + DAMAGED)
    chinese = client.page(f"/office/consultations/{slug}/outline").text
    assert "“（四）”之前序号不连续，缺少第2至第3个" in chinese
    assert "这一行有乱码或丢失的字符" in chinese
    assert "网页导航" in chinese
    client.set_cookie("lang", "en")
    english = client.page(f"/office/consultations/{slug}/outline").text
    assert 'The numbers before "（四）" skip: nos. 2 to 3 are missing' in english
    assert "Characters of this line are garbled or lost" in english
    assert "navigation of the page" in english
    for words in ("序号不连续", "请核对原稿", "乱码", "网页导航"):
        assert words not in english


def test_a_doubt_stored_before_it_had_places_is_still_shown(app, site):
    client = office(app, "publisher")
    slug = import_draft(client)
    with app.extensions["database"].writer() as session:
        version = session.scalars(select(Consultation).where(Consultation.slug == slug)).one().version_in_preparation
        version.doubts = [
            {"line": 9, "code": "gap", "what": "“（四）”之前缺100%的序号", "advice": "请核对原稿。", "settled": None}
        ]
        session.commit()
    for language in ("zh", "en"):
        client.set_cookie("lang", language)
        assert "“（四）”之前缺100%的序号" in client.page(f"/office/consultations/{slug}/outline").text


def test_one_act_mends_a_doubt_and_leads_to_the_next(app, site):
    client = office(app, "publisher")
    text = factories.DRAFT.replace("无漂浮物", "无漂浮物.无垃圾.无异味.无油污.无水草.无鱼虾")
    slug = import_draft(client, text.replace("（二）强化监督", "（一）强化监督"))
    page = client.page(f"/office/consultations/{slug}/outline")
    assert "有5处“.”夹在汉字之间" in page.text
    assert "补上一级标题" in page.text
    answer = client.post(f"/office/consultations/{slug}/outline/separate", data={"doubt": "0"})
    assert answer.headers["Location"].endswith("#doubt-1")
    page = client.page(f"/office/consultations/{slug}/outline")
    assert "已看过1处" in page.text
    position = re.search(r"outline/(\d+)/head", page.source).group(1)
    answer = client.post(
        f"/office/consultations/{slug}/outline/{position}/head", data={"doubt": "1", "title": "四、监督检查"}
    )
    assert answer.headers["Location"].endswith("#doubts-h")
    page = client.page(f"/office/consultations/{slug}/outline")
    assert "没有拿不准的地方" in page.text
    assert "四、监督检查" in page.text
    client.post(f"/office/consultations/{slug}/outline/undo", data={})
    assert "有1处拿不准" in client.page(f"/office/consultations/{slug}/outline").text


def test_the_source_is_folded_where_nothing_is_doubtful(app, site):
    client = office(app, "publisher")
    slug = import_draft(client)
    address = f"/office/consultations/{slug}/outline"
    assert "每公里配备保洁员1名" not in sources(client.page(address))
    assert "每公里配备保洁员1名" in sources(client.page(f"{address}?show=1"))
    assert "每公里配备保洁员1名" in sources(client.page(f"{address}?show=all"))
    assert "每公里配备保洁员1名" in sources(client.page(f"{address}?clause=4"))
    assert "建立联席会议制度" not in sources(client.page(f"{address}?clause=1"))


def sources(page):
    return next("".join(part.itertext()) for part in page.all("ol") if part.get("class") == "lines")


def test_an_import_of_nothing_says_what_to_do(app, site):
    client = office(app, "publisher")
    answer = client.post("/office/import", data={"text": ""})
    assert answer.status_code == 422
    assert "请选择文件，或粘贴征求意见稿全文" in answer.get_data(as_text=True)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_is_read_in_any_of_its_encodings(app, site, encoding):
    client = office(app, "publisher")
    file = (io.BytesIO(factories.DRAFT.encode(encoding)), "方案.txt")
    answer = client.post("/office/import", data={"text": "", "file": file}, content_type="multipart/form-data")
    assert answer.status_code == 302
    assert "河湖保洁" in client.page(answer.headers["Location"]).text


def test_the_whole_way_to_the_published_result(app, client, site, clock):
    for label, body in (
        ("2-1", "巡查太少，电话13800001234。"),
        ("2-2", "经费太少。"),
        ("2-1", "加微信办贷款"),
        ("all", "总体赞成。"),
    ):
        put(client, label, body)
    number = send(client).headers["Location"].split("/")[2].split("?")[0]

    moderator = office(app, "moderator")
    page = moderator.page(f"{OFFICE}/moderation/1")
    assert "13800001234" in page.text
    mask = re.search(r'name="masks" value="([^"]+)"', page.source).group(1)
    decide(moderator, 1, "published", masks=mask)
    decide(moderator, 2, "published")
    answer = decide(moderator, 3, "withheld", reason_code="P3")
    assert answer.status_code == 422
    decide(moderator, 3, "withheld", reason_code="P3", note="广告，与草案无关。")
    answer = decide(moderator, 4, "published")
    assert "list=1" in answer.headers["Location"]
    assert "都审核完了" in moderator.page(answer.headers["Location"]).text

    public = app.test_client()
    assert "138****1234" in public.page("/consultations/hehu/clauses/2-1").text
    assert "13800001234" not in public.page("/consultations/hehu/clauses/2-1").source
    assert "广告、垃圾信息或外部链接" in client.page(f"/receipts/{number}").text

    clock.at = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)
    drafter = office(app, "drafter")
    assert drafter.post(f"{OFFICE}/responses/1", data={"disposition": "not_adopted", "reason": ""}).status_code == 422
    drafter.post(
        f"{OFFICE}/responses/1", data={"disposition": "adopted", "changed_text": "城区河道每日巡查两次。", "reason": ""}
    )
    publisher = office(app, "publisher")
    answer = publisher.post(f"{OFFICE}/responses/publication", data={})
    assert answer.status_code == 422
    assert "还有2条意见没有答复（C-2、C-4）" in answer.get_data(as_text=True)
    drafter.post(
        f"{OFFICE}/responses/2", data={"disposition": "explained", "reason": "按预算安排。", "changed_text": ""}
    )
    drafter.post(f"{OFFICE}/responses/4", data={"disposition": "explained", "reason": "感谢支持。", "changed_text": ""})
    assert public.get("/consultations/hehu/results").status_code == 404
    assert publisher.post(f"{OFFICE}/responses/publication", data={}).status_code == 302

    page = public.page("/consultations/hehu/results")
    for words in ("采纳", "按预算安排。", "收到意见4条"):
        assert words in page.text, words
    assert any("两" in "".join(change.itertext()) for change in page.all("ins"))
    assert "加微信" not in page.source
    for extension in ("pdf", "csv", "html"):
        assert public.get(f"/consultations/hehu/results.{extension}").status_code == 200
    for extension in ("docx", "xlsx"):
        file = public.get(f"/consultations/hehu/results.{extension}")
        assert file.status_code == 200
        assert zipfile.ZipFile(io.BytesIO(file.data)).testzip() is None
    tracked = client.page(f"/receipts/{number}")
    assert "改为" in tracked.text
    assert any("两" in "".join(change.itertext()) for change in tracked.all("ins"))


def decide(client, number, to, **fields):
    answer = client.post(f"{OFFICE}/moderation/{number}", data={"to": to, "revision": "0", "note": "", **fields})
    assert answer.status_code in (302, 422), answer.status_code
    return answer


def test_the_six_files_agree_with_the_database(app, client, site):
    for n in range(7):
        put(client, "2-1", f"第{n}条意见", stance=("support", "oppose")[n % 2])
    send(client, kind="enterprise", organisation="示例企业", name="周明", phone="0999-5550123", has_read_notice="1")
    moderator = office(app, "moderator")
    for number in range(1, 6):
        decide(moderator, number, "published")
    decide(moderator, 6, "withheld", reason_code="P4", note="与草案无关。")
    drafter = office(app, "drafter")
    assert drafter.post(f"{OFFICE}/summary/", data={}).status_code == 302
    page = drafter.page(f"{OFFICE}/summary/")
    assert "收到意见7条 ＝ 待审1 ＋ 公开5" in page.text
    with app.extensions["database"].reader() as session:
        published = [c for c in session.scalars(select(Comment)) if c.state is CommentState.PUBLISHED]
    for extension in ("docx", "pdf", "xlsx", "csv", "json", "html"):
        file = drafter.get(f"{OFFICE}/summary/1.{extension}")
        assert file.status_code == 200, extension
        assert "attachment" in file.headers["Content-Disposition"]
        again = drafter.get(f"{OFFICE}/summary/1.{extension}")
        assert file.data == again.data, extension
        if extension == "json":
            assert file.json["totals"]["received"] == 7
        if extension == "csv":
            assert file.data.decode("utf-8-sig").count("C-") == len(published)
        if extension == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(file.data))
            cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
            assert {c.reference for c in published} <= set(cells)
    redline = drafter.get(f"{OFFICE}/summary/1/redline.docx")
    assert redline.status_code == 200
    assert redline.data.startswith(b"PK")
    assert app.test_client().get(f"{OFFICE}/summary/1/redline.docx").status_code == 302
    assert app.test_client().get("/consultations/hehu/summary.docx").status_code == 404
    publisher = office(app, "publisher")
    assert publisher.post(f"{OFFICE}/summary/1/release", data={}).status_code == 422  # nobody has signed it
    moderator.post(f"{OFFICE}/summary/1/sign", data={"state": "reviewed"})
    publisher.post(f"{OFFICE}/summary/1/sign", data={"state": "released"})
    assert publisher.post(f"{OFFICE}/summary/1/release", data={}).status_code == 302
    assert app.test_client().get("/consultations/hehu/summary.docx").status_code == 200


def test_two_moderators_on_one_comment(app, client, site):
    put(client)
    send(client)
    first, second = office(app, "moderator"), office(app, "moderator")
    decide(first, 1, "published")
    answer = second.post(
        f"{OFFICE}/moderation/1", data={"to": "withheld", "revision": "0", "reason_code": "P4", "note": "无关"}
    )
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "示例审核员处理，现在是“公开”" in text
    assert "无关" in text


def test_looking_at_contact_data_is_logged(app, client, site):
    put(client)
    send(client, name="王小明", phone="13800001234", has_read_notice="1")
    moderator = office(app, "moderator")
    assert "王小明" not in moderator.page(f"{OFFICE}/moderation/1").source
    answer = moderator.post(f"{OFFICE}/moderation/1/contact", data={})
    assert "王小明" in answer.get_data(as_text=True)
    log = office(app, "auditor").page("/office/audit/")
    assert "contact.see" in log.text
    assert "没有被改动" in log.text
    assert "王小明" not in log.source


def test_another_bureau_sees_nothing_of_ours(app, client, site, seal):
    put(client)
    send(client)
    with app.extensions["database"].writer() as session:
        factories.world(session, seal, "示例市教育局", "jyj")
        session.commit()
    for role in ("publisher", "moderator", "drafter"):
        stranger = app.test_client()
        stranger.sign_in(f"jyj-{role}")
        assert "河湖保洁" not in stranger.page("/office/").text
        for address in (
            "outline",
            "notice",
            "preview",
            "moderation/1",
            "responses/",
            "summary/",
            "responses/publication",
        ):
            assert stranger.get(f"{OFFICE}/{address}").status_code in (403, 404), (role, address)
        for address in ("publish", "moderation/1", "moderation/1/contact", "responses/1", "summary/", "outline/0/drop"):
            assert stranger.post(f"{OFFICE}/{address}", data={}).status_code in (403, 404), (role, address)


def test_two_tabs_on_the_notice(app, site):
    client = office(app, "publisher")
    slug = import_draft(client)
    address = f"/office/consultations/{slug}/notice"
    seen = re.search(r'name="seen" value="([^"]+)"', client.page(address).source).group(1)
    notice = {"title": "示例市河湖保洁工作方案", "seen": seen}
    assert client.post(address, data=notice | {"notice": "甲改的公告正文"}).status_code == 302
    answer = client.post(address, data=notice | {"notice": "乙的旧页面上的公告"})
    assert answer.status_code == 409
    assert "乙的旧页面上的公告" in answer.get_data(as_text=True)
    assert "甲改的公告正文" in client.page(address).source


def test_a_stale_outline_deletes_nothing(app, site):
    client = office(app, "publisher")
    slug = import_draft(client)
    address = f"/office/consultations/{slug}/outline/1/drop"
    assert client.post(address, data={"seen": "0"}).status_code == 302
    assert client.post(address, data={"seen": "0"}).status_code == 409


def test_a_sign_in_that_ended_hands_back_what_was_written(app, site):
    answer = app.test_client().post(
        f"{OFFICE}/notice", data={"title": "标题", "explanatory_note": "写了一下午的起草说明"}
    )
    assert answer.status_code == 401
    assert "写了一下午的起草说明" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "\u202e"}, "请填写文件名称"),
        ({"title": "标题", "opens_on": "0001-01-01", "closes_on": "2026-04-20"}, "年份"),
        ({"title": "标题", "opens_on": "2026-03-12", "closes_on": "2026年4月20日"}, "请检查日期"),
        ({"title": "标题", "email": "not an email"}, "电子邮箱有误"),
    ],
)
def test_odd_notices_are_refused_with_a_sentence(app, site, fields, sentence):
    client = office(app, "publisher")
    slug = import_draft(client)
    answer = client.post(f"/office/consultations/{slug}/notice", data=fields)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_a_slow_file_holds_nobody_up(app, site, monkeypatch):
    real, begun, go_on = drafts.read, threading.Event(), threading.Event()

    def slow(data, name):
        begun.set()
        assert go_on.wait(60)
        return real(data, name)

    monkeypatch.setattr(drafts, "read", slow)
    publisher = office(app, "publisher")
    file = (io.BytesIO(factories.DRAFT.encode()), "慢.txt")
    upload = threading.Thread(
        target=lambda: publisher.post(
            "/office/import", data={"text": "", "file": file}, content_type="multipart/form-data"
        )
    )
    upload.start()
    assert begun.wait(60)
    put(app.test_client())  # it is kept while the file is still being read
    assert upload.is_alive()
    go_on.set()
    upload.join()


@pytest.mark.parametrize("number", ["99999999999999999999", "2147483648", "-1", "x", "²"])
def test_numbers_no_key_can_be(app, site, number):
    public = app.test_client()
    assert public.get(f"/consultations/hehu/clauses/all?before={number}").status_code == 200
    moderator = office(app, "moderator")
    for address in (f"moderation/{number}", f"moderation/?list=1&after={number}", f"moderation/?list=1&done={number}"):
        assert moderator.get(f"{OFFICE}/{address}").status_code in (200, 404), address
    drafter = office(app, "drafter")
    assert drafter.post(f"{OFFICE}/responses/{number}", data={"also": number}).status_code in (404, 405, 422)


def test_hostile_addresses(app, site):
    client = app.test_client()
    for address in (
        "/%09/evil.example/?lang=en",
        "/%0d%0aX:y/?lang=en",
        "/consultations/%00/",
        "/consultations/hehu/clauses/%00",
    ):
        answer = client.get(address)
        # whoever changes the language of a page that is not there is led home, and nowhere else
        assert (answer.status_code, answer.headers.get("Location")) in ((404, None), (302, "/")), address
    data = {"login": "moderator\x00", "password": factories.PASSWORD, "back": "/office/\r\nX: y"}
    assert client.post("/office/sign-in", data=data).headers["Location"] == "/office/"


@pytest.mark.parametrize("masks", ["body:0:99999", "body:²:³", "x", "body:5:2", "body:0:" + "9" * 5000])
def test_crafted_masks_are_refused(app, client, site, masks):
    put(client)
    send(client)
    answer = office(app, "moderator").post(
        f"{OFFICE}/moderation/1", data={"to": "published", "revision": "0", "masks": masks}
    )
    assert answer.status_code == 422
    assert "重新选择" in answer.get_data(as_text=True)


def test_a_comment_of_control_marks_in_a_clause_is_cleaned(app, site):
    client = office(app, "publisher")
    slug = import_draft(client)
    client.post(
        f"/office/consultations/{slug}/outline/1/rewrite",
        data={"number": "一、", "heading": "总\x00体\u202e要求", "text": "正文"},
    )
    assert "总体要求" in client.page(f"/office/consultations/{slug}/outline").text


def test_a_clause_is_split_and_kept_by_the_fields_of_the_page(app, site):
    client = office(app, "publisher")
    slug = import_draft(client)
    address = f"/office/consultations/{slug}/outline"
    page = client.page(f"{address}?clause=1")
    form = next(form for form in page.all("form") if form.get("id") == "rewrite")
    fields = {field.get("name"): field.get("value", "") for field in form.iter("input")}
    fields["text"] = next(form.iter("textarea")).text.strip()
    fields.pop("csrf_token")
    assert client.post(form.get("action"), data=fields | {"heading": "总的要求"}).status_code == 302
    assert "总的要求" in client.page(address).text
    words = {"seen": "1", "cut": "5"}
    assert client.post(f"{address}/1/split", data=words).status_code == 302
    assert "手工修改2处" in client.page(address).text
