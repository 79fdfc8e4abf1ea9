"""A citizen and an enterprise without scripts: comment, review, send once, keep the receipt."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from portal.models import Comment, Consultation, Submission
from tests import factories
from tests.pages import Page

CLAUSE = "/consultations/hehu/clauses/2-1"
REVIEW = "/consultations/hehu/comment"


def put(client, label="2-1", body="建议每日巡查两次。", **fields):
    answer = client.post(
        f"/consultations/hehu/clauses/{label}",
        data={"stance": "change", "body": body, "quote": "", "proposed_text": "", **fields},
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer


def send(client, **fields):
    return client.post(REVIEW, data={"kind": "citizen", **fields})


def receipt(client, answer) -> tuple[str, str]:
    page = client.page(answer.headers["Location"])
    number = next(e.text for e in page.root.iter() if e.get("id") == "receipt-number")
    secret = next(e.text for e in page.root.iter() if e.get("id") == "receipt-secret")
    return number, secret


def test_three_clauses_as_an_enterprise(client, site, app):
    put(client)
    put(client, "2-2", proposed_text="市级财政每年安排专项资金300万元。（责任部门：市财政局）")
    put(client, "all", body="总体赞成。", stance="support")
    page = client.page(REVIEW)
    assert "提交3条意见" in page.text
    assert "删去：200" in page.text.replace(" ", "") or "300" in page.text
    answer = send(
        client, kind="enterprise", organisation="示例市恒川新材料有限公司", uscc="９１131000ma0000007u", name="周明",
        phone="0999-5550123", has_read_notice="1",
    )  # fmt: skip
    assert answer.status_code == 302
    number, secret = receipt(client, answer)
    page = client.page(answer.headers["Location"])
    assert "建议每日巡查两次。" in page.text
    assert "示例市恒川新材料有限公司（企业）" in page.text.replace(" ", "")
    assert "0999-5550123" not in page.text
    with app.extensions["database"].reader() as session:
        stored = session.scalars(select(Submission)).one()
        assert stored.receipt_number == number
        assert stored.respondent.uscc == "91131000MA0000007U"
        assert len(stored.comments) == 3
    other = app.test_client()
    assert other.get(f"/receipts/{number}").status_code == 302
    answer = other.post("/receipts/", data={"number": number.replace("-", ""), "secret": secret.lower()})
    assert answer.status_code == 302
    assert "建议每日巡查两次。" in other.page(answer.headers["Location"]).text


def test_a_double_click_shows_the_same_receipt(client, site, app):
    put(client)
    first, second = send(client), send(client)
    assert first.headers["Location"] == second.headers["Location"]
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(Submission.id))) == 1


def test_after_sending_a_new_basket_begins(client, site, app):
    put(client)
    send(client)
    put(client, body="又想到一条。")
    send(client)
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(Submission.id))) == 2


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(client, site):
    put(client)
    answer = send(client, kind="enterprise", name="周明", phone="0999-5550123")
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    assert "请填写单位名称" in page.text
    assert any(f.get("name") == "name" and f.get("value") == "周明" for f in page.all("input"))
    assert "建议每日巡查两次。" in page.text
    answer = client.post(CLAUSE, data={"stance": "change", "body": "", "proposed_text": ""})
    assert answer.status_code == 422
    assert "请写下您的意见" in answer.get_data(as_text=True)


def test_the_last_second(client, site, clock, app):
    put(client)
    clock.at = datetime(2026, 4, 1, 16, 0, 0, tzinfo=UTC)
    answer = send(client)
    assert answer.status_code == 409
    assert "已于2026年4月1日24时截止" in answer.get_data(as_text=True)
    assert "建议每日巡查两次。" in answer.get_data(as_text=True)
    answer = client.post(CLAUSE, data={"stance": "oppose", "body": "来不及了，但请看一看。"})
    assert answer.status_code == 409
    assert "来不及了，但请看一看。" in answer.get_data(as_text=True)
    clock.at = datetime(2026, 4, 1, 15, 59, 59, 999_999, tzinfo=UTC)
    assert send(client).status_code == 302


def test_another_device_goes_on_with_the_resume_code(client, site, app):
    put(client)
    page = client.page(REVIEW)
    code = next(e.get("value") for e in page.all("input") if e.get("name") == "code" and e.get("type") == "hidden")
    other = app.test_client()
    assert other.post(f"{REVIEW}/resume", data={"code": code.lower()}).status_code == 302
    assert "建议每日巡查两次。" in other.page(REVIEW).text
    assert app.test_client().post(f"{REVIEW}/resume", data={"code": "AAAA-BBBB-CCCC"}).status_code == 404


def test_one_comment_is_changed_and_one_removed(client, site):
    put(client)
    put(client, "2-2", body="删掉这条")
    links = re.findall(r"/consultations/hehu/comment/items/(\d+)\"", client.page(REVIEW).source)
    first, second = sorted(set(links), key=int)
    assert "修改意见" in client.page(f"{REVIEW}/items/{first}").text
    client.post(
        f"{REVIEW}/items/{first}", data={"stance": "oppose", "body": "改过了", "quote": "", "proposed_text": ""}
    )
    client.post(f"{REVIEW}/items/{second}/remove", data={})
    text = client.page(REVIEW).text
    assert "改过了" in text
    assert "删掉这条" not in text


def test_somebody_elses_basket_is_out_of_reach(client, site, app):
    put(client)
    item = re.search(r"/comment/items/(\d+)\"", client.page(REVIEW).source).group(1)
    stranger = app.test_client()
    assert stranger.get(f"{REVIEW}/items/{item}").status_code == 404
    assert stranger.post(f"{REVIEW}/items/{item}/remove", data={}).status_code == 404
    assert "建议每日巡查两次。" in client.page(REVIEW).text


@pytest.mark.parametrize(
    "words",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', '=HYPERLINK("http://example.com")', "{{ 7*7 }}"],
)
def test_words_stay_words(client, site, words):
    put(client, body=words)
    page = client.page(REVIEW)
    assert words in page.text
    assert not list(page.root.iter("img"))


def test_a_form_without_its_token_is_refused_but_its_words_come_back(client, site):
    answer = client.post(CLAUSE, data={"stance": "change", "body": "我写了很久的意见", "csrf_token": "forged"})
    assert answer.status_code == 400
    assert "我写了很久的意见" in answer.get_data(as_text=True)


def test_a_huge_form_is_refused_in_one_sentence(client, site):
    answer = client.post(CLAUSE, data={"stance": "change", "body": "长" * 8_000_000})
    assert answer.status_code == 413
    assert "太大" in answer.get_data(as_text=True)


def test_nothing_unapproved_is_in_any_public_byte(client, site, app):
    put(client, body="这句话还没有审核")
    send(client)
    stranger = app.test_client()
    for address in ("/", "/consultations/", "/consultations/hehu/", CLAUSE, "/consultations/hehu/notice", REVIEW):
        assert "这句话还没有审核" not in stranger.get(address).get_data(as_text=True)


def test_a_wrong_number_or_secret_tells_nothing(client, site, app):
    put(client)
    number, _ = receipt(client, send(client))
    stranger = app.test_client()
    for data in ({"number": number, "secret": "AAAA-AAAA-AAAA"}, {"number": number, "secret": ""}):
        answer = stranger.post("/receipts/", data=data)
        assert answer.status_code == 422
        assert "受理编号或查询码不对" in answer.get_data(as_text=True)
    assert "受理编号有误" in stranger.post("/receipts/", data={"number": "26-01-1", "secret": "x"}).get_data(
        as_text=True
    )


def test_a_resent_form_after_the_cookie_is_gone_still_finds_the_receipt(client, site, app):
    put(client)
    page = client.page(REVIEW)
    code = next(e.get("value") for e in page.all("input") if e.get("name") == "code" and e.get("type") == "hidden")
    first = send(client)
    again = app.test_client().post(REVIEW, data={"kind": "citizen", "code": code})
    assert again.headers["Location"] == first.headers["Location"]
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(Comment.id))) == 1


def test_why_a_credit_code_is_refused_is_said_in_the_language_of_the_page(client, site):
    put(client, body="巡查太少。")
    typed = {
        "kind": "enterprise", "organisation": "示例企业", "name": "周明", "phone": "0999-5550123",
        "uscc": "9111I000MA00000000", "has_read_notice": "1",
    }  # fmt: skip
    for language, words in (
        ("zh", "统一社会信用代码有误：统一社会信用代码不使用“I”，是否应为“1”？"),
        ("en", "a unified social credit code never contains &#34;I&#34;; is it &#34;1&#34;?"),
    ):
        client.set_cookie("lang", language)
        answer = send(client, **typed)
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)


def test_a_page_that_stayed_open_does_not_touch_another_comment(client, site):
    """SQLite gives the highest key again when its row is gone, unless it is told not to."""
    put(client, body="先写的一条")
    before = re.search(r"/comment/items/(\d+)\"", client.page(REVIEW).source).group(1)
    client.post(f"{REVIEW}/items/{before}/remove", data={})
    put(client, "2-2", body="后写的一条")
    stale = client.post(
        f"{REVIEW}/items/{before}", data={"stance": "oppose", "body": "先写的一条，改过", "revision": "1"}
    )
    assert stale.status_code == 404
    assert client.post(f"{REVIEW}/items/{before}/remove", data={}).status_code == 404
    text = client.page(REVIEW).text
    assert "后写的一条" in text
    assert "改过" not in text


def test_what_was_changed_elsewhere_is_not_removed_unseen(client, site):
    put(client, body="先写的一条")
    item = re.search(r"/comment/items/(\d+)\"", client.page(REVIEW).source).group(1)
    client.post(f"{REVIEW}/items/{item}", data={"stance": "oppose", "body": "在别处改过的一条", "revision": "1"})
    answer = client.post(f"{REVIEW}/items/{item}/remove", data={"revision": "1"})
    assert answer.status_code == 409
    assert "刚在别处改过，没有删除" in answer.get_data(as_text=True)
    assert "在别处改过的一条" in client.page(REVIEW).text
    assert client.post(f"{REVIEW}/items/{item}/remove", data={"revision": "2"}).status_code == 302
    assert "在别处改过的一条" not in client.page(REVIEW).text


def test_the_words_to_keep_are_framed_in_the_language_of_the_page(client, site):
    put(client, body="每日巡查两次。")
    client.set_cookie("lang", "en")
    kept = client.post(f"{REVIEW}/words", data={}).get_data(as_text=True)
    assert "Comments on 示例市河湖保洁工作方案 (draft for comment)" in kept
    assert "每日巡查两次。" in kept
    assert "的意见" not in kept


def test_a_withdrawn_consultation_has_no_days_left(client, site, app):
    assert "还剩" in client.page(REVIEW).text
    with app.extensions["database"].transaction() as session:
        found = session.scalars(select(Consultation)).one()
        found.withdrawn_at, found.withdrawal_reason = factories.NOON, "另行起草。"
    page = client.page(REVIEW).text
    assert "还剩" not in page
    assert "撤回" in page
