"""The JSON interface with a key: who may, what is received, what is decided, and what every refusal looks like."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.access import Role
from portal.models import Account, ApiKey, AuditEvent, Comment, Consultation, Submission
from portal.rules.words import CommentState
from portal.services import api_keys, claiming, reading
from portal.services import site as site_service
from tests import factories
from tests.factories import NOON
from tests.web.test_open_data import validator

SUBMISSION = {
    "respondent": {"kind": "citizen"},
    "comments": [{"clause": "2-1", "stance": "change", "body": "建议每周公布。"}],
}
HANDING = "/api/v1/consultations/hehu/submissions"
QUEUE = "/api/v1/moderation/queue"
ONE = "/api/v1/moderation/consultations/hehu/comments/1"


def bearer(key, **more):
    return {"Authorization": f"Bearer {key}", **more}


@pytest.fixture
def made(app, site, seal):
    """A key of another platform, one of a moderator with every scope, and a comment that waits."""
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        session.add(site.bureau)
        _, platform = api_keys.make_for_platform(
            session, seal, site.actor(Role.ADMINISTRATOR), bureau_id=site.bureau.id, name="客户端",
            scopes=["submissions:write"], per_minute=6000, at=NOON,
        )  # fmt: skip
        _, staff = api_keys.make_own(
            session, seal, site.staff[Role.MODERATOR], name="脚本", scopes=["moderation:read", "moderation:write"],
            days=30, password=factories.PASSWORD, at=NOON,
        )  # fmt: skip
        factories.submission(
            site, reading.published(session, "hehu", NOON), "我的电话13912345678，请每周公布。", "第二条。"
        )
        session.commit()
    return {"platform": platform, "staff": staff}


def count(app, model=Submission):
    with app.extensions["database"].reader() as session:
        return session.scalar(select(func.count()).select_from(model))


def is_problem(client, answer, status):
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    validator(client, "Problem").validate(body)
    assert body["status"] == status
    assert body["type"].startswith("http://127.0.0.1:8000/developers#")
    return body


def test_a_submission_is_received_and_can_be_tracked(app, client, made):
    answer = client.post(HANDING, json=SUBMISSION, headers=bearer(made["platform"]))
    assert answer.status_code == 201
    body = answer.get_json()
    validator(client, "Receipt").validate(body)
    assert answer.headers["Location"] == body["url"]
    assert answer.headers["Cache-Control"] == "no-store"
    page = client.post("/receipts/", data={"number": body["receipt_number"], "secret": body["tracking_code"]})
    assert page.status_code == 302
    assert "建议每周公布" in client.page(page.headers["Location"]).text
    assert count(app) == 2


def test_the_same_request_again_is_answered_the_same(app, client, made):
    headers = bearer(made["platform"], **{"Idempotency-Key": "4711"})
    first = client.post(HANDING, json=SUBMISSION, headers=headers)
    again = client.post(
        HANDING, data=json.dumps(SUBMISSION, indent=3), headers=headers, content_type="application/json"
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    changed = client.post(HANDING, json={**SUBMISSION, "version": 1}, headers=headers)
    assert is_problem(client, changed, 422)["errors"][0]["field"] == "Idempotency-Key"
    assert count(app) == 2


def test_after_the_window_the_words_come_back(app, client, made, clock):
    clock.at = NOON + timedelta(days=25)
    body = is_problem(client, client.post(HANDING, json=SUBMISSION, headers=bearer(made["platform"])), 409)
    assert body["submission"] == SUBMISSION
    assert body["type"].endswith("#window-not-open")
    assert "2026年4月1日24时" in body["detail"]
    assert count(app) == 1


def test_every_fault_is_listed_in_the_language_asked_for(client, made):
    wrong = {"respondent": {"kind": "enterprise"}, "comments": [{"clause": "9-9", "stance": "change", "body": "x"}]}
    for language, said in (("en", "organisation"), ("zh-CN", "单位名称")):
        answer = client.post(HANDING, json=wrong, headers=bearer(made["platform"], **{"Accept-Language": language}))
        body = is_problem(client, answer, 422)
        assert [error["field"] for error in body["errors"]] == ["respondent/organisation", "comments/0/clause"]
        assert said in body["errors"][0]["detail"]
        assert answer.headers["Content-Language"].startswith(language[:2])
        assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ([], ""),
        ({**SUBMISSION, "more": 1}, ""),
        ({**SUBMISSION, "comments": []}, "comments"),
        ({**SUBMISSION, "comments": [{"stance": "loud", "body": "x"}]}, "comments/0/stance"),
        ({**SUBMISSION, "comments": [{"stance": "change", "body": 3}]}, "comments/0/body"),
        ({**SUBMISSION, "comments": [{"stance": "change", "body": "x" * 5001}]}, "comments/0/body"),
        ({**SUBMISSION, "version": 0}, "version"),
        ({**SUBMISSION, "respondent": {"kind": "citizen", "email": "nobody"}}, "respondent/email"),
        ({**SUBMISSION, "comments": [{"stance": "change", "body": "a\x00b"}]}, ""),
    ],
)
def test_what_is_not_as_described_is_named(app, client, made, body, field):
    answer = client.post(HANDING, json=body, headers=bearer(made["platform"]))
    assert is_problem(client, answer, 422)["errors"][0]["field"] == field
    assert count(app) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe", b'"\xed\xa0\x80"'])
def test_what_is_no_json_is_said_to_be_none(client, made, body):
    answer = client.post(HANDING, data=body, content_type="application/json", headers=bearer(made["platform"]))
    is_problem(client, answer, 400)


def test_half_a_character_is_no_fault_of_ours(client, made):
    body = json.dumps({**SUBMISSION, "comments": [{"stance": "change", "body": "a\ud800b"}]})
    answer = client.post(HANDING, data=body, content_type="application/json", headers=bearer(made["platform"]))
    is_problem(client, answer, 422)


def test_too_large_and_of_another_kind(client, made):
    large = client.post(
        HANDING, data=b" " * (4 * 1024 * 1024 + 1), content_type="application/json", headers=bearer(made["platform"])
    )
    is_problem(client, large, 413)
    is_problem(client, client.post(HANDING, data={"csrf_token": "x"}, headers=bearer(made["platform"])), 415)


def test_without_a_key_that_holds_nothing_is_done(app, client, made, clock):
    plain = client.post(HANDING, json=SUBMISSION)
    is_problem(client, plain, 401)
    assert plain.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    for authorization in (
        "Bearer",
        "Bearer x",
        "Basic eDp5",
        f"Bearer {made['platform']}x",
        f"Token {made['platform']}",
    ):
        answer = client.post(HANDING, json=SUBMISSION, headers={"Authorization": authorization})
        is_problem(client, answer, 401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    clock.at = NOON + timedelta(days=31)
    is_problem(client, client.get(QUEUE, headers=bearer(made["staff"])), 401)
    assert count(app) == 1


def test_a_cookie_says_nothing_to_the_interface(app, made):
    moderator = app.test_client().sign_in("moderator")
    is_problem(moderator, moderator.get(QUEUE), 401)
    is_problem(moderator, moderator.post(f"{ONE}/decisions", json={"to": "published", "revision": 0}), 401)
    answer = moderator.get(QUEUE, headers=bearer(made["platform"]))
    is_problem(moderator, answer, 403)


def test_a_scope_is_not_another(client, made, app):
    is_problem(client, client.post(HANDING, json=SUBMISSION, headers=bearer(made["staff"])), 403)
    is_problem(client, client.get(QUEUE, headers=bearer(made["platform"])), 403)
    with app.extensions["database"].transaction() as session:
        session.scalar(select(ApiKey).where(ApiKey.account_id.is_not(None))).scopes = ["moderation:read"]
    assert client.get(QUEUE, headers=bearer(made["staff"])).status_code == 200
    answer = client.post(f"{ONE}/decisions", json={"to": "published", "revision": 0}, headers=bearer(made["staff"]))
    is_problem(client, answer, 403)


def test_a_key_is_counted_and_its_use_noted(app, client, made):
    with app.extensions["database"].transaction() as session:
        session.scalar(select(ApiKey).where(ApiKey.account_id.is_(None))).per_minute = 2
    for _ in range(2):
        assert client.post(HANDING, json=SUBMISSION, headers=bearer(made["platform"])).status_code == 201
    answer = client.post(HANDING, json=SUBMISSION, headers=bearer(made["platform"]))
    is_problem(client, answer, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(ApiKey).where(ApiKey.account_id.is_(None))).last_used_at == NOON


def test_no_method_but_those_described(client, made):
    answer = client.delete(HANDING, headers=bearer(made["platform"]))
    is_problem(client, answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_a_busy_database_and_a_fault_are_problems_too(app, client, made, monkeypatch):
    from portal.services import platforms

    app.config["PROPAGATE_EXCEPTIONS"] = False
    for fault, status in ((OperationalError("x", {}, Exception("locked")), 503), (RuntimeError("x"), 500)):

        def fail(*_args, _fault=fault, **_more):
            raise _fault

        monkeypatch.setattr(platforms, "submit", fail)
        is_problem(client, client.post(HANDING, json=SUBMISSION, headers=bearer(made["platform"])), status)


# ── the desk ──────────────────────────────────────────────────────────────────────────────────────────


def every(client, key, address):
    items = []
    while address:
        answer = client.get(address.removeprefix("http://127.0.0.1:8000"), headers=bearer(key))
        assert answer.status_code == 200, answer.text
        validator(client, "Queue").validate(answer.get_json())
        items += answer.get_json()["items"]
        address = answer.get_json()["next"]
    return items


def test_the_queue_is_read_page_by_page(client, made):
    assert [item["number"] for item in every(client, made["staff"], f"{QUEUE}?limit=1")] == [1, 2]
    assert every(client, made["staff"], f"{QUEUE}?limit=1&state=published") == []
    assert [i["number"] for i in every(client, made["staff"], f"{QUEUE}?consultation=hehu&state=pending&limit=1")] == [
        2,
        1,
    ]
    for query in ("after=x", "limit=0", "limit=101", "state=none", "after=", "consultation=%00"):
        is_problem(client, client.get(f"{QUEUE}?{query}", headers=bearer(made["staff"])), 422)


def test_a_comment_is_published_with_what_was_found_hidden(app, client, made):
    answer = client.get(ONE, headers=bearer(made["staff"]))
    body = answer.get_json()
    validator(client, "CommentInHand").validate(body)
    (mask,) = body["suggested_masks"]
    assert body["body"][mask["start"] : mask["end"]] == "13912345678"
    undecided = client.post(f"{ONE}/decisions", json={"to": "published", "revision": 0}, headers=bearer(made["staff"]))
    is_problem(client, undecided, 422)
    place = {name: mask[name] for name in ("field", "start", "end")}
    answer = client.post(
        f"{ONE}/decisions", json={"to": "published", "revision": 0, "masks": [place]}, headers=bearer(made["staff"])
    )
    assert answer.status_code == 201
    validator(client, "Decided").validate(answer.get_json())
    assert "13912345678" not in answer.get_json()["public_body"]
    assert answer.get_json()["state"] == "published"
    with app.extensions["database"].reader() as session:
        event = session.scalar(select(AuditEvent).where(AuditEvent.act == "comment.published"))
        assert session.get_one(Account, event.account_id).login == "moderator"
    shown = client.get("/api/v1/consultations/hehu/comments").get_json()["items"]
    assert ["13912345678" in item["body"] for item in shown] == [False]


def test_who_comes_second_is_told_so(app, client, made, site):
    decision = {"to": "published", "revision": 0, "hide_suggested": True}
    assert client.post(f"{ONE}/decisions", json=decision, headers=bearer(made["staff"])).status_code == 201
    is_problem(client, client.post(f"{ONE}/decisions", json=decision, headers=bearer(made["staff"])), 409)
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add(site.bureau)
        other = factories.colleague(site)
        second = session.scalar(select(Comment).where(Comment.number == 2))
        claiming.take(session, other, second, NOON)
        session.commit()
    two = ONE[:-1] + "2"
    assert client.get(two, headers=bearer(made["staff"])).get_json()["held_by"] == "周青"
    is_problem(client, client.post(f"{two}/decisions", json=decision, headers=bearer(made["staff"])), 409)


def test_withholding_needs_its_reason_and_where_set_a_second_person(app, client, made, site):
    answer = client.post(f"{ONE}/decisions", json={"to": "withheld", "revision": 0}, headers=bearer(made["staff"]))
    assert is_problem(client, answer, 422)["errors"][0]["field"] == "reason_code"
    with app.extensions["database"].transaction() as session:
        from portal.services import reference

        code = reference.withholding_reasons(session)[0].code
        site_service.keep(session, site.actor(Role.ADMINISTRATOR), {"is_second_person_needed": "1"}, NOON)
    decision = {"to": "withheld", "revision": 0, "reason_code": code, "note": "含他人信息"}
    answer = client.post(f"{ONE}/decisions", json=decision, headers=bearer(made["staff"]))
    assert answer.get_json()["outcome"] == "proposed"
    own = client.post(f"{ONE}/decisions", json={"to": "confirm", "revision": 0}, headers=bearer(made["staff"]))
    is_problem(client, own, 403)
    back = client.post(f"{ONE}/decisions", json={"to": "decline", "revision": 0}, headers=bearer(made["staff"]))
    assert back.get_json()["outcome"] == "declined"


def test_another_bureaus_comments_are_not_there(app, client, made, seal):
    with app.extensions["database"].writer() as session:
        other = factories.world(session, seal, "示例市教育局", "jyj")
        _, key = api_keys.make_own(
            session, seal, other.staff[Role.MODERATOR], name="脚本", scopes=["moderation:read", "moderation:write"],
            days=30, password=factories.PASSWORD, at=NOON,
        )  # fmt: skip
        session.commit()
    assert every(client, key, QUEUE) == []
    for answer in (
        client.get(f"{QUEUE}?consultation=hehu", headers=bearer(key)),
        client.get(ONE, headers=bearer(key)),
        client.post(f"{ONE}/decisions", json={"to": "published", "revision": 0}, headers=bearer(key)),
    ):
        is_problem(client, answer, 404)


def test_whoever_owes_something_to_their_account_sees_to_it_first(app, client, made):
    with app.extensions["database"].transaction() as session:
        session.scalar(select(Account).where(Account.login == "moderator")).password_changed_at = NOON - timedelta(
            days=91
        )
    is_problem(client, client.get(QUEUE, headers=bearer(made["staff"])), 403)


def test_a_role_that_was_taken_takes_the_key_with_it(app, client, made):
    with app.extensions["database"].transaction() as session:
        session.scalar(select(Account).where(Account.login == "moderator")).role = Role.DRAFTER
    is_problem(client, client.get(QUEUE, headers=bearer(made["staff"])), 403)


def test_sealed_words_are_not_in_the_interface(app, client, made):
    from portal.services import looking

    with app.extensions["database"].transaction() as session:
        code = next(iter(looking.sealing_codes(session)))
    decision = {"to": "withheld", "revision": 0, "reason_code": code, "note": "违法内容"}
    assert client.post(f"{ONE}/decisions", json=decision, headers=bearer(made["staff"])).status_code == 201
    body = client.get(ONE, headers=bearer(made["staff"])).get_json()
    assert (body["body"], body["suggested_masks"]) == (None, [])
    assert "13912345678" not in client.get(f"{QUEUE}?state=withheld", headers=bearer(made["staff"])).text


def test_nothing_here_changes_what_is_counted(app, client, made):
    client.post(HANDING, json=SUBMISSION, headers=bearer(made["platform"]))
    with app.extensions["database"].reader() as session:
        states = dict(session.execute(select(Comment.state, func.count()).group_by(Comment.state)).all())
        numbered = session.scalar(select(Consultation.comments_numbered))
    assert states == {CommentState.PENDING: 3}
    assert numbered == 3
