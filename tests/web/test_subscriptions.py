"""Subscribing by mail, from the form to the letter to the one press that ends it."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal import mail
from portal.models import OutgoingEmail, Subscription
from portal.services import outbox

SENT = datetime(2027, 1, 1, tzinfo=UTC)


def subscribe(client, address="reader@example.com", **more):
    return client.post("/subscriptions/", data={"email": address, "topic": "drafts", **more})


def count(app):
    with app.extensions["database"].reader() as session:
        return session.scalar(select(func.count()).select_from(Subscription))


def newest(app, seal):
    with app.extensions["database"].reader() as session:
        found = session.scalar(select(OutgoingEmail).order_by(OutgoingEmail.id.desc()))
        return seal.open(found.body_sealed, outbox.BODY) if found else ""


def link(app, seal, purpose):
    return re.search(rf"/subscriptions/\d+/{purpose}/\w+", newest(app, seal)).group()


def test_from_the_form_to_the_last_press(app, client, site, seal):
    assert "/subscriptions/" in client.page("/").source
    client.page("/subscriptions/")
    answer = subscribe(client)
    assert answer.headers["Location"] == "/subscriptions/asked"
    assert "请查收邮件" in client.page("/subscriptions/asked").text
    confirm, leave = link(app, seal, "confirm"), link(app, seal, "leave")
    # a machine that looks into mail opens every link: that confirms nothing
    assert "确认订阅" in client.page(confirm).text
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(Subscription.confirmed_at)) is None
    assert "已订阅" in client.post(confirm, data={}).text
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(Subscription.confirmed_at)) is not None
    page = client.page(leave)
    assert len([form for form in page.all("form") if form.get("method") == "post"]) == 1
    assert count(app) == 1
    assert "已退订" in client.post(leave, data={}).text
    assert count(app) == 0
    assert newest(app, seal) == ""
    assert client.get(confirm).status_code == 404
    assert client.get(leave).status_code == 404


def test_a_mail_program_leaves_without_cookie_or_token(app, client, site, seal):
    """RFC 8058."""
    app.config["WTF_CSRF_ENABLED"] = True
    subscribe(client)
    leave = link(app, seal, "leave")
    bare = app.test_client()
    bare.__class__ = type(bare).__mro__[1]  # a client that adds no form token
    answer = bare.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert count(app) == 0
    # pressed again: the same answer
    assert bare.post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    subscribe(client, "other@example.com")
    assert bare.post(link(app, seal, "confirm"), data={}).status_code == 400


def test_the_letter_says_how_to_leave_in_its_head(app, client, site, settings):
    subscribe(client)
    assert mail.deliver(app, SENT).sent == 1
    (file,) = settings.mail_dir.glob("*.eml")
    letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert re.fullmatch(r"<http://127\.0\.0\.1:8000/subscriptions/1/leave/\w{40}>", letter["List-Unsubscribe"])
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_the_answer_is_the_same_for_every_address(app, client, site, seal, clock):
    first = subscribe(client)
    client.post(link(app, seal, "confirm"), data={})
    clock.at += timedelta(hours=1)
    known, unknown = subscribe(client), subscribe(client, "somebody.else@example.com")
    for answer in (known, unknown):
        assert (answer.status_code, answer.headers["Location"], answer.data) == (
            first.status_code, first.headers["Location"], first.data,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "x"}, "电子邮箱有误"),
        ({"topic": ""}, "请选择订阅什么"),
        ({"topic": "results"}, "请选择订阅什么"),
        ({"topic": "bureau", "bureau": "9"}, "请选择单位"),
        ({"topic": "subject", "subject": "x"}, "请选择主题"),
    ],
)
def test_what_was_typed_comes_back(app, client, site, fields, said):
    answer = client.post("/subscriptions/", data={"email": "reader@example.com", "topic": "drafts"} | fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert fields.get("email", "reader@example.com") in answer.text
    assert count(app) == 0


def test_the_topic_may_be_the_results_of_one(app, client, site):
    page = client.page("/subscriptions/?consultation=hehu")
    assert "示例市河湖保洁工作方案" in page.text
    assert "/subscriptions/?consultation=hehu" in client.page("/consultations/hehu/").source
    subscribe(client, consultation="hehu", topic="results")
    subscribe(client, topic="bureau", bureau="1")
    with app.extensions["database"].reader() as session:
        assert list(session.scalars(select(Subscription.topic).order_by(Subscription.id))) == [
            "results/1",
            "drafts/bureau/1",
        ]
    assert client.get("/subscriptions/?consultation=none").status_code == 404


def test_asking_again_and_again_has_an_end(app, client, site):
    answers = [subscribe(client, f"n{number}@example.com").status_code for number in range(8)]
    assert answers == [302] * 6 + [429] * 2
    assert count(app) == 6


def test_no_page_of_it_is_kept_or_handed_on(app, client, site, seal):
    subscribe(client)
    for address in (link(app, seal, "confirm"), link(app, seal, "leave"), "/subscriptions/"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "reader@example.com" not in answer.text
    assert "Disallow: /subscriptions/" in client.get("/robots.txt").text
