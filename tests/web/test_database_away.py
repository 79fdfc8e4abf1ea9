"""A database that may only be read, or is away: the public reads on or is told so, and gets back what was typed."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import event, text

from portal import create_app, db
from tests.pages import Page
from tests.postgres import free_port
from tests.web.test_commenting import put, send


@pytest.fixture
def only_read(app, client, site):
    """From now on nothing is written any more, as on a disk that was mounted for reading."""
    client.get("/receipts/")
    client._token()
    engine = app.extensions["database"].engine
    statement = (
        "PRAGMA query_only = ON"
        if engine.dialect.name == "sqlite"
        else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    )

    def begin():
        engine.dispose()

        @event.listens_for(engine, "connect")
        def read_only(connection, _record):
            connection.execute(statement)
            if engine.dialect.name != "sqlite":
                connection.commit()

    app.config["PROPAGATE_EXCEPTIONS"] = False
    return begin


def test_pages_are_shown_and_words_come_back(client, only_read):
    put(client, body="第一条意见")
    only_read()
    assert "建立巡查制度" in client.page("/consultations/hehu/").text
    answer = client.post("/consultations/hehu/clauses/2-1", data={"stance": "change", "body": "只能读的时候写的话"})
    page = Page(answer.get_data(as_text=True))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "3600"
    assert "存不下新的内容" in page.text
    assert "只能读的时候写的话" in page.text
    answer = send(client)
    assert answer.status_code == 503
    assert "/consultations/hehu/comment" in answer.get_data(as_text=True)
    assert "第一条意见" in client.page("/consultations/hehu/comment").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_stays_busy_is_said_and_nothing_is_lost(app, client, site, monkeypatch):
    put(client, body="第一条意见")
    client._token()
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.1)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.extensions["database"].writer() as other:
        other.execute(text("DELETE FROM job"))
        answer = send(client)
    assert answer.status_code == 503
    assert "再提交一次" in answer.get_data(as_text=True)
    assert send(client).status_code == 302


def test_a_database_that_is_away_is_said(settings):
    away = create_app(
        dataclasses.replace(settings, database_url=f"postgresql+psycopg://portal@127.0.0.1:{free_port()}/none")
    )
    visitor = away.test_client()
    answer = visitor.get("/consultations/hehu/")
    assert answer.status_code == 503
    assert "请稍等一分钟再打开" in answer.get_data(as_text=True)
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/readyz").status_code == 503
    problem = visitor.get("/api/v1/consultations")
    assert (problem.status_code, problem.mimetype) == (503, "application/problem+json")
    away.extensions["database"].engine.dispose()
