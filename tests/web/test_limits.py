"""Limits in one process, and shared by all through Redis: exact under a crowd, and no error when Redis is away."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import redis

from portal import config, create_app
from portal.web import limits, shared_limits
from portal.web.buckets import Buckets, Limit
from portal.web.shared_limits import SharedBuckets
from tests import factories, pages
from tests.postgres import free_port
from tests.redis import RedisServer

TEN = Limit("ten", 10, 60)


@pytest.fixture(scope="module")
def server():
    made = RedisServer()
    yield made
    made.remove()


@pytest.fixture(params=["own", "shared"])
def buckets(request):
    return Buckets() if request.param == "own" else SharedBuckets(request.getfixturevalue("server").url)


def test_so_many_at_once_and_then_one_by_one(buckets, request):
    key = request.node.name
    assert [buckets.take(TEN, key, factories.NOON) for _ in range(10)] == [0] * 10
    wait = buckets.take(TEN, key, factories.NOON)
    assert 55 < wait <= 60
    assert buckets.take(TEN, "somebody else", factories.NOON) == 0
    assert buckets.take(dataclasses.replace(TEN, name="other"), key, factories.NOON) == 0
    quick = Limit("quick", 1, 0.2)
    assert buckets.take(quick, key, factories.NOON) == 0
    assert buckets.take(quick, key, factories.NOON) > 0
    time.sleep(0.25)
    assert buckets.take(quick, key, factories.NOON + timedelta(seconds=0.25)) == 0


def test_a_crowd_takes_exactly_what_there_is(server):
    taken = Counter()

    def visit():
        own = SharedBuckets(server.url)
        for _ in range(20):
            taken[own.take(TEN, "crowd", factories.NOON) == 0] += 1

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == {True: 10, False: 150}


def test_redis_keeps_no_token_and_forgets(server):
    SharedBuckets(server.url).take(TEN, "a visitor's token", factories.NOON)
    kept = redis.Redis.from_url(server.url)
    names = [name.decode() for name in kept.keys("portal:limit:ten:*")]
    assert names
    assert all("visitor" not in name for name in names)
    assert all(0 < kept.pttl(name) <= 601_000 for name in names)


VISIT = """
import json, sys
from portal import create_app
from tests.pages import Browser
app = create_app()
app.test_client_class = Browser
told = []
for _ in range(int(sys.argv[1])):
    client = app.test_client()  # another visitor each time: only the limit of the receipt's number counts
    told.append(client.post("/receipts/", data={"number": "26-07-00091-3", "secret": "abcd-efgh-jkmn"}).status_code)
print(json.dumps(told))
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_shared", [True, False])
def test_two_processes_share_one_limit(server, database_url, tmp_path, is_shared):
    environment = {**os.environ, "PORTAL_DATABASE_URL": database_url, "PORTAL_DATA_DIR": str(tmp_path / "data")}
    if is_shared:
        environment["PORTAL_REDIS_URL"] = server.url
    asked = [
        subprocess.Popen([sys.executable, "-c", VISIT, "20"], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = Counter(status for process in asked for status in json.loads(process.communicate()[0]))
    refused = 2 * 20 - limits.LOOK_UP_ONE.most if is_shared else 0
    assert told[429] == refused, told
    assert told.total() == 40


@pytest.fixture
def away(database_url, tmp_path):
    """An application whose Redis is not there."""
    url = f"redis://127.0.0.1:{free_port()}"
    made = config.from_environment({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_REDIS_URL": url})
    app = create_app(dataclasses.replace(made, database_url=database_url, page_seconds=0))
    app.test_client_class = pages.Browser
    yield app
    app.extensions["database"].engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_redis_nothing_breaks_and_the_log_says_it_once(away, caplog):
    with caplog.at_level(logging.WARNING, "portal.limits"):
        told = Counter(
            away.test_client().post("/receipts/", data={"number": "26-07-00091-3", "secret": "abcd-efgh"}).status_code
            for _ in range(32)
        )
    assert set(told) == {422, 429}
    assert told[429] == 32 - limits.LOOK_UP_ONE.most
    assert [record.message for record in caplog.records] == [
        "Redis is away (ConnectionError): every server process counts for itself"
    ]


def test_a_silent_redis_costs_a_moment_and_no_more(server, monkeypatch):
    monkeypatch.setattr(shared_limits, "TIMEOUT", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        buckets = SharedBuckets(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        assert [buckets.take(TEN, "x", factories.NOON) == 0 for _ in range(11)] == [True] * 10 + [False]
        assert time.monotonic() - began < 2


def test_when_redis_comes_back_it_is_used_again(server, monkeypatch):
    monkeypatch.setattr(shared_limits, "LOOK_AGAIN", 0.0)
    one, other = SharedBuckets(server.url), SharedBuckets(server.url)
    server.stop()
    assert one.take(TEN, "back", factories.NOON) == 0
    assert one.is_away
    assert not one.answers()
    server.start()
    assert [one.take(TEN, "back", factories.NOON) for _ in range(10)] == [0] * 10
    assert not one.is_away
    assert one.answers()
    assert other.take(TEN, "back", factories.NOON) > 0


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379"])
def test_an_address_that_is_none_is_refused(tmp_path, url):
    with pytest.raises(ValueError, match="PORTAL_REDIS_URL"):
        config.from_environment({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_REDIS_URL": url})
