"""The second round of the 廊坊 draft: divided, moved, removed, renumbered, and no comment loses its words or place."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from portal import drafts
from portal.access import Role
from portal.models import Comment, Lineage, Placement
from portal.rules.words import CommentState, PlacementKind
from portal.services import moderation, versions
from tests import factories
from tests.factories import NOON
from tests.web.test_office import OFFICE, office

#: what is said, on which clause of the first version, and where it is to stand in the second
SAID = [
    (("五、", "(一)"), "科技創新應當擺在全局位置,各縣黨委要定期研究。", "5-1"),
    (("五、", "(一)"), "聯席會議多久開一次,由誰召集,應當寫明。", "5-2"),
    (("五、", "(二)"), "任務分解要公開到人。", "5-3"),
    (("五、", "(三)"), "包聯企業不要變成參觀。", "5-4"),
    (("五、", "(四)"), "宣傳要講失敗的教訓。", "all"),
    (("四、", "(五)", "20."), "創新方法培訓要送到縣里。", "3-5"),
    (("四、", "(二)", "5."), "人才庫要向縣域企業開放。", "4-2-5"),
    ((), "建議增加資金安排附表。", "all"),
]


def second_version(text: str) -> str:
    """The draft after the first round: 五(一) in two, 五(二) and (三) renumbered, (四) removed, 20. moved to 三."""
    lines = text.split("\n")

    def place(start: str) -> int:
        return next(i for i, line in enumerate(lines) if line.startswith(start))

    first = lines[place("(一)加強組織領導")]
    heading, rest = first.split("。", 1)
    begun, goes_on = rest.rsplit(";", 1)
    lines[place("(一)加強組織領導")] = f"{heading}。{begun}。\n\n(二)健全工作機制。{goes_on}"
    lines[place("(二)壓實工作責任")] = lines[place("(二)壓實工作責任")].replace("(二)", "(三)", 1)
    lines[place("(三)優化營商環境")] = lines[place("(三)優化營商環境")].replace("(三)", "(四)", 1)
    del lines[place("(四)加大宣傳力度")]
    moved = lines.pop(place("20.")).removeprefix("20.")
    lines.insert(place("四、"), f"(五){moved}\n")
    return "\n".join(lines)


@pytest.fixture
def langfang(app, seal, shared):
    """The seed published, everything of SAID published on it, and its second version in preparation."""
    text = next((shared / "seeds").glob("002_*.txt")).read_text(encoding="utf-8")
    with app.extensions["database"].writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made, text=text)
        for path, body, _ in SAID:
            (comment,) = factories.submission(made, found, body, path=path)
            moderation.decide(
                session, made.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON, masks=[]
            )
        publisher = made.actor(Role.PUBLISHER)
        versions.prepare(session, publisher, found, drafts.parse(second_version(text)), source_name="第二稿", at=NOON)
        session.commit()
    return app


def fates(session) -> dict[str, set[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """What the comparison proposes, by kind, leaving out what was kept."""
    found: dict[str, set[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for row in session.scalars(select(Lineage)):
        if row.kind not in ("kept", "changed"):
            found.setdefault(row.kind, set()).add((tuple(row.old_labels), tuple(row.new_labels)))
    return found


def test_every_comment_stands_beside_its_words_and_its_confirmed_place(langfang):
    database = langfang.extensions["database"]
    with database.reader() as session:
        assert fates(session) == {
            "split": {(("5-1",), ("5-1", "5-2"))},
            "renumbered": {(("5-2",), ("5-3",)), (("5-3",), ("5-4",))},
            "removed": {(("5-4",), ())},
            "moved": {(("4-5-20",), ("3-5",))},
        }
        words = {c.number: (c.body, c.clause.text if c.clause else "") for c in session.scalars(select(Comment))}
    publisher = office(langfang, "publisher")

    # a person confirms what became of each clause, then where the comments on the divided one stand
    note = {"note": "按意见修改。"}
    assert publisher.post(f"{OFFICE}/versions/publication", data=note).status_code == 422
    assert publisher.post(f"{OFFICE}/versions/lineage", data={}).status_code == 302
    assert publisher.post(f"{OFFICE}/versions/publication", data=note).status_code == 422
    listed = publisher.page(f"{OFFICE}/versions/places/").text
    assert "没有对应条款的1条" in re.sub(r"\s", "", listed)
    assert "宣傳要講失敗的教訓" in listed  # the orphan is listed
    assert publisher.post(f"{OFFICE}/versions/places/", data={}).status_code == 302
    with database.reader() as session:
        undecided = session.scalars(select(Placement).where(Placement.confirmed_at.is_(None))).all()
        waiting = [row.comment.number for row in undecided]
    for number in waiting:
        publisher.post(f"{OFFICE}/versions/places/one", data={"number": number, "label": SAID[number - 1][2]})
    answer = publisher.post(f"{OFFICE}/versions/publication", data=note)
    assert answer.status_code == 302

    reader = langfang.test_client()
    for number, (path, body, label) in enumerate(SAID, 1):
        address = "/consultations/hehu/clauses/" + label
        page = reader.page(address).source
        voices = page[page.index('id="heard"') :]
        assert body in voices, (body, label)
        if label != "all" or path:
            assert "第1稿" in voices  # it says on which words it was made
        for other in {"5-1", "5-2", "5-3", "5-4", "3-5"} - {label}:
            elsewhere = reader.page("/consultations/hehu/clauses/" + other).source
            assert body not in elsewhere[elsewhere.index('id="heard"') :], (number, other)
    with database.reader() as session:
        after = {c.number: (c.body, c.clause.text if c.clause else "") for c in session.scalars(select(Comment))}
        orphans = session.scalars(select(Placement).where(Placement.kind == PlacementKind.ORPHANED)).all()
        assert [row.comment.number for row in orphans] == [5]
    assert after == words


def test_who_answers_sees_what_a_comment_on_a_removed_clause_was_made_on(langfang):
    publisher = office(langfang, "publisher")
    publisher.post(f"{OFFICE}/versions/lineage", data={})
    publisher.post(f"{OFFICE}/versions/places/", data={})
    with langfang.extensions["database"].writer() as session:
        comment = session.scalars(select(Comment).where(Comment.number == 5)).one()
        citation, words = comment.clause.citation, comment.clause.words
        waiting = session.scalars(select(Placement).where(Placement.confirmed_at.is_(None))).all()
        numbers = [row.comment.number for row in waiting]
    for number in numbers:
        publisher.post(f"{OFFICE}/versions/places/one", data={"number": number, "label": SAID[number - 1][2]})
    assert publisher.post(f"{OFFICE}/versions/publication", data={"note": "按意见修改。"}).status_code == 302
    drafter = office(langfang, "drafter")
    page = drafter.page(f"{OFFICE}/responses/5").text
    assert f"意见针对第1稿：{citation}" in page
    assert all(paragraph in page for paragraph in words.split("\n"))
    # and so does whoever answers another comment on the whole draft, beside which it stands
    assert f"针对第1稿{citation}" in drafter.page(f"{OFFICE}/responses/8").text
    # of a clause that stands somewhere else now, the words stand there already
    assert drafter.page(f"{OFFICE}/responses/6").text.count("意见针对第1稿") == 1
