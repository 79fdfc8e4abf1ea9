"""Words proposed by a service: a server of our own answers well, badly, slowly and not at all."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.cli.work import KINDS, run_due
from portal.models import Consultation, Job, NarrativeParagraph
from portal.rules.words import CommentState, JobState
from portal.services import jobs, moderation, narrating, points, summaries, wording
from tests import factories
from tests.factories import NOON


class Service(ThreadingHTTPServer):
    """Says what `words` says, as an OpenAI-compatible service does, or what `raw` says."""

    daemon_threads = True
    words = "建议每日巡查两次。[C-1、C-2]"
    raw: bytes | None = None
    status = 200
    wait = 0.0

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization"), told))
        content = self.server.raw
        if content is None:
            content = json.dumps({"choices": [{"message": {"content": self.server.words}}]}).encode()
        self.send_response(self.server.status)
        self.end_headers()
        for at in range(0, len(content), 20):
            try:
                self.wfile.write(content[at : at + 20])
                self.wfile.flush()
            except OSError:
                return
            time.sleep(self.server.wait)

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    made = Service()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def drafter(database, seal):
    """Two published comments in one point, and a third elsewhere; who asks."""
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made)
        for path, body in (
            (("二、", "（一）"), "建议每日巡查两次，电话13800001234。"), (("二、", "（一）"), "应当每日巡查两次。"), (("一、",), "好。"),
        ):  # fmt: skip
            comment = factories.submission(made, found, body, path=path)[0]
            moderation.decide(
                session, made.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON,
                masks=moderation.suggested_masks(comment),
            )  # fmt: skip
        points.renew(session, found, NOON)
        actor = made.actor(Role.DRAFTER)
        session.commit()
    return actor


def proposed(database, seal, drafter, service):
    """What became of asking for words for the point of C-1: the job and the paragraphs there are."""
    with database.transaction() as session:
        found = session.get_one(Consultation, 1)
        key = next(
            each.point.key for one in points.stored(session, found).values() for each in one if 1 in each.numbers
        )
        wording.ask(session, drafter, found, key, NOON)
    run_due(database, KINDS, lambda: jobs.Setting(seal, "", NOON, service))
    with database.reader() as session:
        return session.scalars(select(Job).order_by(Job.id.desc())).first(), list(
            session.scalars(select(NarrativeParagraph))
        )


def test_a_good_answer_is_a_marked_proposal_and_in_no_summary(database, seal, drafter, service):
    job, found = proposed(database, seal, drafter, jobs.WordingService(service.url, "qwen", "k"))
    assert (job.state, job.fault) == (JobState.DONE, "")
    assert [(each.words, each.is_proposed, each.written_by_id) for each in found] == [(service.words, True, None)]
    path, key, told = service.asked[0]
    assert (path, key, told["model"]) == ("/v1/chat/completions", "Bearer k", "qwen")
    assert "13800001234" not in json.dumps(told, ensure_ascii=False)
    with database.transaction() as session:
        consultation = session.get_one(Consultation, 1)
        assert summaries.summarise(session, consultation, NOON).narrative == ()
        narrating.write(session, drafter, consultation, "2-1", found[0].words, NOON, found[0].id)
        assert [each.words for each in summaries.summarise(session, consultation, NOON).narrative] == [service.words]


@pytest.mark.parametrize(
    "words", ["建议每日巡查两次。", "建议每日巡查两次。[C-99]", "好。[C-3]", "巡查。[C-1]人人都满意。"]
)
def test_words_without_the_references_of_the_point_are_refused(database, seal, drafter, service, words):
    service.words = words
    job, found = proposed(database, seal, drafter, jobs.WordingService(service.url))
    assert found == []
    assert job.state is JobState.FAILED
    assert "没有逐句注明" in job.fault


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"not json", 200), (b"{}", 200), (b'{"choices": []}', 200), (b"x" * 400_000, 200), (b"no", 500), (b"", 200),
     (json.dumps({"choices": [{"message": {"content": "长" * 900}}]}).encode(), 200)],
)  # fmt: skip
def test_a_bad_answer_is_said_and_nothing_is_kept(database, seal, drafter, service, raw, status):
    service.raw, service.status = raw, status
    job, found = proposed(database, seal, drafter, jobs.WordingService(service.url))
    assert (found, job.state) == ([], JobState.FAILED)
    assert "无法使用" in job.fault


def test_a_slow_answer_is_given_up(database, seal, drafter, service):
    service.wait = 0.2
    began = time.monotonic()
    job, found = proposed(database, seal, drafter, jobs.WordingService(service.url, timeout=0.5))
    assert (found, job.state) == ([], JobState.FAILED)
    assert "没有回答" in job.fault
    assert time.monotonic() - began < 10


def test_nobody_answers(database, seal, drafter):
    job, found = proposed(database, seal, drafter, jobs.WordingService("http://127.0.0.1:1/v1", timeout=1))
    assert (found, job.state) == ([], JobState.FAILED)
    assert "没有回答" in job.fault


@pytest.mark.parametrize("service", [None, jobs.WordingService("http://192.0.2.1.example.invalid/v1", timeout=1)])
def test_off_or_unknown(database, seal, drafter, service):
    job, found = proposed(database, seal, drafter, service)
    assert (found, job.state) == ([], JobState.FAILED)
    assert job.fault


def test_an_address_outside_the_own_network_is_not_asked():
    with pytest.raises(ValueError, match="not on a private network"):
        wording._require_own_network("8.8.8.8", 443)
