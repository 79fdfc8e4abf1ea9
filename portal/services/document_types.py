"""The kinds of document and their minimum periods, as an administrator keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import CommentWindow, Consultation, DocumentType
from portal.rules import plaintext
from portal.rules.periods import Force, Unit
from portal.services import audit

LONGEST_MINIMUM = 365
_FACTS = ("name", "minimum", "unit", "force", "needs_explanatory_note", "basis")
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}(-[A-Z0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class Kind:
    """A document type as typed. `minimum` None: no number of days is prescribed."""

    code: str
    name: str
    minimum: int | None
    unit: str
    force: str
    needs_explanatory_note: bool
    basis: str
    position: int | None = None


def listed(session: Session) -> list[tuple[DocumentType, int]]:
    """Every document type in the order of the form, with how many consultations are of it."""
    uses = (
        select(Consultation.document_type_id, func.count().label("uses"))
        .group_by(Consultation.document_type_id)
        .subquery()
    )
    return list(
        session.execute(
            select(DocumentType, func.coalesce(uses.c.uses, 0))
            .outerjoin(uses, uses.c.document_type_id == DocumentType.id)
            .order_by(DocumentType.position, DocumentType.id)
        ).all()
    )


def found(session: Session, code: str) -> DocumentType:
    """One document type. Raises NotThere."""
    kind = session.scalar(select(DocumentType).where(DocumentType.code == code))
    if kind is None:
        raise NotThere("没有这一文件类型，它可能已被删除。")
    return kind


def stamp(kind: DocumentType) -> str:
    """Changes with everything a type says, except its place in the list: what a page that changes it has shown."""
    return plaintext.stamp(repr([getattr(kind, name) for name in _FACTS]))


def keep(
    session: Session,
    actor: Actor,
    kind: Kind,
    at: datetime,
    changing: DocumentType | None = None,
    seen: str | None = None,
) -> DocumentType:
    """Adds a document type, or changes one; its code is given once. Raises NotValid naming the field.

    A change holds for what is assessed from now on; what was published keeps the rule it satisfied. `seen` is the stamp
    of what the page showed (None: nobody looked). Raises AlreadyDone where somebody else has changed the type since.
    """
    require(actor, Permission.KEEP_LISTS)
    facts = _checked(kind)
    if changing is not None:
        session.refresh(changing, with_for_update=True)
        if seen is not None and seen != stamp(changing) and facts != {name: getattr(changing, name) for name in facts}:
            raise AlreadyDone(
                "这一文件类型刚刚已由他人修改，您的这一次没有保存。您填的内容还在下面，请看过现在的内容再改。"
            )
    if changing is None:
        code = kind.code.strip().upper()
        if not _CODE.fullmatch(code):
            raise NotValid("代码由大写字母和数字组成，例如GFXWJ或GFXWJ-E。", fault="code")
        if session.scalar(select(exists().where(DocumentType.code == code))):
            raise AlreadyDone("代码%(code)s已经用过，请换一个。", code=code)
        last = session.scalar(select(func.max(DocumentType.position)))
        changing = DocumentType(code=code, position=0 if last is None else last + 1)
        session.add(changing)
        before: dict[str, object] = {}
    else:
        before = {name: getattr(changing, name) for name in facts}
    for name, value in facts.items():
        setattr(changing, name, value)
    session.flush()
    if kind.position is not None:
        _place(session, changing, kind.position)
    changed = {name: value for name, value in facts.items() if before.get(name) != value}
    audit.record(
        session, actor, "document_type.change" if before else "document_type.add", f"document_type:{changing.code}", at,
        {"to": changed, "from": {name: before[name] for name in changed if name in before}},
    )  # fmt: skip
    return changing


def _checked(kind: Kind) -> dict[str, object]:
    name = plaintext.one_line(kind.name, 100, "名称", "name")
    if not name:
        raise NotValid("请填写名称。", fault="name")
    try:
        force = Force(kind.force)
    except ValueError:
        raise NotValid("请选择约束力。", fault="force") from None
    unit = ""
    if kind.minimum is not None:
        if not 1 <= kind.minimum <= LONGEST_MINIMUM:
            raise NotValid(
                "最短期限是1至%(most)s之间的整数；没有规定天数的请留空。", fault="minimum", most=LONGEST_MINIMUM
            )
        try:
            unit = Unit(kind.unit).value
        except ValueError:
            raise NotValid("请选择按日还是按工作日计算。", fault="unit") from None
    elif force is not Force.NONE:
        raise NotValid("有约束力的期限要写明天数；没有规定天数的请选“建议不少于”。", fault="minimum")
    basis = plaintext.one_line(kind.basis, 400, "依据", "basis")
    if not basis:
        raise NotValid("请写明依据，它会出现在期限提示里。", fault="basis")
    return {
        "name": name,
        "minimum": kind.minimum,
        "unit": unit,
        "force": force.value,
        "needs_explanatory_note": kind.needs_explanatory_note,
        "basis": basis,
    }


def _place(session: Session, kind: DocumentType, position: int) -> None:
    """Puts a type at a place of the list (counted from 0) and numbers the others around it."""
    others = [each for each, _uses in listed(session) if each.id != kind.id]
    others.insert(max(0, min(position, len(others))), kind)
    for place, each in enumerate(others):
        each.position = place
    session.flush()


def is_used(session: Session, kind: DocumentType) -> bool:
    """Whether a consultation is of this type, or a window was measured by it."""
    return bool(
        session.scalar(
            select(
                exists().where(Consultation.document_type_id == kind.id)
                | exists().where(CommentWindow.rule_code == kind.code)
            )
        )
    )


def remove(session: Session, actor: Actor, kind: DocumentType, at: datetime) -> None:
    """Takes away a type nothing was ever measured by. Raises AlreadyDone for one in use."""
    require(actor, Permission.KEEP_LISTS)
    if is_used(session, kind):
        raise AlreadyDone("“%(name)s”已有征求意见使用，不能删除；可以修改名称或者移到后面。", name=kind.name)
    code, name = kind.code, kind.name
    session.delete(kind)
    session.flush()
    audit.record(session, actor, "document_type.remove", f"document_type:{code}", at, {"name": name})
