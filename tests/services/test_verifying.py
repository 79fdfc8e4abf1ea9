"""A file of a summary is checked against the database, in every format; every way of being wrong is named."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile

import pytest

from portal import reports
from portal.access import Role
from portal.models import FrozenSummary
from portal.reports import frozen, redline
from portal.rules.words import CommentState
from portal.services import archiving, moderation, narrating, summaries, verifying
from tests import factories
from tests.factories import NOON

BODIES = [
    "建议城区河道每日巡查两次。",
    "城区河道应当每日巡查两次。",
    "保洁员由1名增加到2名。",
    "赞成",
    "参见C-900号文件。",
]


@pytest.fixture
def found(world):
    return factories.consultation(world)


@pytest.fixture
def kept(world, found):
    for body in BODIES:
        comment = factories.submission(
            world, found, body, kind="enterprise", organisation="示例企业", proposed_text="每日巡查两次。"
        )[0]
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON
        )
    narrating.write(world.session, world.actor(Role.DRAFTER), found, "", "多数意见希望加密巡查。[C-1、C-2]", NOON)
    return summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "https://example.gov.cn")


def faults(world, name, content):
    return verifying.verify(world.session, name, content).faults


@pytest.mark.parametrize("name", list(reports.FORMATS))
@pytest.mark.parametrize("is_public", [False, True])
def test_what_we_wrote_is_right(world, kept, name, is_public):
    summary = summaries.thaw(kept)
    content = reports.render(name, reports.public_copy(summary) if is_public else summary)
    assert verifying.verify(world.session, name, content) == verifying.Verified("hehu", 1, ())


@pytest.mark.parametrize("name", list(reports.FORMATS))
def test_a_wrong_reference_figure_or_word_is_named(world, kept, name):
    summary = summaries.thaw(kept)
    first, *rest = summary.clauses
    clauses = {clause.label: clause for clause in rest}
    told = clauses["2-1"]
    lines = told.comments

    def rendered(**changes):
        changed = dataclasses.replace(told, **changes)
        return reports.render(
            name, dataclasses.replace(
                summary, clauses=(first, *(changed if each is told else each for each in rest)), figures=()
            ),
        )  # fmt: skip

    renamed = (dataclasses.replace(lines[0], reference="C-77"), *lines[1:])
    swapped = tuple(
        dataclasses.replace(
            point, references=tuple("C-77" if each == "C-1" else each for each in point.references),
            representative="C-77" if point.representative == "C-1" else point.representative,
        )
        for point in told.points
    )  # fmt: skip
    found = faults(world, name, rendered(comments=renamed, points=swapped))
    assert "文件引用的[C-77]不存在或者没有公开。" in found
    reworded = (dataclasses.replace(lines[0], body="什么都不要改。"), *lines[1:])
    assert any("什么都不要改" in each for each in faults(world, name, rendered(comments=reworded)))


@pytest.mark.parametrize("name", ["csv", "html", "docx", "xlsx"])
def test_a_changed_total_is_named(world, kept, name):
    content = reports.render(name, summaries.thaw(kept))
    right, wrong = "收到5条＝".encode(), "收到6条＝".encode()
    if name in ("docx", "xlsx"):
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
            for each in old.infolist():
                new.writestr(each, old.read(each).replace(right, wrong))
        content = target.getvalue()
    else:
        content = content.replace(right, wrong)
    assert any("收到6条＝" in each and "不符" in each for each in faults(world, name, content))


def test_what_changed_in_the_database_is_named(world, found, kept):
    content = reports.render("json", summaries.thaw(kept))
    comment = factories.submission(world, found, "后来的")[0]
    assert faults(world, "json", content) != ()  # received at the same instant: it belongs to what was counted
    first = world.session.get_one(type(comment), 1)
    moderation.decide(
        world.session, world.actor(Role.MODERATOR), first, CommentState.WITHHELD, revision=1, at=NOON,
        reason_code="P3", note="广告。",
    )  # fmt: skip
    assert "[C-1]现在不是公开的意见（不予公开）。" in faults(world, "json", content)


@pytest.mark.parametrize("name", list(reports.FORMATS))
def test_a_summary_that_was_kept_before_packing_is_checked_as_it_was(world, found, kept, name):
    summary = summaries.thaw(kept)
    values = {key: value for key, value in frozen.plain(summary).items() if key not in ("digest", "is_public")}
    values["number"] = 2
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    earlier = FrozenSummary(
        consultation_id=found.id, number=2, cut_off_at=kept.cut_off_at, content=values, made_at=NOON,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    world.session.add(earlier)
    world.session.flush()
    world.session.expire_all()
    read = summaries.thaw(earlier)
    assert read == dataclasses.replace(summary, number=2, digest=earlier.digest)
    content = reports.render(name, read)
    assert verifying.verify(world.session, name, content) == verifying.Verified("hehu", 2, ())


def test_other_files_are_said_not_to_be_ours(world, kept):
    assert "无法读取" in faults(world, "docx", b"not a file")[0]
    assert "没有数据摘要" in faults(world, "csv", b"a,b\r\n")[0]
    assert "数据库里没有" in faults(world, "csv", b"a," + b"0" * 64)[0]
    content = reports.render("html", summaries.thaw(kept))
    assert faults(world, "html", content[: len(content) // 2] + kept.digest.encode())


# ── the redline and the archive ───────────────────────────────────────────────────────────────────────


def rewritten(content: bytes, name: str, old: str, new: str) -> bytes:
    """A package with words of one of its parts replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as made:
        for each in source.namelist():
            inside = source.read(each)
            if each == name:
                assert old.encode() in inside
                inside = inside.replace(old.encode(), new.encode(), 1)
            made.writestr(each, inside)
    return target.getvalue()


