"""Publishing what became of the comments: one act, what stands in its way, and corrections of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.analysis import personal_data
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Campaign, Comment, Consultation, PublishedAnswer, PublishedResult, Respondent, Submission
from portal.reports import adoption
from portal.reports.adoption import AdoptionTable, Wishes
from portal.reports.adoption_rows import AdoptionRow
from portal.rules import answering, plaintext, window
from portal.rules.words import CommentState, FeedbackForm
from portal.sealing import Seal
from portal.services import (
    answer_letters,
    audit,
    consistency,
    moderation,
    places,
    published_results,
    responding,
    summaries,
)

LONGEST_REASON = 2000
#: a reason or a correction that says something has at least so many characters
SHORTEST_REASON = 10
#: how many references a sentence names
NAMED = 10
#: what may never stand in what is published; names, addresses and landlines were looked at by the moderator
CERTAIN = frozenset({"mobile", "id", "card", "email", "wechat", "qq", "plate"})
_MAY_HOLD_DATA = re.compile(r"[0-9０-９@＠零〇一二三四五六七八九幺]{4}|微信|[vV][xX]|[qQ]{2}|[@＠]")
_FIELDS = {"comment": "意见内容", "reason": "理由", "changed": "修改后条文"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the officer wants to publish."""

    form: str = ""
    unanswered_reason: str = ""
    #: what is corrected and why; due from the second version on
    correction: str = ""

    @property
    def wished(self) -> FeedbackForm | None:
        try:
            return FeedbackForm(self.form) if self.form else None
        except ValueError:
            raise NotValid("请选择反馈形式。", fault="form") from None


def gather(session: Session, consultation: Consultation, at: datetime, plan: Plan) -> AdoptionTable:
    """The feedback as it would be published at `at`."""
    number = (published_results.latest_number(session, consultation) or 0) + 1
    summary = summaries.summarise(session, consultation, at)
    kin, names = _campaigns(session, consultation)
    wished = plan.wished
    subjects = {r: names[k] for r, k in kin.items()} if wished is FeedbackForm.BY_CAMPAIGN else {}
    return adoption.table(
        summary,
        Wishes(
            form=wished,
            unanswered_reason=plan.unanswered_reason,
            contact=consultation.phone,
            number=number,
            correction=plan.correction,
            kin=kin,
            subjects=subjects,
        ),
    )


def _campaigns(session: Session, consultation: Consultation) -> tuple[dict[str, str], dict[str, str]]:
    """For each published member of a campaign the campaign's key, and for each key its name."""
    rows = session.execute(
        select(Comment.number, Comment.campaign_id).where(
            Comment.consultation_id == consultation.id,
            Comment.state == CommentState.PUBLISHED,
            Comment.campaign_id.is_not(None),
        )
    )
    kin = {f"C-{number}": f"campaign:{campaign_id}" for number, campaign_id in rows}
    campaigns = session.scalars(select(Campaign).where(Campaign.consultation_id == consultation.id))
    names = {f"campaign:{each.id}": consistency.name_of(each) for each in campaigns}
    return {reference: key for reference, key in kin.items() if key in names}, names


# ── what stands in the way ────────────────────────────────────────────────────────────────────────────


def obstacles(session: Session, consultation: Consultation, at: datetime, plan: Plan) -> list[NotValid]:
    """Everything that keeps the results from being published now, each with one sentence that says which."""
    current = consultation.window
    if not consultation.is_published or current is None:
        return [NotValid("征求意见还没有发布。")]
    if at < current.closes_at:
        when = window.Deadline(current.closes_at)
        return [NotValid("征求意见%(when)s才截止，截止后方可公布采纳情况。", when=when)]
    found = []
    waiting = session.scalar(
        select(func.count()).where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PENDING)
    )
    if waiting:
        found.append(NotValid("还有%(count)s条意见没有审核，审核完方可公布采纳情况。", count=waiting))
    found += _unanswered(session, consultation, plan)
    found += [
        NotValid("相同、相近意见“%(name)s”的答复不一致：%(outcomes)s。请一并答复，或写明为什么不同处理。",
                 name=each.name, outcomes=each.words)
        for each in consistency.differences(session, consultation)
    ]  # fmt: skip
    return found


