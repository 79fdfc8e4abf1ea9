"""The search finds what is public, on both databases alike, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.drafts import parse
from portal.models import SearchEntry
from portal.rules.words import CommentState, Findable
from portal.services import finding, lineage, moderation, searching, versions
from tests import factories
from tests.factories import NOON


def decide(world, comment, to):
    moderation.decide(world.session, world.actor(Role.MODERATOR), comment, to, revision=comment.revision, at=NOON)


@pytest.fixture
def reason(world):
    """The code of a ground for withholding that there is."""
    from portal.services import reference

    return reference.withholding_reasons(world.session)[0].code


def found(world, query, **more):
    answer = finding.find(world.session, query, NOON, **more)
    return [
        (hit.kind.value, hit.comment.reference if hit.comment else hit.clause.label if hit.clause else "")
        for group in answer.groups
        for hit in group.hits
    ]


def test_titles_and_clauses_are_found_once_published(world):
    unpublished = factories.prepared(world)
    assert finding.find(world.session, "河湖保洁", NOON).groups == []
    from portal.services import publishing

    publishing.publish(world.session, world.actor(Role.PUBLISHER), unpublished, unpublished.window.opens_at)
    answer = finding.find(world.session, "河湖保洁", NOON)
    assert [group.consultation.slug for group in answer.groups] == ["hehu"]
    assert answer.counts[Findable.TITLE] == 1
    assert ("河湖保洁", True) in answer.groups[0].title
    assert finding.find(world.session, "河湖保洁", unpublished.window.opens_at - timedelta(seconds=1)).groups == []


@pytest.mark.parametrize(
    "query",
    [
        "巡查制度",
        "城区河道每日",
        "城區河道",
        "“城区河道 ”",
        "巡查 农村",
        "每公里配備保潔員１名",
        "２００万元",
        "200",
        "市",
        "建立巡查制度。城区",
    ],
)
def test_clauses_are_found_in_any_script_and_width(world, query):
    factories.consultation(world)
    assert any(kind == "clause" for kind, _ in found(world, query)), query


def test_a_phrase_is_exact_and_words_apart_are_all_there(world):
    factories.consultation(world)
    assert found(world, "巡查农村") == []
    assert ("clause", "2-1") in found(world, "巡查 农村")
    assert found(world, "巡查 没有这样的话") == []
    # 河道 and 道巡 and 巡查 all stand in one comment, 河道巡查 in the other
    on = world.session.scalars(select(searching.Consultation)).one()
    apart, together = factories.submission(world, on, "沿河道和人行道巡视，检查巡查点。", "河道巡查要公开。")
    for comment in (apart, together):
        decide(world, comment, CommentState.PUBLISHED)
    assert [r for k, r in found(world, "河道巡查") if k == "comment"] == ["C-2"]


def test_letters_are_folded_and_found_by_their_beginning(world):
    on = factories.consultation(world)
    (comment,) = factories.submission(world, on, "建议用ＷｉＦｉ和 IPv6 传感器，见 ISO-9001。")
    decide(world, comment, CommentState.PUBLISHED)
    for query in ("wifi", "WIFI", "wi", "ipv6", "ISO-9001", "传感器，见 iso"):
        assert ("comment", "C-1") in found(world, query), query
    assert ("comment", "C-1") not in found(world, "fi")


def test_only_published_comments_are_ever_found(world, reason):
    """TC-F01: pending and withheld text is not reachable by search, and neither is what was masked."""
    on = factories.consultation(world)
    (comment,) = factories.submission(world, on, "我叫欧阳建国，河堤夜里太暗，建议加装路灯。")

    def is_found(query="河堤夜里"):
        return ("comment", comment.reference) in found(world, query)

    def move(to, **more):
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, to, revision=comment.revision, at=NOON, **more
        )

    assert not is_found()
    move(CommentState.PUBLISHED, masks=moderation.masks_of_words(comment, "欧阳建国"), note="已隐去姓名")
    assert is_found()
    assert not is_found("欧阳建国")
    move(CommentState.WITHHELD, reason_code=reason, note="含他人信息")
    assert not is_found()
    move(CommentState.PENDING)
    assert not is_found()
    move(CommentState.PUBLISHED, note="可以公开", masks=moderation.masks_of_words(comment, "欧阳建国"))
    assert is_found()


def test_an_index_that_is_behind_shows_nothing_that_is_not_public(world):
    on = factories.consultation(world)
    (comment,) = factories.submission(world, on, "河堤夜里太暗。")
    decide(world, comment, CommentState.PUBLISHED)
    comment.state = CommentState.WITHDRAWN
    world.session.flush()
    assert found(world, "河堤夜里") == []


def test_building_again_changes_nothing(world):
    on = factories.consultation(world)
    for comment in factories.submission(world, on, "河堤夜里太暗。", "建议加装路灯。", "第三条意见。")[:2]:
        decide(world, comment, CommentState.PUBLISHED)

    def entries():
        columns = (SearchEntry.id, SearchEntry.kind, SearchEntry.subject_id, SearchEntry.folded, SearchEntry.tokens)
        return world.session.execute(select(*columns).order_by(SearchEntry.id)).all()

    before = entries()
    assert len([row for row in before if row.kind is Findable.COMMENT]) == 2
    assert searching.rebuild_drafts(world.session) == 1 + len(on.version.clauses)
    assert searching.rebuild_comments(world.session) == (2, None)
    assert entries() == before
    world.session.execute(searching.delete(SearchEntry))
    searching.complete(world.session)
    assert entries() == before
    assert ("comment", "C-1") in found(world, "河堤")


def test_many_comments_are_indexed_in_steps(world, monkeypatch):
    on = factories.consultation(world)
    for comment in factories.submission(world, on, *(f"第{n}条说路灯" for n in range(5))):
        decide(world, comment, CommentState.PUBLISHED)
    monkeypatch.setattr(searching, "BATCH", 2)
    after, written = 0, 0
    while after is not None:
        some, after = searching.rebuild_comments(world.session, after)
        written += some
    assert written == 5
    assert len(found(world, "路灯", kind=Findable.COMMENT)) == 5


def test_the_next_version_takes_the_place_of_the_last(world):
    on = factories.consultation(world)
    publisher = world.actor(Role.PUBLISHER)
    draft = parse(factories.DRAFT.replace("每周巡查一次", "每旬巡查一次"))
    version = versions.prepare(world.session, publisher, on, draft, source_name="第二稿.txt", at=NOON)
    assert found(world, "每旬巡查") == []
    for line in lineage.lines(world.session, version):
        line.confirmed_at = NOON
    versions.publish(world.session, publisher, on, "改为每旬。", NOON)
    assert found(world, "每旬巡查") == [("clause", "2-1")]
    assert found(world, "每周巡查") == []


@pytest.mark.parametrize(
    "query",
    ['"', "'", "' OR 1=1 --", '河道" OR "', "NEAR(河道 巡查)", "tokens:河道", "河道*", "^河道", "(", "河道 AND", "NOT 河道",
     "河道 | 巡查", "河道:*", "!河道", "<->", "\\", "河道\x00", "§comment", "%", "_", "💧", "\ud800", "a" * 5000, "河" * 5000,
     " ".join(f"词{n}" for n in range(500))],
)  # fmt: skip
def test_no_query_has_a_syntax(world, query):
    factories.consultation(world)
    answer = finding.find(world.session, query, NOON)
    assert len(answer.terms) <= 8


def test_operators_are_words_like_any_other(world):
    factories.consultation(world)
    assert found(world, "河道 OR 没有这样的话") == []
    assert found(world, "§comment") == []


def test_pages_follow_one_another_without_gap_or_double(world):
    on = factories.consultation(world)
    for comment in factories.submission(world, on, *(f"第{n}条，说巡查" for n in range(45))):
        decide(world, comment, CommentState.PUBLISHED)
    seen, after, pages = [], "", 0
    while after is not None:
        answer = finding.find(world.session, "巡查", NOON, kind=Findable.COMMENT, after=after)
        seen += [hit.comment.number for group in answer.groups for hit in group.hits]
        after, pages = answer.after, pages + 1
    assert seen == list(range(45, 0, -1))
    assert pages == 3
    assert answer.counts[Findable.COMMENT] == 45
    assert finding.find(world.session, "巡查", NOON, kind=Findable.COMMENT, after="' OR 1").groups


def test_every_kind_shows_its_first_few_in_the_order_of_the_draft(world):
    on = factories.consultation(world)
    for comment in factories.submission(world, on, *(f"第{n}条，说巡查" for n in range(12))):
        decide(world, comment, CommentState.PUBLISHED)
    hits = found(world, "巡查")
    clauses = [label for kind, label in hits if kind == "clause"]
    assert clauses == ["2-1", "2-1-1", "2-1-2"]
    assert [label for kind, label in hits if kind == "comment"] == [f"C-{n}" for n in range(12, 4, -1)]


def test_common_words_are_found_by_the_other_way_too(world, monkeypatch):
    """PostgreSQL gathers rare words and walks the table for common ones: both ways give the same."""
    from portal.services import lookup

    on = factories.consultation(world)
    for comment in factories.submission(world, on, *(f"第{n}条，说巡查制度" for n in range(30))):
        decide(world, comment, CommentState.PUBLISHED)
    for query in ("巡查", "巡查制度", "第7条 巡查"):
        rare = finding.find(world.session, query, NOON, kind=Findable.COMMENT)
        with monkeypatch.context() as changed:
            changed.setattr(lookup, "GATHERED", 3 if query == "巡查" else 40)
            changed.setattr(lookup, "COUNTED", 29)
            common = finding.find(world.session, query, NOON, kind=Findable.COMMENT)
        assert common.groups[0].hits == rare.groups[0].hits
        assert common.counts[Findable.COMMENT] == rare.counts[Findable.COMMENT]


def test_one_consultation_can_be_searched(world):
    first = factories.consultation(world)
    second = factories.consultation(world, "liangshi", factories.DRAFT.replace("河道", "粮道"))
    assert {g.consultation.slug for g in finding.find(world.session, "巡查", NOON).groups} == {"hehu", "liangshi"}
    answer = finding.find(world.session, "巡查", NOON, consultation_id=second.id)
    assert {group.consultation.slug for group in answer.groups} == {"liangshi"}
    assert first.id != second.id


def test_the_index_costs_one_row_a_thing(world):
    on = factories.consultation(world)
    entries = world.session.scalar(select(func.count()).select_from(SearchEntry))
    assert entries == 1 + len(on.version.clauses)