@pytest.fixture
def the_redline(kept):
    return redline.render(summaries.thaw(kept))


@pytest.fixture
def the_archive(world, found, kept, the_redline):
    summary = summaries.thaw(kept)
    built = {name: reports.render(name, summary) for name in reports.FORMATS} | {"redline.docx": the_redline}
    return archiving.pack(world.session, found, kept, built, None)


def test_the_redline_and_the_archive_are_right(world, the_redline, the_archive):
    # a redline is known by what it is, whatever it is called
    for name, content in (("redline.docx", the_redline), ("docx", the_redline), ("zip", the_archive)):
        assert verifying.verify(world.session, name, content) == verifying.Verified("hehu", 1, ())


@pytest.mark.parametrize(
    ("part", "old", "new", "expected"),
    [
        ("word/document.xml", "农村河道每周", "农村河道每月", "拒绝全部修订后与第1稿不符"),
        ("word/document.xml", "做到水面", "使水面", "拒绝全部修订后与第1稿不符"),
        ("word/comments.xml", "意见 C-2，", "意见 C-77，", "[C-77]不存在或者没有公开"),
        ("word/comments.xml", "意见 C-3，", "某人，", "[C-3]没有批注"),
    ],
)
def test_a_redline_that_was_changed_is_named(world, the_redline, part, old, new, expected):
    assert any(expected in fault for fault in faults(world, "docx", rewritten(the_redline, part, old, new)))


def test_a_changed_proposal_is_named(world, the_redline):
    with zipfile.ZipFile(io.BytesIO(the_redline)) as package:
        inserted = package.read("word/document.xml").decode().split("<w:ins ", 1)[1].split('preserve">', 1)[1][:2]
    changed = rewritten(the_redline, "word/document.xml", f'preserve">{inserted}', f'preserve">改{inserted}')
    assert faults(world, "docx", changed)


def test_an_archive_that_was_changed_is_named(world, the_archive):
    name = "2 征求意见稿/第1稿.txt"
    assert faults(world, "zip", rewritten(the_archive, name, "每日", "每月")) == (
        f"“{name}”与清单里的大小或者摘要不符。",
    )
    target = io.BytesIO(the_archive)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("另加.txt", "x")
    assert faults(world, "zip", target.getvalue()) == ("包内的“另加.txt”不在清单里。",)
    lost = rewritten(the_archive, "清单.json", "第1稿.txt", "第9稿.txt")
    assert any("不在包内" in fault for fault in faults(world, "zip", lost))
    assert faults(world, "zip", b"no zip")[0].startswith("文件无法读取")
