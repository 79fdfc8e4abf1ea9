"""Who answers for which clause: the responsible offices of a consultation, proposed from the draft or given by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from portal.access import Actor, Permission, Role, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Account, Clause, Consultation, OfficeMember, ResponsibleOffice, Routing
from portal.rules import plaintext, window
from portal.services import audit, places

LONGEST_NAME = 60
MOST_OFFICES = 60
#: the roles of a note that lead; the others only take part
LEADING = ("牵头", "主办", "责任", "负责", "承办")


#: the name of an office and the day its answers are due; an empty name: to no office
Wanted = tuple[str, date | None]
NOBODY: Wanted = ("", None)


@dataclass(frozen=True, slots=True)
class Ward:
    """One clause (None: the whole draft) with its comments counted, its office and what the draft says of offices."""

    clause: Clause | None
    comments: int
    answered: int
    #: the first comment without an answer, else the first of all
    first: int | None
    routing: Routing | None
    named: tuple[str, ...] = ()

    @property
    def clause_id(self) -> int:
        """Its key in a form: 0 for the whole draft."""
        return self.clause.id if self.clause else 0

    @property
    def standing(self) -> Wanted:
        """Where it is routed to, as a form says it."""
        return as_wanted(self.routing)

    @property
    def open(self) -> int:
        return self.comments - self.answered

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed with something unanswered."""
        due_on = self.routing.due_on if self.routing else None
        return due_on is not None and due_on < today and self.open > 0


