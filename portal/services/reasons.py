"""The reasons for withholding, as an administrator keeps them: added, reworded, retired; one in use is never deleted.

Criticism is no reason: words that would withhold a comment for what it thinks of the draft are refused.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import BulkAct, ModerationDecision, WithholdingProposal, WithholdingReason
from portal.rules import plaintext
from portal.rules.opinion import is_about_opinion
from portal.services import audit

_CODE = re.compile(r"[A-Z][0-9]{1,3}")


def listed(session: Session) -> list[tuple[WithholdingReason, bool]]:
    """Every reason in the order of the form, and whether a decision named it."""
    return [
        (reason, is_used(session, reason))
        for reason in session.scalars(
            select(WithholdingReason).order_by(WithholdingReason.position, WithholdingReason.id)
        )
    ]


def found(session: Session, code: str) -> WithholdingReason:
    """One reason. Raises NotThere."""
    reason = session.scalar(select(WithholdingReason).where(WithholdingReason.code == code))
    if reason is None:
        raise NotThere("没有这条理由，它可能已被删除。")
    return reason


def is_used(session: Session, reason: WithholdingReason) -> bool:
    """Whether anything was decided or proposed for this reason."""
    named = (
        exists().where(ModerationDecision.reason_code == reason.code)
        | exists().where(WithholdingProposal.reason_code == reason.code)
        | exists().where(BulkAct.reason_code == reason.code)
    )
    return bool(session.scalar(select(named)))


def keep(
    session: Session,
    actor: Actor,
    *,
    code: str,
    words: str,
    basis: str,
    is_sealing: bool,
    at: datetime,
    changing: WithholdingReason | None = None,
) -> WithholdingReason:
    """Adds a reason or rewords one; its code is given once. Raises NotValid naming the field."""
    require(actor, Permission.KEEP_LISTS)
    said = plaintext.one_line(words, 100, "理由", "words")
    rests_on = plaintext.one_line(basis, 400, "依据", "basis")
    if not said:
        raise NotValid("请填写理由。", fault="words")
    if is_about_opinion(said):
        raise NotValid("批评、反对、质疑征求意见稿或者本单位，不能作为不予公开的理由。", fault="words")
    if not rests_on:
        raise NotValid("请写明依据，公众会看到。", fault="basis")
    if changing is None:
        given = code.strip().upper()
        if not _CODE.fullmatch(given):
            raise NotValid("代码是一个大写字母加数字，例如P9。", fault="code")
        if session.scalar(select(WithholdingReason.id).where(WithholdingReason.code == given)):
            raise NotValid("代码%(code)s已经有了，请换一个。", fault="code", code=given)
        last = session.scalar(select(func.max(WithholdingReason.position))) or 0
        changing = WithholdingReason(code=given, position=last + 1)
        session.add(changing)
    changing.words, changing.basis, changing.is_sealing = said, rests_on, is_sealing
    session.flush()
    details = {"words": said, "basis": rests_on, "sealing": is_sealing}
    audit.record(session, actor, "reason.keep", f"reason:{changing.code}", at, details)
    return changing


def retire(session: Session, actor: Actor, reason: WithholdingReason, at: datetime) -> None:
    """No longer offers a reason; what was decided for it stays."""
    require(actor, Permission.KEEP_LISTS)
    if reason.retired_at is not None:
        raise AlreadyDone("这条理由已经停用。")
    reason.retired_at = at
    session.flush()
    audit.record(session, actor, "reason.retire", f"reason:{reason.code}", at)


def restore(session: Session, actor: Actor, reason: WithholdingReason, at: datetime) -> None:
    """Offers a retired reason again."""
    require(actor, Permission.KEEP_LISTS)
    if reason.retired_at is None:
        raise AlreadyDone("这条理由没有停用。")
    reason.retired_at = None
    session.flush()
    audit.record(session, actor, "reason.restore", f"reason:{reason.code}", at)


def remove(session: Session, actor: Actor, reason: WithholdingReason, at: datetime) -> None:
    """Deletes a reason nothing was ever decided for. Raises AlreadyDone for one in use or one of the law."""
    require(actor, Permission.KEEP_LISTS)
    if is_used(session, reason):
        raise AlreadyDone("已有审核决定使用%(code)s，不能删除；可以停用。", code=reason.code)
    code = reason.code
    session.delete(reason)
    session.flush()
    audit.record(session, actor, "reason.remove", f"reason:{code}", at)
