"""The moderated summary: gathered from the database into a frozen value, kept, released, found again."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import (
    Clause,
    Comment,
    Consultation,
    FrozenSummary,
    PublishedResult,
    Response,
    SummarySignature,
    WithholdingReason,
)
from portal.reports import changes, frozen
from portal.reports.hiding import hidden
from portal.reports.summary import ClauseSummary, Paragraph, Summary, Totals, require_balance
from portal.rules import plaintext, window
from portal.rules.words import Channel, CommentState, Disposition, RespondentKind, Stance, SummaryState
from portal.services import audit, gathering, hiding, narrating, points, published_results
from portal.services.gathering import Gathered, Received

#: so many published comments are gathered into points while somebody waits; more, in the background
GATHERED_AT_ONCE = 1_000


def summarise(session: Session, consultation: Consultation, at: datetime, public_url: str = "") -> Summary:
    """Everything the summary says about a consultation as it stands at `at`."""
    current = consultation.window
    if current is None:
        raise NotThere("公告还没有征求意见时间，没有可以汇总的内容。")
    version = consultation.version
    comments = list(gathering.received(session, consultation))
    reasons = {reason.code: reason.words for reason in session.scalars(select(WithholdingReason))}
    clauses = list(session.scalars(select(Clause).where(Clause.version_id == version.id).order_by(Clause.position)))
    by_clause: dict[int | None, list[Received]] = defaultdict(list)
    for comment in comments:
        by_clause[comment.place].append(comment)
    submissions = {comment.submission_id: (comment.kind, comment.channel) for comment in comments}
    senders = Counter(submissions.values())
    channels = Counter(channel for _, channel in submissions.values())
    kinds = Counter(kind for kind, _ in submissions.values())
    comments_by_channel = Counter(comment.channel for comment in comments)
    comments_by_kind = Counter(comment.kind for comment in comments)
    days: Counter[date] = Counter(window.day_in_beijing(comment.received_at) for comment in comments)
    stances = Counter(comment.stance for comment in comments)
    dispositions = Counter(c.line.disposition for c in comments if c.line is not None and c.line.disposition)
    told = Gathered(session, consultation, comments)
    whole = _clause_summary(None, by_clause.pop(None, []), reasons, told)
    return Summary(
        consultation=consultation.slug,
        draft_title=consultation.title,
        bureau=consultation.publisher,
        document_type=consultation.document_type.name if consultation.document_type else "",
        version=version.number,
        published_at=consultation.first_published_at,
        opens_at=current.opens_at,
        closes_at=current.closes_at,
        window_words=window.words(current.opens_at, current.closes_at),
        window_notes=_window_notes(consultation),
        channels=tuple(channel.label for channel in Channel if channels[channel]),
        cut_off_at=at,
        submissions=len(submissions),
        totals=_totals(comments, reasons),
        by_channel=tuple((c, channels[c], comments_by_channel[c]) for c in Channel if channels[c]),
        by_kind=tuple((k, kinds[k], comments_by_kind[k]) for k in RespondentKind if kinds[k]),
        by_region=_by_region(comments, consultation.bureau.regions),
        by_stance=tuple((stance, stances[stance]) for stance in Stance if stances[stance]),
        by_day=tuple(sorted(days.items())),
        clauses=(
            whole,
            *(_clause_summary(clause, by_clause[clause.id], reasons, told) for clause in clauses),
        ),
        dispositions=tuple((d, dispositions[d]) for d in Disposition if dispositions[d]),
        url=f"{public_url}/consultations/{consultation.slug}/" if public_url else "",
        views=consultation.views,
        outreach=consultation.outreach,
        senders=tuple((k, c, senders[k, c]) for k in RespondentKind for c in Channel if senders[k, c]),
        campaigns=told.campaigns(),
        figures=told.figures(clauses),
        narrative=tuple(
            Paragraph(each.place, each.words)
            for each in narrating.paragraphs(session, consultation)
            if not each.is_proposed
        ),
    )


def _window_notes(consultation: Consultation) -> tuple[str, ...]:
    """What the public was told of the period: why it was shortened, how it was extended, why all was withdrawn."""
    first = consultation.windows[0]
    notes = [f"缩短期限的原因：{first.shortened_reason}"] if first.shortened_reason else []
    notes += [
        f"{window.date_words(window.day_in_beijing(each.created_at))}发布延期公告：{each.announcement}"
        for each in consultation.windows
        if each.announcement
    ]
    if consultation.withdrawn_at is not None:
        notes.append(f"{window.instant_words(consultation.withdrawn_at)}撤回征求意见：{consultation.withdrawal_reason}")
    return tuple(notes)


def _by_region(comments: list[Received], offered: list[str]) -> tuple[tuple[str, int, int], ...]:
    """Submissions and comments by region: in the order of the list, then what has left it, last who gave none.

    Empty where nobody was asked and nobody is known to have said it.
    """
    remarks = Counter(comment.region for comment in comments)
    pieces = Counter({comment.submission_id: comment.region for comment in comments}.values())
    if not offered and set(remarks) <= {""}:
        return ()
    order = [*offered, *sorted(set(remarks) - {*offered, ""}), ""]
    return tuple((region, pieces[region], remarks[region]) for region in order if remarks[region])


def _totals(comments: list[Received], reasons: dict[str, str]) -> Totals:
    states = Counter(comment.state for comment in comments)
    why = Counter(comment.reason_code for comment in comments if comment.state is CommentState.WITHHELD)
    return Totals(
        received=len(comments),
        pending=states[CommentState.PENDING],
        published=states[CommentState.PUBLISHED],
        withheld=states[CommentState.WITHHELD],
        merged=states[CommentState.MERGED],
        withdrawn=states[CommentState.WITHDRAWN],
        withheld_by_reason=tuple((code, reasons.get(code, code), why[code]) for code in sorted(why)),
    )


def _clause_summary(
    clause: Clause | None, comments: list[Received], reasons: dict[str, str], told: Gathered
) -> ClauseSummary:
    stances = Counter(comment.stance for comment in comments)
    kinds = Counter(comment.kind for comment in comments)
    return ClauseSummary(
        label=clause.label if clause else "",
        kind=clause.kind if clause else "",
        number=clause.number if clause else "",
        heading=clause.heading if clause else "全文",
        citation=clause.citation if clause else "全文",
        text=clause.text if clause else "",
        depth=clause.depth if clause else 0,
        totals=_totals(comments, reasons),
        by_stance=tuple((stance, stances[stance]) for stance in Stance if stances[stance]),
        by_kind=tuple((kind, kinds[kind]) for kind in RespondentKind if kinds[kind]),
        comments=tuple(comment.line for comment in comments if comment.line is not None),
        rows=tuple(tuple(str(cell) for cell in row) for row in clause.rows) if clause else (),
        points=told.points(comments),
    )


# ── keeping and releasing ─────────────────────────────────────────────────────────────────────────────


def freeze(session: Session, actor: Actor, consultation: Consultation, at: datetime, public_url: str) -> FrozenSummary:
    """Keeps the summary as it stands at `at`. Raises TotalsDoNotBalance, saying where, rather than keep a wrong one."""
    require(actor, Permission.READ_SUMMARY, consultation.bureau_id)
    return keep(session, actor, consultation, at, public_url)


def keep(session: Session, actor: Actor, consultation: Consultation, at: datetime, public_url: str) -> FrozenSummary:
    """As freeze(), for commands run by the operator."""
    if points.without_point(session, consultation) and points.published(session, consultation) <= GATHERED_AT_ONCE:
        points.renew(session, consultation, at)
    return keep_gathered(session, actor, consultation, summarise(session, consultation, at, public_url), at)


def keep_gathered(
    session: Session, actor: Actor, consultation: Consultation, summary: Summary, at: datetime
) -> FrozenSummary:
    """Keeps a summary that was gathered at its cut-off; gathering a large one takes longer than a transaction should."""
    audit.take_turn(session)
    number = 1 + (
        session.scalar(select(func.max(FrozenSummary.number)).where(FrozenSummary.consultation_id == consultation.id))
        or 0
    )
    summary = replace(summary, number=number)
    require_balance(summary)
    published = {line.reference for line in summary.comments}
    for paragraph in summary.narrative:
        narrating.require_sound(paragraph.words, published)
    if number > 1:
        before = thaw(kept_summary(session, consultation, number - 1))
        summary = replace(summary, since=changes.since(before, summary))
    packed = frozen.pack(summary)
    kept = FrozenSummary(
        consultation_id=consultation.id,
        number=number,
        cut_off_at=summary.cut_off_at,
        content=packed.content,
        digest=packed.digest,
        made_by_id=actor.account_id,
        made_at=at,
    )
    session.add(kept)
    session.flush()
    audit.record(
        session,
        actor,
        "summary.freeze",
        f"consultation:{consultation.slug}",
        at,
        {"number": kept.number, "digest": kept.digest},
    )
    return kept


def sign(
    session: Session, actor: Actor, consultation: Consultation, kept: FrozenSummary, state: SummaryState, at: datetime,
    note: str = "",
) -> SummarySignature:  # fmt: skip
    """Signs a summary as reviewed (by somebody who did not make it) or as released to the drafters.

    Releasing one supersedes those that were released before. Raises AlreadyDone, NotValid.
    """
    needed = Permission.RELEASE_SUMMARY if state is SummaryState.RELEASED else Permission.READ_SUMMARY
    require(actor, needed, consultation.bureau_id)
    if state not in _SIGNED_AFTER:
        raise NotValid("请选择复审或者签发。", fault="state")
    if kept.state is not _SIGNED_AFTER[state]:
        if kept.state is SummaryState.DRAFT:
            raise NotValid("这份汇总还没有复审，复审后方可签发。", fault="state")
        raise AlreadyDone("这份汇总已经签过，请看最新的状态。")
    if state is SummaryState.REVIEWED and kept.made_by_id is not None and kept.made_by_id == actor.account_id:
        raise NotValid("复审要由留存这份汇总以外的人办理。", fault="state")
    thaw(kept)  # what is signed is what was kept
    note = plaintext.received_within(note, 200, "附言", "note")
    if state is SummaryState.RELEASED:
        for earlier in kept_summaries(session, consultation):
            if earlier.number < kept.number and earlier.state in (SummaryState.RELEASED, SummaryState.REVIEWED):
                _add_signature(session, actor, earlier, SummaryState.SUPERSEDED, at, f"第{kept.number}份")
    signature = _add_signature(session, actor, kept, state, at, note)
    audit.record(
        session, actor, f"summary.{state.value}", f"consultation:{consultation.slug}", at,
        {"number": kept.number, "digest": kept.digest, "note": note},
    )  # fmt: skip
    return signature


#: which signature comes after which state
_SIGNED_AFTER = {SummaryState.REVIEWED: SummaryState.DRAFT, SummaryState.RELEASED: SummaryState.REVIEWED}


def _add_signature(
    session: Session, actor: Actor, kept: FrozenSummary, state: SummaryState, at: datetime, note: str
) -> SummarySignature:
    signature = SummarySignature(
        summary_id=kept.id, state=state, digest=kept.digest, note=note, signed_by_id=actor.account_id, signed_at=at
    )
    kept.signatures.append(signature)
    session.flush()
    return signature


def release(session: Session, actor: Actor, consultation: Consultation, kept: FrozenSummary, at: datetime) -> None:
    """Lets the public see this summary, once it was signed. Raises AlreadyDone, NotValid."""
    require(actor, Permission.RELEASE_SUMMARY, consultation.bureau_id)
    if kept.released_at is not None:
        raise AlreadyDone("这份汇总已经公开。")
    if consultation.results_published_at is None and tells_answers(kept):
        # answers are private until the results are published, whatever file they stand in
        raise NotValid("这份汇总里有还没有公布的采纳情况。请先公布采纳情况，再公开汇总。")
    if not _tells_what_is_published(session, consultation, thaw(kept)):
        raise NotValid("这份汇总里的答复与已公布的采纳情况不一致。请留存新的一份，复审、签发后再公开。")
    if kept.state is not SummaryState.RELEASED:
        raise NotValid("只有已经复审、签发的汇总可以向公众公开。", fault="state")
    kept.released_at = at
    kept.released_by_id = actor.account_id
    session.flush()
    audit.record(session, actor, "summary.release", f"consultation:{consultation.slug}", at, {"number": kept.number})


def _tells_what_is_published(session: Session, consultation: Consultation, summary: Summary) -> bool:
    """Whether every answer in it is the one the public reads: not one that was changed since, nor one not yet out."""
    rows = session.execute(
        select(Comment.number, Response.disposition, Response.reason, Response.changed_text)
        .join(Response, Response.id == Comment.published_response_id)
        .where(Comment.consultation_id == consultation.id)
    )
    public = {f"C-{number}": _answer(outcome, reason, changed) for number, outcome, reason, changed in rows}
    return all(
        line.disposition is None
        or public.get(line.reference) == _answer(line.disposition, line.reason, line.changed_text)
        for line in summary.comments
    )


def _answer(disposition: Disposition, reason: str, changed: str) -> tuple[Disposition, str, str]:
    return disposition, "".join(reason.split()), "".join(changed.split())


def tells_answers(kept: FrozenSummary) -> bool:
    """Whether a kept summary says how comments were answered. Of one that was kept that never changes."""
    return bool(thaw(kept).dispositions)


def kept_summaries(session: Session, consultation: Consultation) -> list[FrozenSummary]:
    """Every kept summary, newest first."""
    return list(
        session.scalars(
            select(FrozenSummary)
            .where(FrozenSummary.consultation_id == consultation.id)
            .order_by(FrozenSummary.number.desc())
        )
    )


def kept_summary(session: Session, consultation: Consultation, number: int) -> FrozenSummary:
    """One kept summary. Raises NotThere."""
    found = session.scalar(
        select(FrozenSummary).where(FrozenSummary.consultation_id == consultation.id, FrozenSummary.number == number)
    )
    if found is None:
        raise NotThere("没有这份汇总。")
    return found


def released_summary(session: Session, consultation: Consultation) -> FrozenSummary | None:
    """The newest summary the public may see."""
    return session.scalar(
        select(FrozenSummary)
        .where(FrozenSummary.consultation_id == consultation.id, FrozenSummary.released_at.is_not(None))
        .order_by(FrozenSummary.number.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A summary the public reads, made before the results were corrected; `newer` was kept since and may be released."""

    released: FrozenSummary
    correction: PublishedResult
    newer: FrozenSummary | None


