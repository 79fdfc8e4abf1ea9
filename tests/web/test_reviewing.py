"""The review page: identity, trade secrets, e-mail codes, lateness, limits; nothing typed is ever lost."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select

from portal.models import AuditEvent, Comment, Consultation, OutgoingEmail, Submission
from portal.rules import challenge
from portal.services.outbox import BODY
from tests import factories
from tests.pages import Page
from tests.web.test_commenting import CLAUSE, REVIEW, put, send

UNIT = {"kind": "enterprise", "organisation": "示例市恒川新材料有限公司", "name": "周明", "phone": "0999-5550123",
        "has_read_notice": "1"}  # fmt: skip


def stored(app) -> Submission:
    with app.extensions["database"].reader() as session:
        found = session.scalars(select(Submission)).one()
        return found, found.respondent, list(found.comments), found.letter


def count(app) -> int:
    with app.extensions["database"].reader() as session:
        return session.scalar(select(func.count(Submission.id)))


def change(app, **values) -> None:
    with app.extensions["database"].writer() as session:
        found = session.scalars(select(Consultation)).one()
        for name, value in values.items():
            setattr(found, name, value)
        session.commit()


def item_of(client) -> str:
    return re.search(r"/comment/items/(\d+)\"", client.page(REVIEW).source).group(1)


def test_everything_stands_in_the_order_of_the_draft(client, site):
    put(client, "3-1", body="第三部分的意见")
    put(client, "2-1", body="第二部分的意见")
    page = client.page(REVIEW)
    assert page.text.index("第二部分的意见") < page.text.index("第三部分的意见")
    assert "没有写修改文字" in page.text


def test_the_page_that_is_sent_is_the_page_that_was_seen(client, site, app):
    put(client)
    seen = next(e.get("value") for e in client.page(REVIEW).all("input") if e.get("name") == "seen")
    put(client, body="在另一个标签页写的")
    answer = send(client, seen=seen, name="李四", has_read_notice="1")
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    assert "在别的页面上改动过" in page.text
    assert "在另一个标签页写的" in page.text
    fresh = next(e.get("value") for e in page.all("input") if e.get("name") == "seen")
    assert send(client, seen=fresh).status_code == 302


def test_a_trade_secret_reaches_staff_and_nobody_else(client, site, app):
    put(client)
    item = item_of(client)
    answer = send(client, **UNIT, **{f"confidential-{item}": "每吨成本八百元"})
    assert answer.status_code == 302
    receipt = client.page(answer.headers["Location"])
    assert "每吨成本八百元" in receipt.text
    with app.extensions["database"].reader() as session:
        comment = session.scalars(select(Comment)).one()
        assert "八百元" not in comment.confidential_sealed
    moderator = app.test_client().sign_in("moderator")
    desk = moderator.page("/office/consultations/hehu/moderation/1")
    assert "看商业秘密说明" in desk.text
    assert "八百元" not in desk.source
    moderator.post("/office/consultations/hehu/moderation/1", data={"to": "published", "revision": "0"})
    stranger = app.test_client()
    for address in ("/", "/consultations/hehu/", CLAUSE, "/consultations/hehu/ledger"):
        assert "八百元" not in stranger.get(address).get_data(as_text=True)
    shown = moderator.post("/office/consultations/hehu/moderation/1/confidential", data={})
    assert "每吨成本八百元" in shown.get_data(as_text=True)
    with app.extensions["database"].reader() as session:
        assert "confidential.see" in session.scalars(select(AuditEvent.act)).all()
    drafter = app.test_client().sign_in("drafter")
    for extension in ("docx", "xlsx", "json", "csv", "html", "pdf"):
        file = drafter.get(f"/office/consultations/hehu/summary/download.{extension}")
        assert "八百元".encode() not in file.data
    publisher = app.test_client().sign_in("publisher")
    assert publisher.post("/office/consultations/hehu/moderation/1/confidential", data={}).status_code == 403


def test_a_refused_form_gives_back_the_trade_secret_too(client, site):
    put(client)
    item = item_of(client)
    answer = send(client, kind="enterprise", **{f"confidential-{item}": "还没交的秘密"})
    assert answer.status_code == 422
    assert "还没交的秘密" in answer.get_data(as_text=True)


def test_the_sealed_letter_is_kept_sealed_and_handed_out_with_a_note_in_the_log(client, site, app):
    put(client)
    scan = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(scan, "PNG")
    scan.seek(0)
    answer = client.post(REVIEW, data={**UNIT, "letter": (scan, "盖章意见.png")}, content_type="multipart/form-data")
    assert answer.status_code == 302
    _, _, _, letter = stored(app)
    assert letter.name == "盖章意见.png"
    assert "盖章意见.png" in client.page(answer.headers["Location"]).text
    moderator = app.test_client().sign_in("moderator")
    assert "下载盖章的书面意见" in moderator.page("/office/consultations/hehu/moderation/1").text
    file = moderator.post("/office/consultations/hehu/moderation/1/letter", data={})
    assert file.data.startswith(b"\x89PNG")
    with app.extensions["database"].reader() as session:
        assert "letter.see" in session.scalars(select(AuditEvent.act)).all()


def test_a_letter_that_is_no_letter_is_refused_and_the_rest_comes_back(client, site, app):
    put(client)
    answer = client.post(
        REVIEW,
        data={**UNIT, "letter": (io.BytesIO(b"MZ\x90\x00\x03"), "letter.exe")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    assert "不接收这种文件" in page.text
    assert any(e.get("value") == "示例市恒川新材料有限公司" for e in page.all("input"))
    assert count(app) == 0


def test_a_minor_with_a_guardian(client, site, app):
    put(client)
    fields = {"is_minor": "1", "name": "小明", "is_name_public": "1", "has_read_notice": "1"}
    assert send(client, **fields).status_code == 422
    guardian = {"guardian_name": "王大明", "guardian_contact": "13800000000", "has_guardian_consent": "1"}
    assert send(client, **fields, **guardian).status_code == 302
    _, respondent, _, _ = stored(app)
    assert respondent.is_minor
    assert respondent.shown_as == "公众"
    moderator = app.test_client().sign_in("moderator")
    assert "未满14周岁" in moderator.page("/office/consultations/hehu/moderation/1").text


def test_contact_is_asked_for_where_the_consultation_needs_it(client, site, app):
    change(app, identity_needed="contact")
    put(client)
    answer = send(client)
    assert answer.status_code == 422
    assert "请填写电话或电子邮箱" in answer.get_data(as_text=True)
    assert send(client, phone="13800000000", has_read_notice="1").status_code == 302


def mailed(app, seal) -> str:
    with app.extensions["database"].reader() as session:
        letter = session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()
        return re.search(r"\d{6}", seal.open(letter.body_sealed, BODY)).group()


def test_an_address_is_verified_by_a_code_also_on_another_device(client, site, app, seal):
    change(app, identity_needed="verified")
    put(client)
    code = next(e.get("value") for e in client.page(REVIEW).all("input") if e.get("name") == "code")
    fields = {"name": "李四", "email": "lisi@example.com", "has_read_notice": "1"}
    assert "请先验证电子邮箱" in send(client, **fields).get_data(as_text=True)
    sent = client.post(REVIEW, data={"kind": "citizen", **fields, "act": "send_code"})
    assert sent.status_code == 200
    page = Page(sent.get_data(as_text=True))
    assert "验证码已发往lisi@example.com" in page.text
    assert any(e.get("value") == "李四" for e in page.all("input"))
    wrong = send(client, **fields, email_code="000000" if mailed(app, seal) != "000000" else "111111")
    assert "验证码不对" in wrong.get_data(as_text=True)
    other = app.test_client()
    other.post(f"{REVIEW}/resume", data={"code": code})
    answer = send(other, **fields, code=code, email_code=mailed(app, seal))
    assert answer.status_code == 302
    assert stored(app)[1].verified_at == factories.NOON


def test_a_code_that_was_right_is_not_asked_for_again(client, site, app, seal, clock):
    change(app, identity_needed="verified")
    put(client)
    fields = {"name": "李四", "email": "lisi@example.com"}
    never = send(client, **fields, has_read_notice="1", email_code="123456")
    assert "还没有向这个邮箱发送过验证码" in never.get_data(as_text=True)
    sent = Page(
        client.post(REVIEW, data={"kind": "citizen", **fields, "email_code": "123456", "act": "send_code"}).get_data(
            as_text=True
        )
    )
    assert not next(e for e in sent.all("input") if e.get("name") == "email_code").get("value")
    code = mailed(app, seal)
    for _ in range(6):
        answer = send(client, **fields, email_code="".join(chr(ord(digit) + 0xFEE0) for digit in code))
        assert answer.status_code == 422
        page = Page(answer.get_data(as_text=True))
        assert "请先阅读并勾选个人信息处理规则" in page.text
        assert "验证码填错" not in page.text
        assert "这个邮箱已经验证，2026年3月12日 13:00以前提交不用再填" in page.text
        assert not next(e for e in page.all("input") if e.get("name") == "email_code").get("value")
    clock.at = factories.NOON + timedelta(minutes=11)
    # another page still has the code in its box
    assert send(client, **fields, has_read_notice="1", email_code=code).status_code == 302
    assert stored(app)[1].verified_at == factories.NOON


def test_after_the_deadline_the_page_hands_everything_back(client, site, app, clock):
    put(client, body="写了很久的意见", proposed_text="巡查改为每日两次。")
    item = item_of(client)
    clock.at = factories.NOON + timedelta(days=40)
    answer = send(client, **UNIT, **{f"confidential-{item}": "不公开的一段"})
    assert answer.status_code == 409
    page = Page(answer.get_data(as_text=True))
    assert "没有收下" in page.text
    for words in ("写了很久的意见", "不公开的一段"):
        assert words in "".join(page.root.itertext())
    assert any(e.get("value") == "示例市恒川新材料有限公司" for e in page.all("input"))
    file = client.post(f"{REVIEW}/words", data={f"confidential-{item}": "不公开的一段"})
    assert file.mimetype == "text/plain"
    for words in ("写了很久的意见", "巡查改为每日两次。", "不公开的一段"):
        assert words in file.get_data(as_text=True)
    assert count(app) == 0


@pytest.mark.parametrize(
    ("minutes", "late", "is_taken"), [(0, 0, False), (10, 0, True), (10, 599, True), (10, 600, False)]
)
def test_what_was_written_in_time_may_arrive_within_the_grace(client, site, app, clock, minutes, late, is_taken):
    change(app, grace_minutes=minutes)
    with app.extensions["database"].reader() as session:
        closes_at = session.scalars(select(Consultation)).one().window.closes_at
    clock.at = closes_at - timedelta(minutes=1)
    put(client)
    if minutes:
        assert f"截止后{minutes}分钟内到达的，仍然收下" in client.page(REVIEW).text
    clock.at = closes_at + timedelta(seconds=late)
    page = client.page(REVIEW)
    assert ("还可以提交" in page.text) is is_taken
    assert ("将提交1条意见" in page.text) is is_taken
    assert f'href="{REVIEW}/items' not in page.source
    answer = send(client)
    assert answer.status_code == (302 if is_taken else 409)
    if is_taken:
        assert "在宽限时间内" in client.page(answer.headers["Location"]).text


def test_the_grace_is_not_for_what_is_written_after_the_deadline(client, site, app, clock):
    change(app, grace_minutes=10)
    with app.extensions["database"].reader() as session:
        closes_at = session.scalars(select(Consultation)).one().window.closes_at
    clock.at = closes_at - timedelta(minutes=1)
    put(client)
    item = item_of(client)
    clock.at = closes_at + timedelta(minutes=1)
    assert client.post(CLAUSE, data={"stance": "change", "body": "晚写的"}).status_code == 409
    late = f"{REVIEW}/items/{item}"
    assert client.get(late).headers["Location"] == REVIEW
    answer = client.post(late, data={"stance": "change", "body": "晚改的"})
    assert answer.status_code == 409
    assert "已于2026年4月1日24时截止" in answer.get_data(as_text=True)
    assert "晚改的" in answer.get_data(as_text=True)
    # what was written in time is still what it was
    assert send(client).status_code == 302
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Comment.body)).one() == "建议每日巡查两次。"


def test_one_session_is_limited_and_a_school_is_not(client, site, app):
    for _ in range(20):
        put(client)
        assert send(client).status_code == 302
    put(client, body="第二十一件")
    answer = send(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 60
    page = Page(answer.get_data(as_text=True))
    assert "分钟后再试" in page.text
    assert "第二十一件" in page.text
    for _ in range(30):  # thirty more people behind the same address
        pupil = app.test_client()
        put(pupil)
        assert send(pupil).status_code == 302


def asked(answer) -> tuple[str, int, int]:
    page = Page(answer.get_data(as_text=True))
    numerals = "零一二三四五六七八九"
    first, second = re.search(rf"小问题：([{numerals}])加([{numerals}])等于几", page.text).groups()
    token = next(e.get("value") for e in page.all("input") if e.get("name") == "challenge")
    return token, numerals.index(first), numerals.index(second)


@pytest.fixture
def crowded(app):
    """A consultation that gets one submission a minute before anybody is asked anything."""
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], usual_rate=1)
    first = app.test_client()
    put(first)
    assert send(first).status_code == 302


def test_in_a_crowd_a_sum_is_asked_and_its_answer_lets_one_in(client, site, app, crowded):
    put(client, body="在人群里提的意见")
    answer = send(client, name="李四", has_read_notice="1")
    assert answer.status_code == 422
    assert "在人群里提的意见" in answer.get_data(as_text=True)
    token, first, second = asked(answer)
    wrong = send(client, challenge=token, answer=str(first + second + 1))
    assert "答案不对" in wrong.get_data(as_text=True)
    assert send(client, challenge=token, answer=f" {first + second} ").status_code == 302


def test_in_a_crowd_a_machine_may_work_instead(client, site, app, crowded, monkeypatch):
    monkeypatch.setattr(challenge, "BITS", 8)
    monkeypatch.setattr(challenge.is_work, "__defaults__", (8,))
    put(client)
    token, *_ = asked(send(client))
    work = next(str(n) for n in range(100_000) if challenge.is_work(token, str(n)))
    other = app.test_client()
    put(other)
    assert send(other, challenge=token, work=work).status_code == 422  # somebody else's work
    assert send(client, challenge=token, work=work).status_code == 302


def test_a_forged_challenge_counts_for_nothing(client, site, app, crowded):
    put(client)
    assert send(client, challenge="forged", answer="5", work="1").status_code == 422


def test_a_double_click_in_a_crowd_still_shows_the_receipt(client, site, app, crowded):
    put(client)
    token, first, second = asked(send(client))
    done = send(client, challenge=token, answer=str(first + second))
    again = send(client)
    assert again.headers["Location"] == done.headers["Location"]


def test_a_filled_trap_asks_a_question_and_refuses_nobody(client, site, app):
    put(client)
    answer = send(client, homepage="http://example.com")
    assert answer.status_code == 422
    token, first, second = asked(answer)
    assert send(client, homepage="http://example.com", challenge=token, answer=str(first + second)).status_code == 302


def test_a_form_too_large_to_read_leaves_the_basket(client, site, app):
    put(client, body="放好的意见")
    answer = client.post(REVIEW, data={"kind": "citizen", "organisation": "长" * 8_000_000})
    assert answer.status_code == 413
    text = answer.get_data(as_text=True)
    assert "20 MB" in text
    assert REVIEW in text
    assert "放好的意见" in client.page(REVIEW).text


def test_guessing_at_receipts_is_slowed_down(client, site, app):
    put(client)
    number = re.search(r"/receipts/([\d-]+)", send(client).headers["Location"]).group(1)
    guesser = app.test_client()
    answers = [
        guesser.post("/receipts/", data={"number": number, "secret": "AAAA-AAAA-AAAA"}).status_code for _ in range(25)
    ]
    assert answers[:20] == [422] * 20
    assert answers[-1] == 429