def _unanswered(session: Session, consultation: Consultation, plan: Plan) -> Iterator[NotValid]:
    open_ones = responding.unanswered(session, consultation)
    if not open_ones:
        return
    if not plan.unanswered_reason:
        yield NotValid(
            "还有%(count)s条意见没有答复（%(references)s），答复完方可公布采纳情况。",
            count=len(open_ones),
            references=_references(open_ones),
        )
        return
    if len("".join(plan.unanswered_reason.split())) < SHORTEST_REASON:
        yield NotValid(
            "请写明未逐条答复的原因，不少于%(least)s字，随采纳情况公布。", fault="unanswered_reason",
            least=SHORTEST_REASON,
        )  # fmt: skip
    due = must_be_answered(session, consultation)
    if due:
        yield NotValid(
            "下面%(count)s条意见依规定须逐条答复，不能列为“未逐条答复”：%(references)s。",
            fault="unanswered_reason",
            count=len(due),
            references=_references(due),
        )


def must_be_answered(session: Session, consultation: Consultation) -> list[Comment]:
    """The comments without an answer that may not go without one (rules.answering.may_be_left)."""
    kind = consultation.document_type.code if consultation.document_type else ""
    rows = session.execute(
        select(Comment, Respondent.kind, Campaign.id)
        .join(Submission, Submission.id == Comment.submission_id)
        .join(Respondent, Respondent.id == Submission.respondent_id)
        .outerjoin(Campaign, (Campaign.id == Comment.campaign_id) & Campaign.is_short.is_(False))
        .where(
            Comment.consultation_id == consultation.id,
            Comment.state == CommentState.PUBLISHED,
            Comment.response_id.is_(None),
        )
        .order_by(Comment.number)
    )
    return [
        comment
        for comment, respondent, campaign_id in rows
        if not answering.may_be_left(kind, respondent, is_in_campaign=campaign_id is not None)
    ]


def _references(comments: list[Comment]) -> str:
    return "、".join(comment.reference for comment in comments[:NAMED]) + ("等" if len(comments) > NAMED else "")


def personal_data_in(feedback: AdoptionTable, own: frozenset[str]) -> list[tuple[AdoptionRow, str, str]]:
    """Rows that hold personal data: the row, which of its texts, and of what kind (TC-C05)."""
    found = []
    seen: dict[str, str] = {}
    for row in feedback.rows:
        for field, label in _FIELDS.items():
            text = getattr(row, field)
            if text not in seen:
                seen[text] = ""
                if _MAY_HOLD_DATA.search(text):
                    spans = personal_data.find(text, own)
                    sure = [s.kind for s in spans if s.confidence == "high" and s.kind in CERTAIN]
                    seen[text] = sure[0] if sure else ""
            if seen[text]:
                found.append((row, label, seen[text]))
    return found


def _require_no_personal_data(consultation: Consultation, feedback: AdoptionTable) -> None:
    found = personal_data_in(feedback, moderation.own_numbers(consultation))
    if found:
        where = "、".join(f"{row.reference}（{label}）" for row, label, _ in found[:NAMED])
        raise NotValid(
            "下面%(count)s处还有个人信息，隐去后方可公布：%(where)s。", count=len(found),
            where=where + ("等" if len(found) > NAMED else ""),
        )  # fmt: skip


# ── the act ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Prepared:
    """A feedback that was gathered while nobody was kept from writing, and what it was gathered from."""

    plan: Plan
    stamp: tuple[int, ...]
    feedback: AdoptionTable


def prepare(session: Session, consultation: Consultation, at: datetime, plan: Plan) -> Prepared | None:
    """Gathers and checks before the transaction that publishes; None while something stands in the way.

    Fifty thousand comments take many seconds to gather and a few to write down.
    """
    plan = _read(plan)
    if obstacles(session, consultation, at, plan):
        return None
    if not responding.count(session, consultation).open:
        plan = replace(plan, unanswered_reason="")
    stamp = _stamp(session, consultation)
    feedback = gather(session, consultation, at, plan)
    _require_no_personal_data(consultation, feedback)
    return Prepared(plan, stamp, feedback)


def _stamp(session: Session, consultation: Consultation) -> tuple[int, ...]:
    """Another one whenever a comment, a decision, an answer or a campaign is another."""
    row = session.execute(
        select(
            func.count(Comment.id),
            func.coalesce(func.sum(Comment.revision), 0),
            func.coalesce(func.max(Comment.response_id), 0),
            func.coalesce(func.sum(Comment.response_id), 0),
            func.coalesce(func.sum(Comment.campaign_id), 0),
        ).where(Comment.consultation_id == consultation.id)
    ).one()
    return (*(int(value) for value in row), published_results.latest_number(session, consultation) or 0)


