"""The receipt and the tracking page: paper, digest, corrections, withdrawals, appeals, and the public ledger."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import select

from portal.models import Comment, Consultation
from portal.services import ledgers
from tests import factories
from tests.pages import Page
from tests.web.test_commenting import put, receipt, send
from tests.web.test_reviewing import UNIT

LEDGER = "/consultations/hehu/ledger"
DESK = "/office/consultations/hehu/moderation"


@pytest.fixture
def sent(client, site):
    """Number and secret of a submission with two comments."""
    put(client, body="每日巡查两次。")
    put(client, "2-2", body="经费太少。")
    return receipt(client, send(client))


def decide(app, number, to, revision=0, **more):
    moderator = app.test_client().sign_in("moderator")
    answer = moderator.post(f"{DESK}/{number}", data={"to": to, "revision": str(revision), **more})
    assert answer.status_code == 302


def test_the_digest_can_be_checked_by_anybody_with_sha256sum(client, app, sent):
    number, _ = sent
    file = client.get(f"/receipts/{number}/receipt.json")
    page = client.page(f"/receipts/{number}")
    shown = next(e for e in page.root.iter() if (e.get("class") or "").startswith("digest"))
    assert hashlib.sha256(file.data).hexdigest() == "".join("".join(shown.itertext()).split())


def test_the_paper_says_everything(client, app, site):
    put(client, body="每日巡查两次。", proposed_text="（一）建立巡查制度。城区河道每日巡查两次。")
    item = re.search(r"/comment/items/(\d+)\"", client.page("/consultations/hehu/comment").source).group(1)
    number, secret = receipt(client, send(client, **UNIT, **{f"confidential-{item}": "成本八百元"}))
    file = client.get(f"/receipts/{number}/receipt.pdf")
    assert file.mimetype == "application/pdf"
    assert client.get(f"/receipts/{number}/receipt.pdf").data == file.data
    document = pypdfium2.PdfDocument(file.data)
    words = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    plain = "".join(words.split())
    for part in (number, secret, "收文", "每日巡查两次。", "示例市恒川新材料有限公司", "成本八百元", "建议改为"):
        assert "".join(part.split()) in plain, part


@pytest.mark.parametrize("path", ["", "/receipt.pdf", "/receipt.json", "/comments/1/correct"])
def test_without_the_secret_nothing_opens(client, app, sent, path):
    stranger = app.test_client()
    answer = stranger.get(f"/receipts/{sent[0]}{path}")
    assert answer.status_code in (302, 404)
    assert "每日巡查两次" not in answer.get_data(as_text=True)
    for act in ("comments/1/withdraw", "withdraw", "comments/1/appeal", "comments/1/correct"):
        assert stranger.post(f"/receipts/{sent[0]}/{act}", data={}).status_code == 404


def test_a_link_with_the_secret_opens_it_and_leaves_no_trace_in_the_address(client, app, sent):
    number, secret = sent
    other = app.test_client()
    answer = other.get(f"/receipts/{number}?key={secret}")
    assert answer.headers["Location"] == f"/receipts/{number}"
    assert "每日巡查两次。" in other.page(f"/receipts/{number}").text
    assert app.test_client().get(f"/receipts/{number}?key=WRONG").headers["Location"] == f"/receipts/{number}"


def test_a_comment_is_corrected_and_reviewed_anew(client, app, sent):
    number, _ = sent
    decide(app, 1, "published")
    page = client.page(f"/receipts/{number}/comments/1/correct")
    revision = next(e.get("value") for e in page.all("input") if e.get("name") == "revision")
    answer = client.post(
        f"/receipts/{number}/comments/1/correct",
        data={"stance": "change", "body": "每日巡查三次。", "revision": revision},
    )
    assert answer.status_code == 302
    page = client.page(f"/receipts/{number}")
    assert "每日巡查三次。" in page.text
    assert "每日巡查两次。" in page.text  # what was said first stays to be seen by its author
    public = app.test_client().page("/consultations/hehu/clauses/2-1").text
    assert "每日巡查" not in public.split("已公开的意见")[1]
    decide(app, 3, "published")
    assert "每日巡查三次。" in app.test_client().page("/consultations/hehu/clauses/2-1").text


def test_a_correction_over_a_decision_is_refused_with_its_words(client, app, sent):
    number, _ = sent
    decide(app, 1, "published")
    answer = client.post(
        f"/receipts/{number}/comments/1/correct", data={"stance": "change", "body": "没看到已公开", "revision": "0"}
    )
    assert answer.status_code == 409
    page = Page(answer.get_data(as_text=True))
    assert "刚刚审核过" in page.text
    assert any("没看到已公开" in (area.text or "") for area in page.all("textarea"))


def test_one_and_then_all_are_withdrawn(client, app, sent):
    number, _ = sent
    client.post(f"/receipts/{number}/comments/2/withdraw", data={"revision": "0"})
    assert "撤回" in client.page(f"/receipts/{number}").text
    assert client.post(f"/receipts/{number}/withdraw", data={}).status_code == 302
    with app.extensions["database"].reader() as session:
        assert {c.state.value for c in session.scalars(select(Comment))} == {"withdrawn"}
    assert client.post(f"/receipts/{number}/withdraw", data={}).status_code == 409


def test_after_the_deadline_there_is_no_way_to_change(client, app, sent, clock):
    number, _ = sent
    clock.at = factories.NOON + timedelta(days=40)
    # the cookie of the receipt is over by now, so number and secret are typed again
    client.post("/receipts/", data={"number": number, "secret": sent[1]})
    page = client.page(f"/receipts/{number}")
    assert not [e for e in page.all("a") if "correct" in (e.get("href") or "")]
    assert "此后不能再更正、撤回" in page.text
    assert client.post(f"/receipts/{number}/withdraw", data={}).status_code == 409
    assert "截止，不能再更正或者撤回" in refused(client, f"/receipts/{number}/comments/1/correct")


def refused(client, address, status=409) -> str:
    """The words of a page that says why something cannot be done, and leads back to the receipt."""
    answer = client.get(address)
    assert answer.status_code == status
    page = Page(answer.get_data(as_text=True))
    receipt_page = address.split("/comments/")[0]
    assert f"{receipt_page}#opinions" in [e.get("href") for e in page.all("a")]
    assert "提交更正" not in page.text
    return page.text


def steps(page) -> str:
    (track,) = [e for e in page.all("ol") if e.get("class") == "track"]
    return " ".join("".join(track.itertext()).split())


def test_what_was_withdrawn_or_corrected_cannot_be_corrected_again(client, sent):
    number, _ = sent
    client.post(f"/receipts/{number}/comments/2/withdraw", data={"revision": "0"})
    words = refused(client, f"/receipts/{number}/comments/2/correct")
    posted = client.post(
        f"/receipts/{number}/comments/2/correct", data={"stance": "change", "body": "又想起一条", "revision": "1"}
    )
    assert posted.status_code == 409
    said = "已经更正或撤回过"
    assert said in words
    assert said in posted.get_data(as_text=True)
    assert "又想起一条" in posted.get_data(as_text=True)
    client.post(
        f"/receipts/{number}/comments/1/correct", data={"stance": "change", "body": "巡查三次。", "revision": "0"}
    )
    assert said in refused(client, f"/receipts/{number}/comments/1/correct", 404)


def test_of_a_submission_withdrawn_completely_nothing_more_is_promised(client, app, sent):
    number, _ = sent
    client.post(f"/receipts/{number}/comments/2/withdraw", data={"revision": "0"})
    assert "待办" in steps(client.page(f"/receipts/{number}"))
    client.post(f"/receipts/{number}/withdraw", data={})
    assert steps(client.page(f"/receipts/{number}")) == "收到 3月12日 12:00 撤回 2026年3月12日"


def test_the_receipt_of_a_withdrawn_consultation_says_so(client, app, sent, clock):
    number, _ = sent
    decide(app, 1, "published")
    clock.at += timedelta(hours=1)
    with app.extensions["database"].transaction() as session:
        found = session.scalars(select(Consultation)).one()
        found.withdrawn_at, found.withdrawal_reason = clock.at, "上位法修订，本方案另行起草。"
    page = client.page(f"/receipts/{number}")
    assert "这次征求意见已于2026年3月12日 13:00撤回" in page.text
    assert "上位法修订，本方案另行起草。" in page.text
    assert "不能再更正或者撤回" in page.text
    assert "待办" not in steps(page)
    assert steps(page).endswith("征求意见撤回 2026年3月12日")
    assert "撤回，意见照常保存，不能再更正或者撤回" in refused(client, f"/receipts/{number}/comments/1/correct")
    # what is looked at afterwards is said too
    clock.at += timedelta(days=1)
    decide(app, 2, "published")
    client.post("/receipts/", data={"number": number, "secret": sent[1]})
    shown = steps(client.page(f"/receipts/{number}"))
    assert shown.index("征求意见撤回") < shown.index("审核 2026年3月13日")


def test_a_withholding_says_why_and_an_appeal_reaches_the_desk(client, app, sent):
    number, _ = sent
    decide(app, 1, "withheld", reason_code="P4", note="说的是另一份文件。")
    page = client.page(f"/receipts/{number}")
    for words in ("不予公开", "与草案无关", "说的是另一份文件。", "提出申诉"):
        assert words in page.text
    empty = client.post(f"/receipts/{number}/comments/1/appeal", data={"appeal": " "})
    assert empty.status_code == 422
    assert client.post(f"/receipts/{number}/comments/1/appeal", data={"appeal": "说的就是这一份。"}).status_code == 302
    assert "说的就是这一份。" in client.page(f"/receipts/{number}").text
    assert client.post(f"/receipts/{number}/comments/1/appeal", data={"appeal": "再来"}).status_code == 409
    desk = app.test_client().sign_in("moderator").page(f"{DESK}/1?state=withheld")
    assert "提出人的申诉" in desk.text
    assert "说的就是这一份。" in desk.text
    assert "有申诉" in desk.text


def test_the_ledger_shows_that_and_not_what(client, app, site, sent):
    number, _ = sent
    digest = hashlib.sha256(client.get(f"/receipts/{number}/receipt.json").data).hexdigest()
    stranger = app.test_client()
    assert "各日公示里没有这个摘要" in stranger.post(LEDGER, data={"digest": digest}).get_data(as_text=True)
    with app.extensions["database"].writer() as session:
        ledgers.publish_due(session, factories.NOON + timedelta(days=1))
        session.commit()
        found = session.scalars(select(Consultation)).one()
        on = ledgers.find(session, found.id, digest).day.on
    page = stranger.page(LEDGER)
    assert digest not in page.source
    assert number not in page.source
    file = stranger.get(f"{LEDGER}/{on.isoformat()}.txt")
    assert file.mimetype == "text/plain"
    assert digest in file.get_data(as_text=True)
    assert hashlib.sha256(file.data).hexdigest() in page.source
    assert "第1个" in Page(stranger.post(LEDGER, data={"digest": digest}).get_data(as_text=True)).text
    for wrong in ("2020-01-01", "rubbish", "2026-13-45"):
        assert stranger.get(f"{LEDGER}/{wrong}.txt").status_code == 404


def test_the_receipt_by_mail_says_everything_but_the_trade_secret(client, app, site, seal):
    from portal.models import OutgoingEmail
    from portal.services.outbox import BODY

    put(client)
    item = re.search(r"/comment/items/(\d+)\"", client.page("/consultations/hehu/comment").source).group(1)
    unit = {**UNIT, "email": "zhou@example.com"}
    number, secret = receipt(client, send(client, **unit, **{f"confidential-{item}": "成本八百元"}))
    with app.extensions["database"].reader() as session:
        letter = session.scalars(select(OutgoingEmail)).one()
        assert letter.submission_id is not None
        body = seal.open(letter.body_sealed, BODY)
    for part in (number, secret, "建议每日巡查两次。", f"/receipts/{number}?key={secret}"):
        assert part in body
    assert "八百元" not in body


def test_a_file_that_was_handed_in_is_named_wherever_its_comment_is(client, app, site, seal):
    from portal.models import OutgoingEmail
    from portal.services.outbox import BODY

    put(client, body="每日巡查两次。", evidence=(io.BytesIO("一千次检测".encode() * 300), "依据.txt"))
    review = client.page("/consultations/hehu/comment")
    assert "依据.txt（4 KB）" in review.text
    change = re.search(r'"(/consultations/hehu/comment/items/\d+)"', review.source).group(1)
    assert "依据.txt（4 KB）" in client.page(change).text
    words = client.post("/consultations/hehu/comment/words", data={}).get_data(as_text=True)
    assert "依据材料：依据.txt（4 KB）" in words
    number, _ = receipt(client, send(client, email="zhou@example.com", has_read_notice="1"))
    assert "依据.txt（4 KB）" in client.page(f"/receipts/{number}").text
    correcting = client.page(f"/receipts/{number}/comments/1/correct")
    assert "依据.txt（4 KB）" in correcting.text
    assert "随更正一并保留" in correcting.text
    document = pypdfium2.PdfDocument(client.get(f"/receipts/{number}/receipt.pdf").data)
    paper = "".join("".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    assert "依据材料" in paper
    assert "依据.txt（4KB）" in paper
    with app.extensions["database"].reader() as session:
        body = seal.open(session.scalars(select(OutgoingEmail)).one().body_sealed, BODY)
    assert "依据材料：依据.txt（4 KB）" in body
    data = {"stance": "change", "body": "每日巡查三次。", "revision": "0"}
    assert client.post(f"/receipts/{number}/comments/1/correct", data=data).status_code == 302
    assert "依据.txt（4 KB）" in client.page(f"/receipts/{number}").text


def test_a_file_is_taken_away_where_its_comment_is_changed(client, app, site):
    put(client, body="每日巡查两次。", evidence=(io.BytesIO(b"%PDF-1.7"), "a.pdf"))
    review = client.page("/consultations/hehu/comment")
    seen = next(e.get("value") for e in review.all("input") if e.get("name") == "seen")
    change = re.search(r'"(/consultations/hehu/comment/items/\d+)"', review.source).group(1)
    revision = next(e.get("value") for e in client.page(change).all("input") if e.get("name") == "revision")
    data = {"stance": "change", "body": "每日巡查三次。", "revision": revision, "act": "detach"}
    answer = client.post(change, data=data)
    assert answer.status_code == 302
    page = client.page(answer.headers["Location"])
    assert "a.pdf" not in page.text
    assert "每日巡查三次。" in page.text
    assert "a.pdf" not in client.page("/consultations/hehu/comment").text
    # a page that still shows the file does not send
    assert "改动过" in client.post("/consultations/hehu/comment", data={"kind": "citizen", "seen": seen}).get_data(
        as_text=True
    )


def test_a_new_receipt_shows_its_code_before_anything_else(client, site):
    """On a telephone the aside stands under all the opinions; whoever closes the page must have seen the code."""
    put(client, body="每日巡查两次。")
    location = send(client).headers["Location"]
    page = client.page(location)
    code = next(e.text for e in page.root.iter() if e.get("id") == "receipt-secret")
    assert page.source.count(code) >= 1
    assert page.source.index('id="receipt-secret"') < page.source.index('class="track"')
    assert page.source.count('id="receipt-secret"') == 1