def overtaken(session: Session, consultation: Consultation, at: datetime) -> Overtaken | None:
    """The released summary and the correction that came after it; None while the two say the same."""
    released = released_summary(session, consultation)
    if released is None:
        return None
    correction = published_results.corrected_since(session, consultation, released.cut_off_at, at)
    if correction is None:
        return None
    newer = next((k for k in kept_summaries(session, consultation) if k.cut_off_at >= correction.published_at), None)
    return Overtaken(released, correction, newer)


def has_released(session: Session, consultation: Consultation) -> bool:
    """Whether there is a summary the public may see; it is not read."""
    found = select(FrozenSummary.id).where(
        FrozenSummary.consultation_id == consultation.id, FrozenSummary.released_at.is_not(None)
    )
    return session.scalar(found.limit(1)) is not None


def thaw(kept: FrozenSummary) -> Summary:
    """The value that was kept. Raises ValueError when its content no longer has its digest."""
    try:
        summary = frozen.unpack(kept.content, kept.digest)
    except ValueError as fault:
        raise ValueError(f"summary {kept.number} was changed after it was kept: {fault}") from fault
    return replace(summary, digest=kept.digest)


def shown(session: Session, kept: FrozenSummary) -> Summary:
    """The value that was kept, without the words that were hidden since (`hiding`): what a file or a page is made of."""
    return hidden(thaw(kept), hiding.words_hidden(session, kept.consultation_id))
