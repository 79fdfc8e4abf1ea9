"""A public page is handed out again for less than a second; nobody is handed what is another's."""

from __future__ import annotations

import dataclasses
import gzip
import re
import threading

import pytest
from sqlalchemy import event

from portal import create_app
from portal.access import Role
from portal.models import Account, Comment, Consultation
from portal.rules.words import CommentState
from portal.services import moderation
from portal.web import shared_pages
from tests import factories

READER = "/consultations/hehu/clauses/2-1"


@pytest.fixture
def shop(settings, clock, monkeypatch):
    """An application that hands out copies, and the seconds it counts."""
    app = create_app(dataclasses.replace(settings, page_seconds=0.8))
    app.config.update(TESTING=True)
    app.extensions["clock"] = clock
    seconds = [100.0]
    monkeypatch.setattr(shared_pages.time, "monotonic", lambda: seconds[0])
    yield app, seconds
    app.extensions["database"].engine.dispose()


def counted(app):
    queries: list[str] = []
    event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *a: queries.append(a[2]))
    return queries


def comment(app, site, seal):
    with app.extensions["database"].writer() as session:
        made = factories.World(session, seal, site.bureau, site.staff)
        factories.submission(made, session.query(Consultation).one(), "建议每日公布水质。")
        session.commit()


def decide(app, site):
    with app.extensions["database"].writer() as session:
        moderator = session.query(Account).filter_by(role=Role.MODERATOR).one().actor
        found = session.query(Comment).one()
        moderation.decide(session, moderator, found, CommentState.PUBLISHED, revision=0, at=factories.NOON, masks=[])
        session.commit()


def test_a_page_is_drawn_once_and_a_decision_is_seen_within_a_second(site, seal, shop):
    app, seconds = shop
    comment(app, site, seal)
    queries = counted(app)
    first = app.test_client().get(READER)
    assert queries
    queries.clear()
    assert app.test_client().get(READER).status_code == 200
    assert queries == []
    decide(app, site)
    seconds[0] += 0.79
    assert "建议每日公布水质" not in app.test_client().get(READER).text
    seconds[0] += 0.02
    assert "建议每日公布水质" in app.test_client().get(READER).text
    assert "建议每日公布水质" not in first.text


def test_each_reader_gets_a_form_token_of_their_own(site, shop):
    app, _ = shop
    seen = []
    for _ in range(3):
        client = app.test_client()
        page = client.get(READER).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        answer = client.post(READER, data={"stance": "change", "body": "写一条", "csrf_token": token})
        assert answer.status_code == 302
        seen.append(token)
    assert len(set(seen)) == 3


def test_no_two_empty_forms_have_the_same_key(site, shop):
    app, _ = shop
    tab, person = app.test_client(), app.test_client()
    pages = [
        tab.get(READER).text,
        tab.get(READER).text,
        person.get(READER).text,
        person.get(f"{READER}?part=panel").text,
    ]
    keys = [re.search(r'name="key" value="([^"]+)"', page).group(1) for page in pages]
    assert len(set(keys)) == 4
    # two tabs that were opened together write two comments
    for page, key, words in zip(pages, keys, ("左边", "右边"), strict=False):
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        written = {"stance": "change", "body": words, "csrf_token": token, "key": key, "revision": "0"}
        assert tab.post(READER, data=written).status_code == 302
    assert "另写的一条：左边" in tab.get(READER).text


def test_whoever_has_begun_a_basket_is_handed_no_copy_and_leaves_none(site, shop):
    app, _ = shop
    writer = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', writer.get(READER).text).group(1)
    writer.post(READER, data={"stance": "change", "body": "还没有提交的话", "csrf_token": token})
    assert "我的意见" in writer.get(READER).text
    queries = counted(app)
    mine = writer.get("/consultations/hehu/").text
    assert queries
    assert app.test_client().get("/consultations/hehu/").text != mine


@pytest.mark.parametrize("choice", [("lang", "en"), ("size", "largest"), ("theme", "dark"), ("script", "hant")])
def test_choices_have_copies_of_their_own(site, shop, choice):
    app, _ = shop
    plain = app.test_client().get(READER).text
    chooser = app.test_client()
    chooser.set_cookie(*choice)
    first, again = chooser.get(READER).text, chooser.get(READER).text
    shared = [re.sub(r'(name="key" value="[^"]*"|value="[^"]{40,}")', "", page) for page in (plain, first, again)]
    assert shared[1] == shared[2] != shared[0]


def test_refusals_are_not_kept(site, shop):
    app, _ = shop
    assert app.test_client().get("/consultations/hehu/clauses/9-9").status_code == 404
    assert app.extensions["shared_pages"].kept == {}


def test_many_readers_at_once_draw_a_page_once(site, shop):
    app, _ = shop
    app.test_client().get("/rules/help")  # what stands in every footer is remembered for longer
    queries = counted(app)
    app.test_client().get(READER)
    alone = len(queries)
    queries.clear()
    app.extensions["shared_pages"].kept.clear()
    readers = [threading.Thread(target=lambda: app.test_client().get(READER)) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(queries) == alone


def test_the_room_is_bounded(monkeypatch):
    monkeypatch.setattr(shared_pages, "ROOM", 1000)
    pages = shared_pages.Pages(0.8)
    for n in range(10):
        pages.keep((str(n),), shared_pages.Page(b"x" * 300, [], False, 0.0))
    assert list(pages.kept) == [("7",), ("8",), ("9",)]
    assert pages.size == 900


def test_a_copy_carries_the_same_headers_and_is_compressed_for_whoever_can(site, shop):
    app, _ = shop
    first = app.test_client().get("/consultations/hehu/")
    again = app.test_client().get("/consultations/hehu/")
    assert again.data == first.data
    for name in ("Content-Type", "Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "Vary"):
        assert again.headers[name] == first.headers[name]
    zipped = app.test_client().get("/consultations/hehu/", headers={"Accept-Encoding": "gzip, br"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == first.data


def test_choosing_a_language_is_not_caught(site, shop):
    app, _ = shop
    client = app.test_client()
    client.get("/")
    assert client.get("/?lang=en").status_code == 302
    assert client.get("/?lang=en").status_code == 302
    assert 'lang="en"' in client.get("/").text


def test_no_page_of_the_office_is_ever_shared(app):
    from portal.access import PUBLIC
    from portal.web.gate import PERMISSIONS

    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    for endpoint in shared_pages.SHARED:
        assert not rules[endpoint].startswith("/office"), endpoint
        assert PERMISSIONS[app.view_functions[endpoint]] in PUBLIC, endpoint
