"""Everybody follows every link: nothing breaks, nothing is offered that is refused, nothing private is in any answer."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.models import Comment, Consultation
from portal.rules.words import Channel, CommentState
from portal.services import baskets, commenting, moderation, responding
from portal.services.masking import suggested_masks
from tests import factories
from tests.factories import NOON
from tests.web.crawling import crawl
from tests.web.test_commenting import put, receipt, send

#: what only its owner, or staff of the bureau who ask for it, may see
PLANTED = {
    "name": "钟离无忌",
    "phone": "13912340987",
    "e-mail": "zhongli.wuji@example.com",
    "contact of an enterprise": "上官婉清",
    "phone of an enterprise": "13612345670",
    "guardian": "慕容监护",
    "number in a published comment": "13700001111",
    "trade secret": "独门配方记号甲",
    "withheld words": "不予公开记号乙",
    "waiting words": "尚待审核记号丙",
    "note of a moderator": "内部说明记号丁",
    "answer in preparation": "未公布答复记号戊",
    "draft in preparation": "未发布草案记号己",
    "words in a basket": "还没提交记号庚",
}


@pytest.fixture
def planted(app, seal, site, client):
    """A site with something private in every place it can be; the secrets are added to what is looked for."""
    found = dict(PLANTED)
    put(client, body="建议每日巡查两次，并公开结果。")
    answer = send(
        client, name=PLANTED["name"], phone=PLANTED["phone"], email=PLANTED["e-mail"], has_read_notice="y",
        **{"confidential-1": PLANTED["trade secret"]},
    )  # fmt: skip
    found["tracking secret"] = receipt(client, answer)[1]
    number = receipt(client, answer)[0]
    other = app.test_client()
    put(other, body=f"还没提交的话，{PLANTED['words in a basket']}。")
    found["basket code"] = next(c.value for c in other._cookies.values() if c.key.startswith("basket_"))
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        session.add(site.bureau)
        consultation = session.scalars(select(Consultation)).one()
        _plant(session, seal, site, consultation)
        second = factories.world(session, seal, "示例市财政局", "czj")
        factories.prepared(
            second, slug="caizheng", text=factories.DRAFT.replace("加强领导", PLANTED["draft in preparation"])
        )
        session.commit()
    return found, number


def _plant(session, seal, site, consultation):
    moderator, drafter = site.actor(Role.MODERATOR), site.actor(Role.DRAFTER)
    clause = factories.clause(consultation, "二、", "（一）")
    commenting.register(
        session, seal, consultation,
        identity=commenting.Identity(
            kind="enterprise", organisation="示例环境服务有限公司", uscc="91131000MA0000007U",
            name=PLANTED["contact of an enterprise"], phone=PLANTED["phone of an enterprise"], has_read_notice=True,
        ),
        remarks=[(clause, baskets.Remark("change", "巡查人员的配备标准偏低，建议提高。"))],
        channel=Channel.WEB, received_at=NOON,
    )  # fmt: skip
    commenting.register(
        session, seal, consultation,
        identity=commenting.Identity(
            kind="citizen", is_minor=True, guardian_name=PLANTED["guardian"], guardian_contact="13500009999",
            has_guardian_consent=True, has_read_notice=True,
        ),
        remarks=[(clause, baskets.Remark("support", "希望放学路上的小河干净。"))],
        channel=Channel.WEB, received_at=NOON,
    )  # fmt: skip
    (masked,) = factories.submission(
        site, consultation, f"巡查太少，请打{PLANTED['number in a published comment']}找我。"
    )
    (withheld,) = factories.submission(site, consultation, f"这一条{PLANTED['withheld words']}，不能公开。")
    factories.submission(site, consultation, f"这一条{PLANTED['waiting words']}。")
    session.flush()
    for comment in session.scalars(select(Comment).order_by(Comment.number)).all():
        if PLANTED["waiting words"] in comment.body:
            continue
        if comment is withheld:
            moderation.decide(
                session, moderator, comment, CommentState.WITHHELD, revision=0, at=NOON, reason_code="P4",
                note=PLANTED["note of a moderator"],
            )  # fmt: skip
        else:
            moderation.decide(
                session, moderator, comment, CommentState.PUBLISHED, revision=0, at=NOON,
                note=PLANTED["note of a moderator"], masks=suggested_masks(comment),
            )  # fmt: skip
    session.flush()
    assert PLANTED["number in a published comment"] not in masked.public_body
    responding.respond(
        session, drafter, consultation, [masked.number], disposition="not_adopted", reason=PLANTED["answer in preparation"],
        changed_text="", at=NOON,
    )  # fmt: skip


def leaks(answers, planted):
    return [
        (what, each.address)
        for each in answers.values()
        for what, words in planted.items()
        if words in each.text or words in each.address
    ]


def test_nothing_private_is_in_any_public_answer(app, planted):
    found, number = planted
    answers = crawl(
        app.test_client(), "/", "/robots.txt", "/sitemap.xml", "/api/v1/openapi.json", f"/receipts/{number}"
    )
    assert leaks(answers, found) == []
    broken = [(each.address, each.status, each.found_on) for each in answers.values() if each.status >= 400]
    assert broken == []
    # it went everywhere: pages, files, feeds and data
    kinds = Counter(each.address.split("/")[1].split("?")[0] for each in answers.values())
    assert {"consultations", "api", "receipts", "search"} <= set(kinds)
    assert len(answers) > 60


@pytest.mark.parametrize("role", list(Role))
def test_no_link_of_the_office_breaks_or_is_refused(app, planted, role):
    found, _ = planted
    client = app.test_client().sign_in(role.value)
    answers = crawl(client, "/office/")
    refused = [(each.address, each.status, each.found_on) for each in answers.values() if each.status >= 400]
    assert refused == []
    assert len(answers) > 60
    # of another bureau nothing is seen by anybody, and a contact only by whoever asks for it, never by a mere look
    others = {
        what: found[what] for what in ("draft in preparation", "words in a basket", "basket code", "tracking secret")
    }
    assert leaks(answers, others) == []
    asked_for = {
        what: found[what] for what in ("phone", "e-mail", "contact of an enterprise", "guardian", "trade secret")
    }
    assert leaks(answers, asked_for) == []
