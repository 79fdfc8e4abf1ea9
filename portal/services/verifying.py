"""Checking a file of a summary: what it prints against what was kept, and what was kept against the database."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import reports
from portal.models import Comment, Consultation, FrozenSummary, Respondent, Submission
from portal.reports import phrases, reading_back, references, sentences
from portal.reports.hiding import hidden
from portal.reports.opinions import Opinions
from portal.reports.summary import Summary, imbalances
from portal.rules.regions import NOT_GIVEN
from portal.rules.words import CommentState
from portal.services import hiding, summaries, verifying_bundles

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_BALANCE = re.compile(r"收到\d+条＝(?:[^\d。；，（）＋]+\d+条＋)*[^\d。；，（）＋]+\d+条")
_MOST = 20
#: what else can be checked beside the formats of a summary
REDLINE, ARCHIVE = "redline.docx", "zip"


@dataclass(frozen=True, slots=True)
class Verified:
    """Which summary a file is of, and everything that is wrong with it."""

    consultation: str
    number: int
    faults: tuple[str, ...]


def verify(session: Session, extension: str, content: bytes) -> Verified:
    """Checks one file by its references, figures, coverage and words; no fault when all is well.

    Beside the formats of a summary it knows the redline (redline.docx) and the archive (zip).
    """
    if extension == "docx" and verifying_bundles.is_redline(content):
        extension = REDLINE
    try:
        if extension == ARCHIVE:
            return _archive(session, content)
        printed = (
            verifying_bundles.redline_lines(content) if extension == REDLINE else reading_back.lines(extension, content)
        )
    except reading_back.NotOurs as fault:
        return Verified("", 0, (f"文件无法读取：{fault}",))
    whole = "\n".join(printed)
    digests = dict.fromkeys(_DIGEST.findall(whole))
    if not digests:
        return Verified("", 0, ("文件里没有数据摘要，看不出是哪一份汇总。",))
    kept = next(
        (found for digest in digests if (found := _kept(session, digest)) is not None), None
    )  # fmt: skip
    if kept is None:
        return Verified("", 0, (f"数据库里没有数据摘要为{next(iter(digests))}的汇总。",))
    consultation = session.get_one(Consultation, kept.consultation_id)
    try:
        summary = summaries.thaw(kept)
    except ValueError:
        return Verified(consultation.slug, kept.number, ("留存的汇总与它的数据摘要不符，留存之后被改动过。",))

    def faults_against(summary: Summary) -> list[str]:
        if extension == REDLINE:
            found = verifying_bundles.redline_faults(consultation, summary, content)
            return [*_against_the_database(session, consultation, summary), *found]
        if sentences.PUBLIC_MARK in whole or '"is_public":true' in whole:
            summary = reports.public_copy(summary)
        faults = [
            *_against_the_database(session, consultation, summary),
            *_references(whole, summary, extension),
            *_figures(whole, summary, extension),
        ]
        return faults or [*_words(printed, summary, extension)]

    faults = faults_against(summary)
    if faults and (without := hidden(summary, hiding.words_hidden(session, consultation.id))) is not summary:
        # it may have been made before some words were hidden, or after
        faults = faults_against(without)
    return Verified(consultation.slug, kept.number, tuple(faults))


def _archive(session: Session, content: bytes) -> Verified:
    """Checks an archive by its manifest and each file of the summary in it by itself."""
    told = verifying_bundles.manifest(content)
    kept = _kept(session, str(told["summary"]["digest"]))
    if kept is None:
        return Verified("", 0, (f"数据库里没有数据摘要为{told['summary']['digest']}的汇总。",))
    faults = list(verifying_bundles.archive_faults(content, told))
    consultation = session.get_one(Consultation, kept.consultation_id)
    for name, extension, inside in verifying_bundles.files_of_summary(content):
        found = verify(session, extension, inside)
        faults += [f"“{name}”：{fault}" for fault in found.faults]
        if (found.consultation, found.number) != (consultation.slug, kept.number) and not found.faults:
            faults.append(f"“{name}”是另一份汇总的文件。")
    return Verified(consultation.slug, kept.number, tuple(faults))


def _kept(session: Session, digest: str) -> FrozenSummary | None:
    return session.scalar(select(FrozenSummary).where(FrozenSummary.digest == digest))


def _against_the_database(session: Session, consultation: Consultation, summary: Summary) -> Iterator[str]:
    """What was kept: balanced in itself, and true of the tables."""
    yield from imbalances(summary)
    received = session.scalar(
        select(func.count()).where(
            Comment.consultation_id == consultation.id, Comment.received_at <= summary.cut_off_at
        )
    )  # fmt: skip
    if received != summary.totals.received:
        yield f"截至统计时间，数据库里有意见{received}条，汇总写的是{summary.totals.received}条。"
    if summary.by_region:
        yield from _regions(session, consultation, summary)
    stands = {f"C-{number}": state for number, state in _states(session, consultation, summary.cut_off_at)}
    for line in summary.comments:
        state = stands.get(line.reference)
        if state is None:
            yield f"[{line.reference}]不在数据库里。"
        elif state is not CommentState.PUBLISHED:
            yield f"[{line.reference}]现在不是公开的意见（{state.label}）。"
    known = {line.reference for line in summary.comments}
    for paragraph in summary.narrative:
        for words, reference in references.unsupported(paragraph.words, known):
            yield f"“{words}”引用的[{reference}]没有公开。" if reference else f"“{words}”没有注明意见编号。"


def _regions(session: Session, consultation: Consultation, summary: Summary) -> Iterator[str]:
    """Regions whose figures are not those of the tables."""
    rows = session.execute(
        select(Respondent.region, func.count(Comment.submission_id.distinct()), func.count())
        .join(Comment.submission)
        .join(Submission.respondent)
        .where(Comment.consultation_id == consultation.id, Comment.received_at <= summary.cut_off_at)
        .group_by(Respondent.region)
    )
    stored = {region: (int(pieces), int(remarks)) for region, pieces, remarks in rows}
    told = {region: (pieces, remarks) for region, pieces, remarks in summary.by_region}
    for region in {**told, **stored}:
        if stored.get(region, (0, 0)) != told.get(region, (0, 0)):
            there, here = stored.get(region, (0, 0)), told.get(region, (0, 0))
            yield (
                f"所在地区“{region or NOT_GIVEN}”：数据库里有来稿{there[0]}件、意见{there[1]}条，"
                f"汇总写的是{here[0]}件、{here[1]}条。"
            )


def _states(session: Session, consultation: Consultation, at: datetime) -> list[tuple[int, CommentState]]:
    rows = session.execute(
        select(Comment.number, Comment.state).where(
            Comment.consultation_id == consultation.id, Comment.received_at <= at
        )
    )
    return [(number, state) for number, state in rows]


def _references(whole: str, summary: Summary, extension: str) -> Iterator[str]:
    """References the file prints that lead nowhere, and published comments it does not print."""
    known = {line.reference for line in summary.comments}
    # what people wrote may hold something like a reference, and so may the list of what is gone
    said = " ".join(f"{line.body} {line.proposed_text} {line.reason} {line.changed_text}" for line in summary.comments)
    excused = set(references.REFERENCE.findall(said)) | set(summary.since.gone if summary.since else ())
    printed = set(references.REFERENCE.findall(whole))
    if extension in ("csv", "xlsx"):
        # in a table a cell follows a cell
        printed |= set(references.REFERENCE.findall(re.sub("[,｜]", " ", whole)))
    lost = sorted(printed - known - excused, key=lambda each: int(each[2:]))
    for reference in lost[:_MOST]:
        yield f"文件引用的[{reference}]不存在或者没有公开。"
    missing = sorted(known - printed, key=lambda each: int(each[2:]))
    for reference in missing[:_MOST]:
        yield f"公开的意见[{reference}]没有列出。"
    if len(lost) > _MOST or len(missing) > _MOST:
        yield f"引用有误的共{len(lost)}处，没有列出的共{len(missing)}条。"


def _figures(whole: str, summary: Summary, extension: str) -> Iterator[str]:
    """Sums and coverage as the file states them."""
    expected = {phrases.sum_of(summary.totals), phrases.sum_of(summary.totals, with_zeros=False)}
    expected |= {phrases.sum_of(clause.totals, with_zeros=False) for clause in summary.clauses}
    stated = set(_BALANCE.findall(whole))
    for wrong in sorted(stated - expected)[:_MOST]:
        yield f"文件写的“{wrong}”与留存的汇总不符。"
    if phrases.sum_of(summary.totals) not in stated:
        yield f"文件没有写明合计“{phrases.sum_of(summary.totals)}”。"
    covered = "".join(sentences.coverage_words(Opinions(summary)).split())
    if extension != "json" and covered not in whole:
        yield f"文件没有照实写明覆盖情况“{covered}”。"


def _words(printed: list[str], summary: Summary, extension: str) -> Iterator[str]:
    """Everything else: the file against the same file made anew."""
    anew = reading_back.lines(extension, reports.render(extension, summary))
    if printed == anew:
        return
    matcher = difflib.SequenceMatcher(None, anew, printed)
    shown = 0
    for op, at, end, other, last in matcher.get_opcodes():
        if op == "equal":
            continue
        missing, extra = anew[at:end], printed[other:last]
        for n in range(max(len(missing), len(extra))):
            was = missing[n] if n < len(missing) else ""
            now = extra[n] if n < len(extra) else ""
            begin = max(0, _same_beginning(was, now) - 6)
            if was:
                yield f"文件缺少：“{was[begin : begin + 60]}”"
            if now:
                yield f"文件多出：“{now[begin : begin + 60]}”"
            shown += 1
            if shown == _MOST:
                return


def _same_beginning(one: str, other: str) -> int:
    """How many characters two lines have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
