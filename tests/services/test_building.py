"""Files of a summary are built in the background, survive a restart, fail loudly; the archive holds everything."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import reports
from portal.access import Role
from portal.cli.work import KINDS, run_due
from portal.errors import NotAllowed
from portal.models import Consultation, Job, SummaryFile
from portal.rules.words import CommentState, JobState, SummaryState
from portal.services import archiving, building, jobs, moderation, summaries
from tests import factories
from tests.factories import NOON


@pytest.fixture
def kept(database, seal):
    """A kept summary of three comments, its files asked for; who made the world."""
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made)
        shown, hidden, _ = factories.submission(
            made, found, "电话13800001234，公开。", "广告", "没有审", email="zhang@example.com", name="张三"
        )
        moderator = made.actor(Role.MODERATOR)
        moderation.decide(
            session, moderator, shown, CommentState.PUBLISHED, revision=0, at=NOON,
            masks=moderation.suggested_masks(shown),
        )  # fmt: skip
        moderation.decide(
            session, moderator, hidden, CommentState.WITHHELD, revision=0, at=NOON, reason_code="P3", note="广告。"
        )
        building.freeze(session, made.actor(Role.DRAFTER), found, NOON, "https://example.gov.cn")
        actors = {role: made.actor(role) for role in Role}
        session.commit()
    return actors


def at(seal, moment=NOON):
    return lambda: jobs.Setting(seal, "https://example.gov.cn", moment)


def built(database):
    with database.reader() as session:
        return {file.name: file.content for file in session.scalars(select(SummaryFile).order_by(SummaryFile.id))}


def test_every_file_is_built_and_the_same_as_made_at_once(database, seal, kept):
    assert run_due(database, KINDS, at(seal)) == len(building.NAMES)
    found = built(database)
    assert tuple(found) == building.NAMES
    with database.reader() as session:
        summary = summaries.thaw(summaries.kept_summary(session, session.get_one(Consultation, 1), 1))
        job = session.scalars(select(Job)).one()
        assert (job.state, job.done) == (JobState.DONE, len(building.NAMES))
    for name in reports.FORMATS:
        assert found[name] == reports.render(name, summary), name


def test_it_goes_on_after_a_restart_where_it_was(database, seal, kept):
    steps = iter([False, False, False, True])
    run_due(database, KINDS, at(seal), lambda: next(steps))
    with database.reader() as session:
        assert session.scalar(select(func.count(SummaryFile.id))) == 3
    assert run_due(database, KINDS, at(seal)) == len(building.NAMES) - 3
    assert tuple(built(database)) == building.NAMES


def test_it_fails_loudly(database, seal, kept, monkeypatch):
    def broken(_session, _kept, _name):
        raise MemoryError("too large")

    monkeypatch.setattr(building, "made", broken)
    for hours in range(8):
        run_due(database, KINDS, at(seal, NOON + timedelta(hours=hours)))
    with database.reader() as session:
        job = building.newest_jobs(session, session.get_one(Consultation, 1))[1]
        assert (job.state, job.fault) == (JobState.FAILED, "MemoryError: too large")


def test_the_archive_holds_everything_but_what_is_restricted(database, seal, kept):
    run_due(database, KINDS, at(seal))
    archive = zipfile.ZipFile(io.BytesIO(built(database)["archive.zip"]))
    names = archive.namelist()
    for part in ("1 公告/公告.txt", "2 征求意见稿/第1稿.txt", "2 征求意见稿/起草说明.txt", "3 来稿/意见办理表.csv",
                 "3 来稿/审核决定.csv", "5 汇总报告 第1份/意见汇总报告.pdf", "6 日志/日志摘录.jsonl"):  # fmt: skip
        assert part in names, names
    manifest = json.loads(archive.read("清单.json"))
    assert {each["name"] for each in manifest["files"]} == set(names) - {"清单.json"}
    for each in manifest["files"]:
        content = archive.read(each["name"])
        assert (each["size"], each["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        if "sm3" in hashlib.algorithms_available:
            assert each["sm3"] == hashlib.new("sm3", content).hexdigest()
    whole = b"".join(archive.read(name) for name in names).decode("utf-8", "ignore")
    for secret in ("13800001234", "zhang@example.com", "张三"):
        assert secret not in whole
    rows = list(csv.reader(io.StringIO(archive.read("3 来稿/意见办理表.csv").decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:]] == ["公开", "不予公开", "待审"]


def test_the_restricted_archive_is_for_those_who_may_and_is_logged(database, seal, kept):
    with database.transaction() as session:
        found = session.get_one(Consultation, 1)
        summary = summaries.kept_summary(session, found, 1)
        with pytest.raises(NotAllowed):
            building.ask_restricted(session, kept[Role.DRAFTER], found, summary, NOON)
        building.ask_restricted(session, kept[Role.MODERATOR], found, summary, NOON)
    run_due(database, KINDS, at(seal))
    archive = zipfile.ZipFile(io.BytesIO(built(database)[building.SEALED_ARCHIVE]))
    words = archive.read("3 来稿（限制查阅）/原文和联系方式.csv").decode("utf-8-sig")
    assert "13800001234" in words
    assert "zhang@example.com" in words


def test_the_archive_tells_who_signed(database, seal, kept):
    with database.transaction() as session:
        found = session.get_one(Consultation, 1)
        summary = summaries.kept_summary(session, found, 1)
        building.sign(session, kept[Role.MODERATOR], found, summary, SummaryState.REVIEWED, NOON, "核对过")
    run_due(database, KINDS, at(seal))
    archive = zipfile.ZipFile(io.BytesIO(built(database)["archive.zip"]))
    signed = json.loads(archive.read("5 汇总报告 第1份/签发.json"))["signatures"]
    assert [(each["state"], each["note"]) for each in signed] == [("已复审", "核对过")]


def test_the_same_data_gives_the_same_archive(database, seal, kept):
    run_due(database, KINDS, at(seal))
    with database.reader() as session:
        found = session.get_one(Consultation, 1)
        summary = summaries.kept_summary(session, found, 1)
        files = {name: content for name, content in built(database).items() if name not in ("archive.zip",)}
        assert archiving.pack(session, found, summary, files, None) == built(database)["archive.zip"]


def test_a_large_summary_is_gathered_in_the_background_too(database, seal, kept, monkeypatch):
    run_due(database, KINDS, at(seal))
    monkeypatch.setattr(building, "GATHERED_AT_ONCE", 2)
    with database.transaction() as session:
        found = session.get_one(Consultation, 1)
        assert building.freeze(session, kept[Role.DRAFTER], found, NOON, "") is None
        assert building.freeze(session, kept[Role.DRAFTER], found, NOON, "") is None
    for _ in range(2):  # the summary, then the files it asked for
        run_due(database, KINDS, at(seal, NOON + timedelta(minutes=5)))
    with database.reader() as session:
        found = session.get_one(Consultation, 1)
        second = summaries.kept_summary(session, found, 2)
        assert second.cut_off_at == NOON + timedelta(minutes=5)
        assert second.made_by_id == kept[Role.DRAFTER].account_id
        assert building.newest_freeze(session, found).state is JobState.DONE
        assert {file.name for file in building.files(session, second)} == set(building.NAMES)
        assert len(summaries.kept_summaries(session, found)) == 2
