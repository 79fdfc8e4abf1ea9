"""Hiding what was overlooked, as a moderator does it, and what the public reads before and after."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.access import Role
from portal.models import Consultation
from portal.rules.words import CommentState
from portal.services import moderation
from tests import factories

OFFICE, PUBLIC = "/office/consultations/hehu", "/consultations/hehu"
ONE = f"{OFFICE}/moderation/1"
WHO = "桥头张家老三"
AFTER = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)
#: wherever the public reads what was said
READ = [
    f"{PUBLIC}/comments/C-1", f"{PUBLIC}/comments/C-2", f"{PUBLIC}/clauses/2-1", f"{PUBLIC}/results", f"{PUBLIC}/results/versions/1",
    f"{PUBLIC}/results.csv", f"{PUBLIC}/results.html", f"{PUBLIC}/summary.csv", f"{PUBLIC}/summary.json",
    "/api/v1/consultations/hehu/comments", f"/search?q={WHO}",
]  # fmt: skip


@pytest.fixture
def out(app, site, clock):
    """Two comments that name somebody, published, answered, with results and a summary that are public."""
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        found = session.query(Consultation).one()
        for body in (f"应当每日巡查，可以问{WHO}。", f"{WHO}也这样说。"):
            comment = factories.submission(site, found, body)[0]
            moderation.decide(
                session, site.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=factories.NOON
            )
        session.commit()
    clock.at = AFTER
    drafter, publisher = app.test_client().sign_in("drafter"), app.test_client().sign_in("publisher")
    for number in (1, 2):
        page = drafter.page(f"{OFFICE}/responses/{number}")
        seen = re.search(r'name="seen" value="([^"]*)"', page.source).group(1)
        data = {"disposition": "explained", "reason": "已有安排。", "changed_text": "", "seen": seen}
        assert drafter.post(f"{OFFICE}/responses/{number}", data=data).status_code == 302
    assert publisher.post(f"{OFFICE}/responses/publication", data={}).status_code == 302
    drafter.post(f"{OFFICE}/summary/", data={})
    publisher.post(f"{OFFICE}/summary/1/sign", data={"state": "reviewed"})
    publisher.post(f"{OFFICE}/summary/1/sign", data={"state": "released"})
    publisher.post(f"{OFFICE}/summary/1/release", data={})
    return app.test_client().sign_in("moderator")


def read(app, address):
    answer = app.test_client().get(address, follow_redirects=True)
    assert answer.status_code == 200, address
    if answer.is_json:
        return json.dumps(answer.get_json(), ensure_ascii=False)
    # a page repeats what was asked for
    return answer.get_data(as_text=True).replace(f'value="{WHO}"', "").replace(f"“{WHO}”", "")


def hide(client, revision=1, **fields):
    data = {"to": "hide", "revision": str(revision), "hidden_words": WHO, "note": "本人来电要求。"} | fields
    return client.post(ONE, data=data)


def test_it_is_gone_from_every_page_and_file(app, out, clock):
    for address in READ:
        assert WHO in read(app, address), address
    page = out.page(ONE)
    assert "采纳情况已经公布，审核决定不能再改。" in page.text
    assert "补充隐去" in page.text
    clock.at += timedelta(days=1)
    out = app.test_client().sign_in("moderator")
    answer = hide(out, is_everywhere="y")
    page = out.page(answer.headers["Location"])
    assert "已在2条意见里隐去，已公布的采纳情况和汇总也不再显示。" in page.text
    assert "补充隐去，本人来电要求，隐去1处" in page.text
    for address in READ[:-1]:
        assert WHO not in read(app, address), address
    assert "没有找到" in read(app, READ[-1])
    assert "公布以后，于2026年4月11日又隐去了意见里的个人信息。" in app.test_client().page(f"{PUBLIC}/results").text


def test_only_this_one_and_the_others_are_counted(app, out):
    answer = hide(out)
    page = out.page(answer.headers["Location"])
    assert "已在1条意见里隐去" in page.text
    assert "还有1条公开意见里有同样的文字。" in page.text
    assert WHO in read(app, READ[1])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"hidden_words": "不在这里的话"}, "公开的文字里没有“不在这里的话”"),
        ({"note": ""}, "请在说明里写明为什么补充隐去"),
    ],
)
def test_what_was_typed_is_there_after_a_refusal(out, fields, sentence):
    answer = hide(out, **fields)
    assert answer.status_code == 422
    typed = {"hidden_words": WHO, "note": "本人来电要求。"} | fields
    words = answer.get_data(as_text=True)
    assert sentence in words
    assert f'value="{typed["hidden_words"]}"' in words
    assert typed["note"] in words


def test_the_second_of_two_is_told_who_was_first(app, out):
    hide(out)
    answer = hide(app.test_client().sign_in("moderator"), hidden_words="应当每日")
    assert answer.status_code == 409
    assert "刚刚已由" in answer.get_data(as_text=True)
