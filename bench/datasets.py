"""Consultations of a given size, made in bulk: A = 60 clauses, 50 comments; B = 300, 50,000; C = 300, 424,000."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from portal.db import Database
from portal.models import (
    Account,
    Bureau,
    Clause,
    Comment,
    CommentWindow,
    Consultation,
    DraftVersion,
    Respondent,
    Submission,
)
from portal.rules import receipts, window
from portal.rules.urgency import Urgency
from portal.rules.words import Channel, CommentState, RespondentKind, Stance
from portal.services import reference


@dataclass(frozen=True, slots=True)
class Size:
    """How many clauses, comments and respondents; what share of the comments are near-duplicates."""

    name: str
    clauses: int
    comments: int
    respondents: int
    duplicates: float


SIZES = {
    "A": Size("A", 60, 50, 30, 0.1),
    "B": Size("B", 300, 50_000, 20_000, 0.3),
    "C": Size("C", 300, 424_000, 85_000, 0.8),
}

_WORDS = [
    "企业",
    "资金",
    "项目",
    "申报",
    "平台",
    "人才",
    "服务",
    "支持",
    "标准",
    "期限",
    "部门",
    "责任",
    "公开",
    "评价",
    "共享",
    "设备",
    "补助",
    "园区",
    "创新",
    "技术",
    "成果",
    "转化",
    "培训",
    "融资",
    "贷款",
    "担保",
    "审批",
    "流程",
    "办理",
    "时限",
    "数据",
    "标识",
    "养老",
    "社区",
    "教育",
    "公寓",
    "租金",
    "交通",
    "环境",
    "监督",
    "投诉",
    "反馈",
    "调整",
    "提高",
    "降低",
]


def _sentence(chance: random.Random, words: int) -> str:
    return "，".join("".join(chance.sample(_WORDS, 4)) for _ in range(words)) + "。"


def make(database: Database, size: Size, seed: int = 7) -> str:
    """Fills an empty database with one open consultation of this size; its slug."""
    chance = random.Random(seed)
    now = datetime.now(UTC)
    today = window.day_in_beijing(now)
    opens_at, closes_at = window.bounds(today - timedelta(days=15), today + timedelta(days=20))
    database.migrate()
    with database.transaction() as session:
        reference.fill(session)
        bureau = Bureau(code="kjj", name="示例市科学技术局", short_name="市科技局")
        consultation = Consultation(
            number=1, slug=f"set-{size.name.lower()}", bureau=bureau, title=f"示例规划（{size.name}）", created_at=now,
            contact_unit="示例市科学技术局", notice="公告", explanatory_note="说明",
        )  # fmt: skip
        consultation.windows.append(
            CommentWindow(opens_at=opens_at, closes_at=closes_at, created_at=now, rule_code="QT")
        )
        version = DraftVersion(
            number=1,
            title=consultation.title,
            source_name="规划.txt",
            source_text="",
            facts={},
            doubts=[],
            junk=[],
            created_at=now,
        )
        consultation.versions.append(version)
        for position in range(size.clauses):
            chapter, place = divmod(position, 10)
            is_chapter = place == 0
            version.clauses.append(
                Clause(
                    position=position, parent_position=-1 if is_chapter else chapter * 10, depth=0 if is_chapter else 1,
                    kind="chapter" if is_chapter else "cn", number=f"第{chapter + 1}章" if is_chapter else f"{place}、",
                    heading=_sentence(chance, 1)[:10], text="" if is_chapter else _sentence(chance, 12), rows=[],
                    path=[], label=f"{chapter + 1}" if is_chapter else f"{chapter + 1}-{place}",
                    citation=f"第{chapter + 1}章" if is_chapter else f"第{chapter + 1}章{place}", line=position, responsibilities=[],
                )
            )  # fmt: skip
        session.add(consultation)
        session.flush()
        version.published_at = consultation.first_published_at = opens_at
        session.flush()
        clause_ids = [clause.id for clause in version.clauses if clause.kind == "cn"]
        consultation_id = consultation.id
        session.add(Account(
            bureau=bureau, login="moderator", name="审核员", role="moderator", password_hash="", created_at=now  # type: ignore[arg-type]
        ))  # fmt: skip
        session.flush()
        _voices(session, chance, size, consultation_id, clause_ids, opens_at, now)
        consultation.submissions_numbered = size.respondents
        consultation.comments_numbered = size.comments
    return f"set-{size.name.lower()}"


def _voices(session, chance, size, consultation_id, clause_ids, opens_at, now) -> None:  # type: ignore[no-untyped-def]
    templates = [_sentence(chance, 6) for _ in range(40)]
    span = (now - opens_at).total_seconds()
    kinds = [RespondentKind.CITIZEN] * 7 + [RespondentKind.ENTERPRISE] * 2 + [RespondentKind.INSTITUTION]
    people = [
        {"id": n + 1, "kind": chance.choice(kinds), "organisation": "", "uscc": "", "shown_as": "公众", "contact_sealed": "",
         "notice_version": ""}
        for n in range(size.respondents)
    ]  # fmt: skip
    sent = [
        {"id": n + 1, "consultation_id": consultation_id, "respondent_id": n + 1, "channel": Channel.WEB,
         "received_at": opens_at + timedelta(seconds=span * n / size.respondents),
         "receipt_number": receipts.receipt_number(now.year, 1, n + 1), "receipt_digest": "0" * 64, "secret_trace": f"{n:064d}"}
        for n in range(size.respondents)
    ]  # fmt: skip
    for table, rows in ((Respondent, people), (Submission, sent)):
        for start in range(0, len(rows), 20_000):
            session.execute(insert(table), rows[start : start + 20_000])
    states = [CommentState.PUBLISHED] * 8 + [CommentState.PENDING] + [CommentState.WITHHELD]
    stances = list(Stance)
    batch = []
    positions = [0] * (size.respondents + 1)
    for n in range(size.comments):
        owner = n % size.respondents + 1
        body = (
            chance.choice(templates) if chance.random() < size.duplicates else _sentence(chance, chance.randint(2, 9))
        )
        state = chance.choice(states)
        # most of what is said is said on a few clauses, as it is in life
        clause = clause_ids[min(int(chance.expovariate(8 / len(clause_ids))), len(clause_ids) - 1)]
        batch.append(
            {"consultation_id": consultation_id, "submission_id": owner, "clause_id": clause, "position": positions[owner],
             "channel": Channel.WEB, "respondent_kind": people[owner - 1]["kind"], "flags": 0,
             "urgency": Urgency.USUAL if state is CommentState.PENDING else None,
             "number": n + 1, "received_at": sent[owner - 1]["received_at"], "stance": chance.choice(stances), "body": body,
             "proposed_text": "", "quote": "", "state": state, "revision": 0,
             "reason_code": "P4" if state is CommentState.WITHHELD else "",
             "public_body": body if state is CommentState.PUBLISHED else "", "public_proposed_text": ""}
        )  # fmt: skip
        positions[owner] += 1
        if len(batch) == 20_000:
            session.execute(insert(Comment), batch)
            batch = []
    if batch:
        session.execute(insert(Comment), batch)


def database_in(folder: Path, size: Size) -> Database:
    """An SQLite database with this set, made once and kept in the folder."""
    file = folder / f"set-{size.name}.sqlite3"
    database = Database(f"sqlite:///{file}")
    if not file.exists() or file.stat().st_size < 10_000:
        make(database, size)
    return database
