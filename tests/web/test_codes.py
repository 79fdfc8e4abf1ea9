"""Codes as people type them, and what the page says when one is wrong or was sent already."""

from __future__ import annotations

import re

import pytest

from tests.pages import Page
from tests.web.test_commenting import REVIEW, put, receipt, send

WIDE = {ord(narrow): ord(narrow) + 0xFEE0 for narrow in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"}


def resume_code(client) -> str:
    page = client.page(REVIEW)
    return next(e.get("value") for e in page.all("input") if e.get("name") == "code" and e.get("type") == "hidden")


def as_typed(code: str) -> list[str]:
    return [
        code.translate(WIDE),
        code.translate(WIDE).lower(),
        code.replace("-", "–"),
        code.replace("-", "－"),
        code.replace("-", "—"),
        code.replace("-", "——"),
        code.replace("-", "\u3000"),
        code.replace("-", ""),
    ]


def test_a_resume_code_is_read_however_it_was_typed(client, site, app):
    put(client)
    code = resume_code(client)
    for typed in as_typed(code):
        other = app.test_client()
        assert other.post(f"{REVIEW}/resume", data={"code": typed}).status_code == 302, typed
        page = other.page(REVIEW)
        assert "建议每日巡查两次。" in page.text
        # and it is shown as it was printed
        assert code in page.text
        assert app.test_client().get(f"{REVIEW}/resume/{typed}").status_code == 200, typed


def test_number_and_tracking_code_are_read_however_they_were_typed(client, site, app):
    put(client)
    number, secret = receipt(client, send(client))
    for typed_number, typed in zip(as_typed(number), as_typed(secret), strict=True):
        other = app.test_client()
        assert other.post("/receipts/", data={"number": typed_number, "secret": typed}).status_code == 302, typed
        assert secret in other.page(f"/receipts/{number}").text
        link = app.test_client()
        assert link.get(f"/receipts/{number}?key={typed}").status_code == 302
        assert secret in link.page(f"/receipts/{number}").text


@pytest.mark.parametrize("has_own", [False, True])
def test_after_a_wrong_resume_code_one_tries_again(client, site, has_own):
    if has_own:
        put(client, body="我自己的一条")
    for answer in (
        client.post(f"{REVIEW}/resume", data={"code": "FZL5-BSLO-IWB"}),
        client.get(f"{REVIEW}/resume/FZL5-BSLO-IWB"),
    ):
        assert answer.status_code == 404
        page = Page(answer.get_data(as_text=True))
        assert "没有找到这个续写码的意见" in page.text
        assert "12位" in page.text
        field = next(e for e in page.all("input") if e.get("id") == "resume")
        assert field.get("value") == "FZL5-BSLO-IWB"
        assert field.get("aria-invalid") == "true"
        assert "#resume" in [e.get("href") for e in page.all("a")]
        assert ("我自己的一条" in page.text) is has_own


def test_no_code_at_all_opens_nothing(client, site):
    for typed in ("", "——", "　"):
        assert client.post(f"{REVIEW}/resume", data={"code": typed}).status_code == 404


def test_back_after_sending_the_page_says_that_it_was_sent(client, site, app):
    put(client)
    code = resume_code(client)
    number, _ = receipt(client, send(client))
    page = client.page(REVIEW)
    assert "3月12日" in page.text
    assert number in page.text
    assert f"/receipts/{number}" in [e.get("href") for e in page.all("a")]
    assert client.get(f"/receipts/{number}").status_code == 200
    # another browser is told nothing
    stranger = app.test_client().page(REVIEW)
    assert number not in stranger.text
    assert "“我的意见”里还没有内容" in stranger.text
    # the code of what was sent: there is nothing to go on with, and where it went is said
    answer = app.test_client().post(f"{REVIEW}/resume", data={"code": code})
    assert answer.status_code == 404
    assert f"提交，受理编号{number}" in answer.get_data(as_text=True)
    # what is written next is a basket like any other
    put(client, body="再提一条")
    page = client.page(REVIEW)
    assert "再提一条" in page.text
    assert not re.search(rf"/receipts/{number}", page.source)
