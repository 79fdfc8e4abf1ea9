"""Reasons a bureau gives again and again, kept under a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import NotThere, NotValid
from portal.models import ReasonTemplate
from portal.rules import plaintext
from portal.services import audit

LONGEST_NAME = 60
LONGEST_WORDS = 2000
MOST = 200


def of_bureau(session: Session, actor: Actor) -> list[ReasonTemplate]:
    """The templates of the actor's bureau, by name."""
    require(actor, Permission.RESPOND)
    return list(
        session.scalars(
            select(ReasonTemplate)
            .where(ReasonTemplate.bureau_id == actor.bureau_id)
            .order_by(ReasonTemplate.name, ReasonTemplate.id)
        )
    )


def one(session: Session, actor: Actor, template_id: int) -> ReasonTemplate:
    """A template of the actor's bureau. Raises NotThere."""
    require(actor, Permission.RESPOND)
    found = session.get(ReasonTemplate, template_id)
    if found is None or found.bureau_id != actor.bureau_id:
        raise NotThere("没有这条常用理由，它可能已被删除。")
    return found


def keep(session: Session, actor: Actor, name: str, words: str, at: datetime) -> ReasonTemplate:
    """Keeps a reason under a name; the words kept under the same name before are replaced."""
    require(actor, Permission.RESPOND)
    called = plaintext.one_line(name, LONGEST_NAME, "名称", "name")
    kept = plaintext.received_within(words, LONGEST_WORDS, "理由", "words")
    if not called:
        raise NotValid("请给这条理由起一个名称。", fault="name")
    if not kept:
        raise NotValid("请写明理由的内容。", fault="words")
    found = session.scalar(
        select(ReasonTemplate).where(ReasonTemplate.bureau_id == actor.bureau_id, ReasonTemplate.name == called)
    )
    if found is None:
        held = session.scalar(select(func.count()).where(ReasonTemplate.bureau_id == actor.bureau_id)) or 0
        if held >= MOST:
            raise NotValid("常用理由最多%(limit)s条，请先删去不用的。", fault="name", limit=MOST)
        found = ReasonTemplate(bureau_id=actor.bureau_id, name=called)
        session.add(found)
    found.words, found.kept_by_id, found.kept_at = kept, actor.account_id or 0, at
    session.flush()
    audit.record(session, actor, "reason.keep", f"bureau:{actor.bureau_id}", at, {"name": called})
    return found


def remove(session: Session, actor: Actor, template_id: int, at: datetime) -> None:
    """Takes a template away; answers written with it stay."""
    found = one(session, actor, template_id)
    session.delete(found)
    session.flush()
    audit.record(session, actor, "reason.remove", f"bureau:{actor.bureau_id}", at, {"name": found.name})
