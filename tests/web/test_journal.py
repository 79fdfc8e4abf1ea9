"""What is written down of a request, what is counted, and who may look."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest

from portal import create_app
from portal.services import retention
from tests.web.test_commenting import put, send

SECRETS = ("机密词", "REQUEST-SECRET", "127.0.0.1", "Mozilla")


def lines(app):
    folder = app.extensions["settings"].log_dir
    return [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]


def test_a_line_says_what_happened_and_not_whose_it_was(app, client, site):
    client.get("/search?q=机密词", headers={"User-Agent": "Mozilla/5.0"})
    client.get("/consultations/hehu/comment/resume/REQUEST-SECRET")
    answer = client.get("/nowhere")
    kept = lines(app)
    assert [line["status"] for line in kept] == [200, 404, 404]
    assert kept[1]["rule"] == "/consultations/<slug>/comment/resume/<code>"
    assert kept[2]["rule"] == "none"
    assert kept[2]["id"] == answer.headers["X-Request-Id"]
    assert not [word for word in SECRETS if word in json.dumps(kept, ensure_ascii=False)]
    client.sign_in("moderator").get("/office/")
    assert lines(app)[-1]["role"] == "moderator"


def test_a_proxy_that_is_trusted_may_name_the_request(settings, app, client):
    given = {"X-Request-Id": "abcdef-0123456789"}
    assert client.get("/healthz", headers=given).headers["X-Request-Id"] != given["X-Request-Id"]
    behind = create_app(dataclasses.replace(settings, trusted_proxies=1)).test_client()
    assert behind.get("/healthz", headers=given).headers["X-Request-Id"] == given["X-Request-Id"]
    assert behind.get("/healthz", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] != "a b"


def test_a_full_disk_costs_the_line_only(app, client, site, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    assert client.get("/").status_code == 200


def test_old_lines_go(tmp_path):
    for day in ("2024-12-31", "2025-01-01", "2026-01-01"):
        (tmp_path / f"requests-{day}.jsonl").write_text("{}\n")
    (tmp_path / "other.jsonl").write_text("")
    gone = retention.remove_old_lines(tmp_path, datetime(2026, 1, 1, tzinfo=UTC), 365)
    assert gone == ["requests-2024-12-31.jsonl"]
    assert len(list(tmp_path.iterdir())) == 3


def test_figures_for_whom_they_are_meant(settings, app, client, site):
    put(client)
    send(client)
    words = client.get("/metrics").get_data(as_text=True)
    for line in (
        "portal_submissions 1.0",
        'portal_comments{state="pending"} 1.0',
        'portal_consultations{standing="open"} 1.0',
        "portal_letters_given_up 0.0",
        'portal_requests_total{method="POST",rule="/consultations/<slug>/comment",status="302"}',
    ):
        assert line in words, words
    for elsewhere in ({"X-Forwarded-For": "203.0.113.9"}, {"Authorization": "Bearer no", "Via": "1.1 a"}):
        assert client.get("/metrics", headers=elsewhere).status_code == 404
    with_token = create_app(dataclasses.replace(settings, metrics_token="a-long-token")).test_client()
    allowed = {"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer a-long-token"}
    assert with_token.get("/metrics", headers=allowed).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_written_when_nobody_wants_it(settings):
    silent = create_app(dataclasses.replace(settings, log_days=0))
    silent.test_client().get("/healthz")
    assert not silent.extensions["settings"].log_dir.exists()
