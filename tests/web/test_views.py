"""Views: people count, once in half an hour, in whichever process; programs do not; nobody's address is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.models import Consultation, RecentView
from portal.services import viewing
from portal.web.views import Looks, is_person
from tests.factories import NOON

BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0"


def counted(app):
    app.extensions["looks"].flush()
    with app.extensions["database"].reader() as session:
        return session.scalar(select(Consultation.views).where(Consultation.slug == "hehu"))


def look(client, path="", agent=BROWSER, address="192.0.2.1", **headers):
    return client.get(
        f"/consultations/hehu/{path}", headers={"User-Agent": agent, **headers}, environ_base={"REMOTE_ADDR": address}
    )


def test_a_person_counts_once_whatever_they_read(app, client, site):
    for path in ("", "", "notice", "clauses/2-1", "note"):
        look(client, path)
    assert counted(app) == 1
    look(client, agent=PHONE)
    look(client, address="192.0.2.2")
    assert counted(app) == 3
    assert "浏览3次" in client.page("/consultations/hehu/").text


@pytest.mark.parametrize(
    ("agent", "headers"),
    [
        ("Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", {}),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", {}),
        ("Mozilla/5.0 AppleWebKit/537.36 HeadlessChrome/126.0", {}),
        ("curl/8.0", {}),
        ("python-requests/2.32", {}),
        ("", {}),
        (BROWSER, {"Sec-Purpose": "prefetch;prerender"}),
        (BROWSER, {"Purpose": "prefetch"}),
        (BROWSER, {"X-Moz": "prefetch"}),
        (BROWSER, {"Sec-Fetch-Dest": "empty"}),
    ],
)
def test_programs_and_fetching_ahead_do_not_count(app, client, site, agent, headers):
    assert look(client, agent=agent, **headers).status_code == 200
    assert counted(app) == 0


def test_asking_for_the_head_or_for_what_is_not_there_does_not_count(app, client, site):
    client.head("/consultations/hehu/", headers={"User-Agent": BROWSER})
    look(client, "clauses/99")
    client.get("/consultations/none/", headers={"User-Agent": BROWSER})
    assert counted(app) == 0


def test_no_address_is_kept(app, client, site):
    look(client)
    assert counted(app) == 1
    with app.extensions["database"].reader() as session:
        kept = session.scalars(select(RecentView.trace)).all()
    assert len(kept) == 1
    assert len(kept[0]) == 64


def test_half_an_hour_later_it_counts_again_and_traces_are_erased(world, database):
    from tests import factories

    factories.consultation(world)
    session = world.session
    assert viewing.count(session, {"a" * 64: "hehu", "b" * 64: "hehu"}, NOON) == 2
    assert viewing.count(session, {"a" * 64: "hehu"}, NOON + timedelta(minutes=29)) == 0
    assert viewing.count(session, {"a" * 64: "hehu"}, NOON + timedelta(minutes=30)) == 1
    assert session.scalars(select(RecentView.trace)).all() == ["a" * 64]
    assert session.scalar(select(Consultation.views)) == 3


def test_two_processes_that_saw_one_person_count_once(app, site):
    database = app.extensions["database"]
    one, other = Looks(database), Looks(database)
    for looks in (one, other):
        looks.add("a" * 64, "hehu", NOON)
    other.add("b" * 64, "hehu", NOON)
    one.flush()
    other.flush()
    with database.reader() as session:
        assert session.scalar(select(Consultation.views)) == 2


def test_looks_wait_while_the_database_is_away(app, site, monkeypatch):
    from sqlalchemy.exc import OperationalError

    looks = Looks(app.extensions["database"])
    looks.add("a" * 64, "hehu", NOON)

    def away(*_args):
        raise OperationalError("INSERT", {}, Exception("away"))

    with monkeypatch.context() as changed:
        changed.setattr(viewing, "count", away)
        looks.flush()
    looks.flush()
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(Consultation.views)) == 1


def test_looks_are_written_after_a_few_seconds_by_themselves(app, site, monkeypatch):
    import time

    from portal.web import views

    monkeypatch.setattr(views, "DELAY", 0.05)
    looks = Looks(app.extensions["database"])
    looks.add("a" * 64, "hehu", NOON)
    for _ in range(100):
        time.sleep(0.05)
        with app.extensions["database"].reader() as session:
            if session.scalar(select(Consultation.views)) == 1:
                return
    pytest.fail("nobody wrote them")


@pytest.mark.parametrize(("agent", "person"), [(BROWSER, True), (PHONE, True), ("Opera/9.80", True), ("Wget/1", False)])
def test_browsers_say_what_they_are(agent, person):
    assert is_person(agent) is person


def test_a_count_costs_the_page_no_query(app, client, site):
    from sqlalchemy import event

    look(client)
    counted(app)
    asked = []
    event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    look(client, address="192.0.2.9")
    assert not [words for words in asked if "recent_view" in words or "UPDATE" in words]


def test_a_copy_that_is_handed_out_again_is_a_look_too(app, site, settings):
    """Copies of public pages never reach a view; those who get one are people all the same."""
    import dataclasses

    from portal import create_app

    other = create_app(dataclasses.replace(settings, page_seconds=60))
    other.extensions["clock"] = app.extensions["clock"]
    client = other.test_client()
    for path in ("", "notice"):
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
            assert look(client, path, address=address).status_code == 200
    assert counted(other) == 3
    other.extensions["database"].engine.dispose()
