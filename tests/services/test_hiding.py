"""Personal data that was overlooked: hidden after it was public, wherever it was published, for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal import reports
from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotValid
from portal.models import AuditEvent, SummaryFile
from portal.reports.hiding import hidden
from portal.rules.words import CommentState, FeedbackForm
from portal.services import (
    audit,
    building,
    finding,
    hiding,
    moderation,
    published_results,
    results,
    summaries,
    verifying,
)
from portal.services.masking import HIDDEN
from portal.services.results import Plan
from tests import factories
from tests.factories import NOON
from tests.services.test_responding import AFTER, published, respond

WHO = "桥头张家老三"
BODY = f"每日应当巡查两次，可以问{WHO}，他最清楚。"
LATER = AFTER + timedelta(days=3)


@pytest.fixture
def found(world):
    return factories.consultation(world)


@pytest.fixture
def out(world, found):
    """Three comments, two of which name somebody, answered and published, with a summary that was kept."""
    comments = [published(world, found, body)[0] for body in (BODY, f"{WHO}也这样说。", "保洁员太少。")]
    respond(world, found, [c.number for c in comments], "explained", reason=f"已向{WHO}说明。")
    results.publish(
        world.session, world.seal, world.actor(Role.PUBLISHER), found, AFTER, Plan(form=FeedbackForm.BY_CLAUSE)
    )
    summaries.freeze(world.session, world.actor(Role.DRAFTER), found, AFTER, "https://example.gov.cn")
    return comments


def hide(world, comment, words=WHO, note="提出人来电要求。", is_everywhere=False, role=Role.MODERATOR, **changes):
    return hiding.hide(
        world.session,
        world.actor(role),
        comment,
        words,
        note=note,
        is_everywhere=is_everywhere,
        revision=changes.get("revision", comment.revision),
        at=LATER,
    )


def kept_of(world, found):
    return summaries.kept_summary(world.session, found, 1)


def everything_published(world, found):
    """Every text the public can read of the outcome."""
    (result,) = published_results.versions(world.session, found, LATER)
    page = published_results.page(world.session, result, 1, None)
    summary = reports.public_copy(summaries.shown(world.session, kept_of(world, found)))
    return "\n".join(
        [
            str(published_results.feedback_of(world.session, result)),
            str(published_results.whole(world.session, result)),
            str(page.rows),
            *(reports.render(name, summary).decode() for name in ("html", "csv", "json")),
        ]
    )


def test_it_is_gone_wherever_it_was_published(world, found, out):
    assert WHO in everything_published(world, found)
    assert finding.find(world.session, WHO, LATER).groups
    assert hide(world, out[0], is_everywhere=True) == hiding.Done(2, 0)
    assert out[0].public_body == f"每日应当巡查两次，可以问{HIDDEN}，他最清楚。"
    assert out[1].public_body == f"{HIDDEN}也这样说。"
    assert WHO not in everything_published(world, found)
    assert HIDDEN in everything_published(world, found)
    assert finding.find(world.session, WHO, LATER).groups == []


def test_what_was_published_and_kept_stays_as_it_was(world, found, out):
    hide(world, out[0], is_everywhere=True)
    (result,) = published_results.versions(world.session, found, LATER)
    assert published_results.is_whole(world.session, result)
    assert WHO in str(summaries.thaw(kept_of(world, found)))
    assert out[0].body == BODY


def test_only_this_comment_unless_asked(world, found, out):
    assert hide(world, out[0]) == hiding.Done(1, 1)
    assert WHO in out[1].public_body
    assert hiding.others(world.session, out[2], WHO) == 1


def test_what_was_hidden_before_stays_hidden(world, found):
    comment = factories.submission(world, found, f"电话13800138000，找{WHO}，勿外传。")[0]
    masks = moderation.suggested_masks(comment)
    moderation.decide(
        world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON, masks=masks
    )
    before = comment.public_body
    hide(world, comment)
    assert comment.public_body == before.replace(WHO, HIDDEN)
    assert "13800138000" not in comment.public_body
    # and again, with other words
    hide(world, comment, words="勿外传")
    assert comment.public_body == before.replace(WHO, HIDDEN).replace("勿外传", HIDDEN)
    assert hiding.words_hidden(world.session, found.id) == {WHO: HIDDEN, "勿外传": HIDDEN}


@pytest.mark.parametrize("name", [*reports.FORMATS, building.REDLINE])
@pytest.mark.parametrize("is_made_before", [True, False])
def test_a_file_made_before_or_after_is_right(world, found, out, name, is_made_before):
    kept = kept_of(world, found)
    content = building.made(world.session, kept, name)[1] if is_made_before else b""
    hide(world, out[0], is_everywhere=True)
    if not is_made_before:
        content = building.made(world.session, kept, name)[1]
    assert verifying.verify(world.session, name.removeprefix("redline."), content).faults == ()


def test_a_file_with_other_words_hidden_is_not_right(world, found, out):
    summary = summaries.thaw(kept_of(world, found))
    hide(world, out[0], is_everywhere=True)
    other = hidden(summary, {"保洁员太少": HIDDEN})
    faults = verifying.verify(world.session, "csv", reports.render("csv", other)).faults
    assert faults


def test_built_files_are_made_anew(world, found, out):
    kept = kept_of(world, found)
    world.session.add(
        SummaryFile(summary_id=kept.id, name="csv", media_type="text/csv", size=1, digest="0" * 64, content=b"x",
                    made_at=NOON)
    )  # fmt: skip
    world.session.flush()
    hide(world, out[0])
    assert world.session.scalars(select(SummaryFile)).all() == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("张", "太短"),
        ("1380", "太短"),
        ("没有这几个字", "公开的文字里没有"),
        ("巡查", "也是征求意见稿里的文字"),
        ("", "太短"),
        ("长" * 201, "最多200字"),
    ],
)
def test_words_that_would_spoil_other_texts_are_refused(world, found, out, words, sentence):
    with pytest.raises(NotValid, match=sentence) as refused:
        hide(world, out[0], words=words)
    assert refused.value.fault == "hidden_words"
    assert out[0].public_body == BODY


def test_why_has_to_be_said(world, found, out):
    with pytest.raises(NotValid, match="写明为什么") as refused:
        hide(world, out[0], note=" ")
    assert refused.value.fault == "note"


def test_only_what_is_public_is_hidden(world, found):
    comment = factories.submission(world, found, BODY)[0]
    with pytest.raises(NotValid, match="没有公开"):
        hide(world, comment)


def test_only_moderators_hide(world, found, out):
    with pytest.raises(NotAllowed):
        hide(world, out[0], role=Role.DRAFTER)


def test_the_second_of_two_is_told(world, found, out):
    revision = out[0].revision
    hide(world, out[0], revision=revision)
    with pytest.raises(AlreadyDone):
        hide(world, out[0], words="他最清楚", revision=revision)


def test_it_is_in_the_record_and_stays(world, found, out):
    hide(world, out[0])
    last = moderation.last_decision(world.session, out[0].id)
    assert (last.hides_more, last.note, last.from_state) == (True, "提出人来电要求。", CommentState.PUBLISHED)
    event = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.act, event.details["added"]) == ("comment.hide", 1)
    assert WHO not in str(event.details)
    assert list(audit.verify(world.session)) == []
    assert moderation.undoable(world.session, world.actor(Role.MODERATOR), LATER) is None
    world.session.commit()
    for statement in ("DELETE FROM late_redaction", "UPDATE late_redaction SET consultation_id = 1"):
        with pytest.raises(IntegrityError, match="hidden"):
            world.session.execute(text(statement))
        world.session.rollback()


def test_an_ordinary_undo_does_not_bring_it_back(world, found):
    (comment,) = published(world, found, BODY)
    hide(world, comment)
    with pytest.raises(NotValid, match="不能一键恢复"):
        moderation.undo(world.session, world.actor(Role.MODERATOR), comment, revision=comment.revision, at=LATER)


def test_more_than_one_act_can_take_are_left_and_said(world, found, monkeypatch):
    monkeypatch.setattr(hiding, "MOST", 3)
    comments = [published(world, found, f"{WHO}说的第{n}件事。")[0] for n in range(5)]
    assert hide(world, comments[0], is_everywhere=True) == hiding.Done(3, 2)
    left = next(c for c in comments if WHO in c.public_body)
    assert hide(world, left, is_everywhere=True) == hiding.Done(2, 0)


def test_a_group_is_found_by_its_name_as_it_is_shown(world, found, out):
    hide(world, out[0], is_everywhere=True)
    (result,) = published_results.versions(world.session, found, LATER)
    for group in published_results.feedback_of(world.session, result).groups:
        assert published_results.page(world.session, result, 1, None, group.subject).total == group.count