def publish(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, at: datetime, plan: Plan | None = None,
    public_url: str = "",
    prepared: Prepared | None = None,
) -> PublishedResult:  # fmt: skip
    """Publishes the adoption feedback in one act and owes a letter to everyone who left an address.

    Refused while the window is open, while a comment waits for moderation, while one is unanswered (unless the plan
    says why), while a campaign is answered inconsistently, and while personal data stands in it; the sentence says
    which.
    """
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    _take(session, consultation)
    if not consultation.is_published or consultation.window is None:
        raise NotThere("没有这次征求意见。")
    if consultation.results_published_at is not None:
        raise AlreadyDone("采纳情况已经公布过了。")
    return _keep(session, seal, actor, consultation, at, _read(plan or Plan()), public_url, prepared)


def correct(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, at: datetime, plan: Plan,
    public_url: str = "",
    prepared: Prepared | None = None,
) -> PublishedResult:  # fmt: skip
    """Publishes a corrected version beside the one before it, saying what was corrected and why (更正说明)."""
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    _take(session, consultation)
    if consultation.results_published_at is None:
        raise NotThere("采纳情况还没有公布，直接修改答复就可以，不用更正。")
    plan = _read(plan)
    if len("".join(plan.correction.split())) < SHORTEST_REASON:
        raise NotValid("请写明更正了什么、为什么更正，不少于%(least)s字，随页面公布。", fault="correction",
                       least=SHORTEST_REASON)  # fmt: skip
    if not responding.count(session, consultation).corrected and not plan.form:
        raise NotValid("没有改动过的答复。请起草人员先修改要更正的答复，再来公布更正。")
    return _keep(session, seal, actor, consultation, at, plan, public_url, prepared)


def _take(session: Session, consultation: Consultation) -> None:
    places.lock(session, consultation)
    session.refresh(consultation, ["results_published_at", "windows"])


def _read(plan: Plan) -> Plan:
    reason = plaintext.received_within(plan.unanswered_reason, LONGEST_REASON, "未逐条答复的原因", "unanswered_reason")
    correction = plaintext.received_within(plan.correction, LONGEST_REASON, "更正说明", "correction")
    return replace(plan, unanswered_reason=reason, correction=correction)


def _keep(
    session: Session,
    seal: Seal,
    actor: Actor,
    consultation: Consultation,
    at: datetime,
    plan: Plan,
    public_url: str,
    prepared: Prepared | None,
) -> PublishedResult:
    for obstacle in obstacles(session, consultation, at, plan):
        raise obstacle
    if not responding.count(session, consultation).open:
        plan = replace(plan, unanswered_reason="")
    if prepared is not None and (prepared.plan, prepared.stamp) == (plan, _stamp(session, consultation)):
        feedback = prepared.feedback
    else:
        feedback = gather(session, consultation, at, plan)
        _require_no_personal_data(consultation, feedback)
    kept = _add(session, consultation, feedback, actor.account_id, at)
    is_first = consultation.results_published_at is None
    answer_letters.owe(session, seal, consultation, at, is_correction=not is_first, note=plan.correction,
                       public_url=public_url)  # fmt: skip
    session.execute(
        update(Comment)
        .where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED)
        .values(published_response_id=Comment.response_id)
        .execution_options(synchronize_session=False)
    )
    if is_first:
        consultation.results_published_at = at
    session.flush()
    session.expire_all()
    audit.record(
        session, actor, "results.publish" if is_first else "results.correct", f"consultation:{consultation.slug}", at,
        {"number": kept.number, "form": kept.form.value, "rows": feedback.row_count, "digest": kept.digest,
         "correction": plan.correction, "unanswered_reason": plan.unanswered_reason},
    )  # fmt: skip
    return kept


def _add(
    session: Session, consultation: Consultation, feedback: AdoptionTable, by_id: int | None, at: datetime
) -> PublishedResult:
    head = published_results.head_of(feedback)
    rows = [published_results.stored(row) for row in feedback.rows]
    kept = PublishedResult(
        consultation_id=consultation.id,
        number=feedback.number,
        form=feedback.form,
        head=head,
        correction=feedback.correction,
        unanswered_reason=feedback.unanswered_reason,
        digest=published_results.digest_of(head, rows),
        published_by_id=by_id,
        published_at=at,
    )
    session.add(kept)
    session.flush()
    if rows:
        session.execute(insert(PublishedAnswer), [row | {"result_id": kept.id} for row in rows])
    return kept


def complete(session: Session) -> int:
    """Keeps as a first version what was published before there were versions; says how many that was."""
    missing = session.scalars(
        select(Consultation).where(
            Consultation.results_published_at.is_not(None),
            ~select(PublishedResult.id).where(PublishedResult.consultation_id == Consultation.id).exists(),
        )
    ).all()
    for consultation in missing:
        at = consultation.results_published_at
        assert at is not None, "the query asked for it"
        _add(session, consultation, gather(session, consultation, at, Plan()), None, at)
    return len(missing)
