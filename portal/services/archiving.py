"""The archive of a consultation (归档包): everything in one ZIP that can be read without this program (rules F.4).

Names are readable, the manifest states the size and the digests of each file (SHA-256, and SM3 where the machine has
it). Original words and contact data are in it only when a seal is given, in a folder of their own.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.models import (
    Attachment,
    AuditEvent,
    Comment,
    Consultation,
    FrozenSummary,
    ModerationDecision,
    Submission,
)  # fmt: skip
from portal.reports import adoption_files
from portal.reports.csvfile import safe
from portal.rules import window
from portal.rules.words import AttachmentPurpose, CommentState
from portal.sealing import Seal
from portal.services import results
from portal.services.identity import CONTACT_CONTEXT

_NO_DATE = (1980, 1, 1, 0, 0, 0)
#: the built files by the names they have in the archive
FILE_NAMES = {
    "docx": "意见汇总报告.docx", "pdf": "意见汇总报告.pdf", "xlsx": "意见汇总表.xlsx", "csv": "公开的意见.csv",
    "json": "意见汇总数据.json", "html": "意见汇总报告.html", "redline.docx": "修订底稿.docx",
}  # fmt: skip


def pack(
    session: Session, consultation: Consultation, kept: FrozenSummary, built: Mapping[str, bytes], seal: Seal | None
) -> bytes:
    """The archive as it stands at the cut-off of a summary, with the files of that summary."""
    target = io.BytesIO()
    manifest = []
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in _members(session, consultation, kept, built, seal):
            _put(archive, name, content)
            manifest.append({"name": name, "size": len(content), **digests(content)})
        told = {
            "consultation": consultation.slug,
            "title": consultation.title,
            "bureau": consultation.publisher,
            "summary": {"number": kept.number, "digest": kept.digest},
            "cut_off_at": kept.cut_off_at.isoformat(),
            "holds_restricted_part": seal is not None,
            "files": manifest,
        }
        _put(archive, "清单.json", _json(told))
    return target.getvalue()


def digests(content: bytes) -> dict[str, str]:
    """The digests of a file; SM3 (GB/T 32905) where OpenSSL has it."""
    found = {"sha256": hashlib.sha256(content).hexdigest()}
    if "sm3" in hashlib.algorithms_available:
        found["sm3"] = hashlib.new("sm3", content).hexdigest()
    return found


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _NO_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, content)


def _members(
    session: Session, consultation: Consultation, kept: FrozenSummary, built: Mapping[str, bytes], seal: Seal | None
) -> Iterator[tuple[str, bytes]]:
    yield "1 公告/公告.txt", _notice(consultation).encode()
    for number, each in enumerate(consultation.windows, 1):
        said = [f"第{number}次公布的征求意见时间", window.words(each.opens_at, each.closes_at)]
        said += [each.shortened_reason, each.announcement]
        yield f"1 公告/期限 第{number}次.txt", "\n".join(filter(None, said)).encode()
    if consultation.explanatory_note:
        yield "2 征求意见稿/起草说明.txt", consultation.explanatory_note.encode()
    for version in consultation.versions:
        if version.published_at is not None:
            lines = [clause.printed for clause in version.clauses]
            yield f"2 征求意见稿/第{version.number}稿.txt", "\n".join(lines).encode()
    for file in session.scalars(
        select(Attachment)
        .where(Attachment.consultation_id == consultation.id, Attachment.purpose == AttachmentPurpose.PUBLISHED)
        .order_by(Attachment.position, Attachment.id)
    ):
        yield f"2 征求意见稿/附件 {file.id} {_plain(file.name)}", file.content
    comments = _comments(session, consultation, kept)
    yield "3 来稿/来稿登记.csv", _table(_REGISTER, (_registered(each) for each in _submissions(comments)))
    yield "3 来稿/意见办理表.csv", _table(_HANDLED, (_handled(comment) for comment in comments))
    yield "3 来稿/审核决定.csv", _table(_DECIDED, _decisions(session, comments))
    if seal is not None:
        yield "3 来稿（限制查阅）/原文和联系方式.csv", _table(_RESTRICTED, (_restricted(c, seal) for c in comments))
    else:
        yield (
            "3 来稿（限制查阅）/说明.txt",
            "意见原文中隐去的个人信息、不予公开的意见的文字和联系方式未收入本包。\n".encode(),
        )
    for result in results.versions(session, consultation, kept.cut_off_at):
        feedback = results.whole(session, result)
        for extension in ("docx", "xlsx"):
            render, _ = adoption_files.FORMATS[extension]
            yield f"4 采纳情况反馈/意见采纳情况反馈（第{result.number}版）.{extension}", render(feedback)
    for name, content in built.items():
        yield f"5 汇总报告 第{kept.number}份/{FILE_NAMES[name]}", content
    signed = [
        {"state": each.state.label, "by": each.signed_by.name if each.signed_by else "", "note": each.note,
         "at": each.signed_at.isoformat(), "digest": each.digest}
        for each in kept.signatures
    ]  # fmt: skip
    yield f"5 汇总报告 第{kept.number}份/签发.json", _json({"digest": kept.digest, "signatures": signed})
    yield "6 日志/日志摘录.jsonl", b"".join(_log(session, consultation, kept))


def _notice(consultation: Consultation) -> str:
    lines = [consultation.title, consultation.publisher, "", consultation.notice]
    if consultation.first_published_at:
        lines.insert(2, f"公布时间：{window.instant_words(consultation.first_published_at)}")
    if consultation.withdrawn_at:
        lines.append(f"{window.instant_words(consultation.withdrawn_at)}撤回：{consultation.withdrawal_reason}")
    return "\n".join(lines)


def _comments(session: Session, consultation: Consultation, kept: FrozenSummary) -> list[Comment]:
    return list(
        session.scalars(
            select(Comment)
            .where(Comment.consultation_id == consultation.id, Comment.received_at <= kept.cut_off_at)
            .options(
                joinedload(Comment.submission).joinedload(Submission.respondent),
                joinedload(Comment.clause),
                joinedload(Comment.response),
            )
            .order_by(Comment.number)
        )
    )


def _submissions(comments: list[Comment]) -> list[Submission]:
    return list({comment.submission_id: comment.submission for comment in comments}.values())


_REGISTER = ("受理编号", "提出方式", "收到时间（北京时间）", "提出人类别", "所在地区", "提出人（公开称谓）", "回执摘要")


def _registered(submission: Submission) -> tuple[str, ...]:
    return (
        submission.receipt_number,
        submission.channel.label,
        f"{window.in_beijing(submission.received_at):%Y-%m-%d %H:%M:%S}",
        submission.respondent.kind.label,
        submission.respondent.region,
        submission.respondent.shown_as,
        submission.receipt_digest,
    )


_HANDLED = (
    "意见编号", "受理编号", "条款", "态度", "状态", "不予公开理由", "意见（公开文本）", "建议改为", "采纳情况", "理由",
    "修改后",
)  # fmt: skip


def _handled(comment: Comment) -> tuple[str, ...]:
    response, is_public = comment.response, comment.state is CommentState.PUBLISHED
    return (
        comment.reference,
        comment.submission.receipt_number,
        comment.clause.citation if comment.clause else "全文",
        comment.stance.label,
        comment.state.label,
        comment.reason_code,
        comment.public_body if is_public else "",
        comment.public_proposed_text if is_public else "",
        response.disposition.label if response else "",
        response.reason if response else "",
        response.changed_text if response else "",
    )


_DECIDED = ("意见编号", "时间", "办理人", "由", "至", "理由代码", "说明")


def _decisions(session: Session, comments: list[Comment]) -> Iterator[tuple[str, ...]]:
    reference_of = {comment.id: comment.reference for comment in comments}
    ids = list(reference_of)
    for start in range(0, len(ids), 500):
        for each in session.scalars(
            select(ModerationDecision)
            .where(ModerationDecision.comment_id.in_(ids[start : start + 500]))
            .options(joinedload(ModerationDecision.decided_by))
            .order_by(ModerationDecision.id)
        ):
            yield (
                reference_of[each.comment_id], each.decided_at.isoformat(), each.decided_by.name,
                each.from_state.label, each.to_state.label, each.reason_code, each.note,
            )  # fmt: skip


_RESTRICTED = ("意见编号", "受理编号", "意见原文", "建议改为原文", "联系方式")


def _restricted(comment: Comment, seal: Seal) -> tuple[str, ...]:
    sealed = comment.submission.respondent.contact_sealed
    contact = seal.open_fields(sealed, CONTACT_CONTEXT) if sealed else {}
    told = "；".join(f"{name}：{value}" for name, value in contact.items() if value)
    return (comment.reference, comment.submission.receipt_number, comment.body, comment.proposed_text, told)


def _log(session: Session, consultation: Consultation, kept: FrozenSummary) -> Iterator[bytes]:
    subject = f"consultation:{consultation.slug}"
    for event in session.scalars(
        select(AuditEvent)
        .where(
            or_(AuditEvent.subject == subject, AuditEvent.subject.startswith(subject + "/", autoescape=True)),
            AuditEvent.at <= kept.made_at,
        )
        .order_by(AuditEvent.id)
    ):
        told = {
            "id": event.id, "at": event.at.isoformat(), "actor": event.actor, "act": event.act,
            "subject": event.subject, "details": event.details, "hash": event.hash,
        }  # fmt: skip
        yield json.dumps(told, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]] | Any) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig", "replace")


def _json(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def _plain(name: str) -> str:
    """A file name without what a path is made of."""
    return "".join("_" if mark in '\\/:*?"<>|' or not mark.isprintable() else mark for mark in name)