def as_wanted(routing: Routing | None) -> Wanted:
    """A routing as a form says it."""
    return (routing.office.name, routing.due_on) if routing else NOBODY


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one office is."""

    office: ResponsibleOffice
    clauses: int
    comments: int
    answered: int
    next_due: date | None
    overdue: int

    @property
    def open(self) -> int:
        return self.comments - self.answered


def offices(session: Session, consultation: Consultation) -> list[ResponsibleOffice]:
    """The offices of a consultation with their people."""
    return list(
        session.scalars(
            select(ResponsibleOffice)
            .where(ResponsibleOffice.consultation_id == consultation.id)
            .options(selectinload(ResponsibleOffice.members).joinedload(OfficeMember.account))
            .order_by(ResponsibleOffice.id)
        )
    )


def drafters(session: Session, consultation: Consultation) -> list[Account]:
    """Who may be attached to an office: the drafters of the bureau."""
    return list(
        session.scalars(
            select(Account)
            .where(
                Account.bureau_id == consultation.bureau_id, Account.role == Role.DRAFTER, Account.is_active.is_(True)
            )
            .order_by(Account.name, Account.id)
        )
    )


def wards(session: Session, consultation: Consultation) -> list[Ward]:
    """The whole draft, then every clause of the version the public reads, with what waits there."""
    where = places.counted(session, consultation)
    routed = {
        routing.clause_id: routing
        for routing in session.scalars(
            select(Routing).where(Routing.consultation_id == consultation.id).options(selectinload(Routing.office))
        )
    }
    clauses: list[Clause | None] = [None, *consultation.version.clauses]
    found = []
    for clause in clauses:
        key = clause.id if clause else None
        comments, answered, first = where.get(key, (0, 0, None))
        found.append(Ward(clause, comments, answered, first, routed.get(key), named(clause) if clause else ()))
    return found


def named(clause: Clause) -> tuple[str, ...]:
    """The offices the draft itself names for a clause, those that lead first."""
    lead: list[str] = []
    rest: list[str] = []
    for said in clause.responsibilities:
        is_lead = any(word in said["role"] for word in LEADING)
        (lead if is_lead else rest).extend(said["departments"])
    return tuple(dict.fromkeys([*lead, *rest]))


def progress(wards: Iterable[Ward], offices: Iterable[ResponsibleOffice], today: date) -> list[Progress]:
    """How far each office is, from the wards."""
    held = list(wards)
    found = []
    for office in offices:
        own = [ward for ward in held if ward.routing is not None and ward.routing.office_id == office.id]
        waiting = [ward.routing.due_on for ward in own if ward.open and ward.routing and ward.routing.due_on]
        found.append(
            Progress(
                office,
                len(own),
                sum(ward.comments for ward in own),
                sum(ward.answered for ward in own),
                min(waiting, default=None),
                sum(ward.open for ward in own if ward.is_overdue(today)),
            )
        )
    return found


def proposal(wards: Iterable[Ward]) -> dict[int, str]:
    """For each clause that was spoken of and is not routed: the office the draft names, by the clause's id.

    A clause that names none takes the office of the clause above it.
    """
    held = list(wards)
    by_position = {ward.clause.position: ward for ward in held if ward.clause}
    found: dict[int, str] = {}
    for ward in held:
        if ward.clause is None or ward.routing is not None or not ward.comments:
            continue
        above: Ward | None = ward
        while above is not None and above.clause is not None and not above.named:
            above = by_position.get(above.clause.parent_position) if above.clause.parent_position >= 0 else None
        if above is not None and above.named:
            found[ward.clause.id] = above.named[0]
    return found


def office_named(session: Session, consultation: Consultation, name: str) -> ResponsibleOffice:
    """The office of this name, added when there is none yet."""
    words = plaintext.one_line(name, LONGEST_NAME, "承办单位", "name")
    if not words:
        raise NotValid("请填写承办单位的名称。", fault="name")
    found = session.scalar(
        select(ResponsibleOffice).where(
            ResponsibleOffice.consultation_id == consultation.id, ResponsibleOffice.name == words
        )
    )
    if found is None:
        count = session.scalar(select(func.count()).where(ResponsibleOffice.consultation_id == consultation.id)) or 0
        if count >= MOST_OFFICES:
            raise NotValid("一次征求意见最多%(limit)s个承办单位。", fault="name", limit=MOST_OFFICES)
        found = ResponsibleOffice(consultation_id=consultation.id, name=words)
        session.add(found)
        session.flush()
    return found


def keep_office(
    session: Session, actor: Actor, consultation: Consultation, name: str, members: Iterable[int], at: datetime
) -> ResponsibleOffice:
    """Names an office and says who of the staff answers for it."""
    require(actor, Permission.ROUTE, consultation.bureau_id)
    places.lock(session, consultation)
    found = office_named(session, consultation, name)
    allowed = {account.id for account in drafters(session, consultation)}
    wanted = [account_id for account_id in dict.fromkeys(members) if account_id in allowed]
    found.members[:] = [member for member in found.members if member.account_id in wanted]
    here = {member.account_id for member in found.members}
    found.members += [OfficeMember(account_id=account_id) for account_id in wanted if account_id not in here]
    session.flush()
    audit.record(
        session, actor, "office.keep", f"consultation:{consultation.slug}", at,
        {"office": found.name, "members": wanted},
    )  # fmt: skip
    return found


def remove_office(session: Session, actor: Actor, consultation: Consultation, office_id: int, at: datetime) -> None:
    """Takes away an office that answers for nothing any more."""
    require(actor, Permission.ROUTE, consultation.bureau_id)
    places.lock(session, consultation)
    found = session.get(ResponsibleOffice, office_id)
    if found is None or found.consultation_id != consultation.id:
        raise NotThere("没有这个承办单位。")
    count = session.scalar(select(func.count()).where(Routing.office_id == found.id))
    if count:
        raise NotValid("还有%(count)s个条款分给%(office)s，请先改分给别的单位。", count=count, office=found.name)
    session.delete(found)
    session.flush()
    audit.record(session, actor, "office.remove", f"consultation:{consultation.slug}", at, {"office": found.name})


def route(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    wanted: Mapping[int, Wanted],
    at: datetime,
    shown: Mapping[int, Wanted] | None = None,
) -> int:
    """Routes clauses to offices: clause id (0: the whole draft) → the office's name and the day its answers are due.

    An empty name takes a clause back. `shown` says what the page showed of a clause (nothing: nobody looked); a clause
    that is wanted as it was shown is left as it stands. Says how many were changed.
    Raises AlreadyDone naming the clauses that somebody else has routed otherwise meanwhile, NotValid naming the clause
    for a new day in Beijing's past; one that stood before may pass.
    """
    require(actor, Permission.ROUTE, consultation.bureau_id)
    places.lock(session, consultation)
    clauses = {clause.id: clause for clause in consultation.version.clauses}
    standing = {
        routing.clause_id or 0: routing
        for routing in session.scalars(
            select(Routing)
            .where(Routing.consultation_id == consultation.id)
            .options(selectinload(Routing.office))
            .execution_options(populate_existing=True)
        )
    }
    seen = shown or {}
    asked = {key: read for key, given in wanted.items() if (read := _read(given)) != seen.get(key)}
    if any(key and key not in clauses for key in asked):
        raise NotThere("征求意见稿里没有这一条款，请从目录里重新选择。")
    cited = {key: clauses[key].citation if key else "全文" for key in asked}
    if taken := [
        cited[key]
        for key, given in asked.items()
        if key in seen and as_wanted(standing.get(key)) not in (seen[key], given)
    ]:
        raise AlreadyDone(
            "%(clauses)s刚刚已由他人改了分办，您的这一次没有保存。您填的内容还在下面，请看过现在的分办再改。",
            clauses=taken,
        )
    today = window.day_in_beijing(at)
    changed: dict[str, str] = {}
    for key, (name, due_on) in asked.items():
        where, before = cited[key], standing.get(key)
        if not name:
            if before is not None:
                session.delete(before)
                changed[where] = ""
            continue
        if due_on is not None and due_on < today and (before is None or before.due_on != due_on):
            raise NotValid(
                "%(clause)s的办理期限%(day)s已经过去，请选择今天或者以后的日期。",
                fault="due", clause=where, day=window.Day(due_on),
            )  # fmt: skip
        office = office_named(session, consultation, name)
        if before is not None and (before.office_id, before.due_on) == (office.id, due_on):
            continue
        if before is None:
            before = Routing(consultation_id=consultation.id, clause_id=key or None)
            session.add(before)
        before.office, before.due_on = office, due_on
        before.routed_by_id, before.routed_at = actor.account_id or 0, at
        changed[where] = f"{office.name} {due_on or ''}".strip()
    session.flush()
    if changed:
        audit.record(session, actor, "clause.route", f"consultation:{consultation.slug}", at, changed)
    return len(changed)


def _read(given: Wanted) -> Wanted:
    name = plaintext.one_line(given[0], LONGEST_NAME, "承办单位", "name")
    return (name, given[1]) if name else NOBODY


def office_of(session: Session, consultation: Consultation) -> dict[int | None, str]:
    """The office of each routed clause, by the clause's id; None for the whole draft."""
    rows = session.execute(
        select(Routing.clause_id, ResponsibleOffice.name)
        .join(ResponsibleOffice, ResponsibleOffice.id == Routing.office_id)
        .where(Routing.consultation_id == consultation.id)
    )
    return {row.clause_id: row.name for row in rows}


def own_offices(session: Session, actor: Actor, consultation: Consultation) -> set[int]:
    """The offices the actor answers for."""
    return set(
        session.scalars(
            select(OfficeMember.office_id)
            .join(ResponsibleOffice, ResponsibleOffice.id == OfficeMember.office_id)
            .where(ResponsibleOffice.consultation_id == consultation.id, OfficeMember.account_id == actor.account_id)
        )
    )


def overdue_count(session: Session, consultation: Consultation, today: date) -> int:
    """How many comments stand unanswered past the day their clause was due."""
    late = set(
        session.scalars(
            select(Routing.clause_id).where(Routing.consultation_id == consultation.id, Routing.due_on < today)
        )
    )
    if not late:
        return 0
    where = places.counted(session, consultation)
    return sum(comments - answered for key, (comments, answered, _) in where.items() if key in late)
