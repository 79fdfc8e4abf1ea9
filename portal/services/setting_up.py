"""The first hour of an installation: somebody with the one-time code names the site, a bureau and three administrators.

It is open only as long as there is no account at all, and only for whoever read the code on the machine itself.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Role
from portal.errors import NotThere, NotValid
from portal.models import Account, SiteSetting
from portal.rules import codes, identifiers, plaintext
from portal.sealing import Seal
from portal.services import accounts, audit, people, reference
from portal.services import site as site_service

#: how long a code is good for
LASTS_FOR = timedelta(hours=24)
_KEY = "setup_code"
#: three people, so that nobody who makes accounts also confirms them or keeps the log (三员分立)
ROLES = (Role.ADMINISTRATOR, Role.SECURITY, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Person:
    """One of the three, as typed."""

    login: str
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """What was typed: the items of the site, the first bureau, and a person for each of ROLES."""

    site: Mapping[str, str]
    bureau_code: str
    bureau_name: str
    bureau_short_name: str
    people: Mapping[Role, Person]


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom the installation asked in, and the link with which they set a password."""

    account: Account
    link: str


def is_open(session: Session) -> bool:
    """Whether nobody has an account yet."""
    return session.scalar(select(Account.id).limit(1)) is None


def require_open(session: Session) -> None:
    """Raises NotThere once somebody has an account: then there is no such page."""
    if not is_open(session):
        raise NotThere("没有找到这一页。它可能已移动，请从首页重新进入。")


def new_code(session: Session, seal: Seal, at: datetime) -> str:
    """A fresh code, for whoever sits at the machine; one before it ends. Only its keyed hash is kept."""
    require_open(session)
    code = accounts.easy_password()
    session.merge(
        SiteSetting(key=_KEY, value=f"{at.astimezone(UTC).isoformat(timespec='seconds')} {_trace(seal, code)}")
    )
    session.flush()
    return code


def _trace(seal: Seal, code: str) -> str:
    return seal.trace(codes.plain(code).lower(), "setup-code")


def pass_for(session: Session, seal: Seal, code: str, at: datetime) -> str | None:
    """What a browser shows from now on instead of the code, or None when the code is wrong or too old."""
    given = _trace(seal, code)
    return given if is_pass(session, given, at) else None


def is_pass(session: Session, given: str, at: datetime) -> bool:
    """Whether this is what the code of the moment is kept as, compared in constant time."""
    kept = session.get(SiteSetting, _KEY)
    if kept is None:
        return False
    made_at, _, trace = kept.value.partition(" ")
    is_right = hmac.compare_digest(trace.encode(), given.encode())
    return is_right and at - datetime.fromisoformat(made_at) <= LASTS_FOR


def finish(session: Session, seal: Seal, given: Installation, at: datetime, *, url: str) -> Sequence[Invited]:
    """Makes everything in one transaction and ends the code. `url` is the page that takes an invitation's token.

    Raises NotThere when somebody was faster, and NotValid at the first field that is not right; `fault` names a
    person's field as `administrator_login`.
    """
    audit.take_turn(session)
    require_open(session)
    _three_people(given.people)
    reference.fill(session)
    maker = Actor(None, "安装", Role.ADMINISTRATOR)
    confirmer = Actor(None, "安装", Role.SECURITY)
    try:
        bureau = people.keep_bureau(
            session, maker, None, code=given.bureau_code, name=given.bureau_name, short_name=given.bureau_short_name,
            at=at,
        )  # fmt: skip
    except NotValid as refusal:
        raise NotValid(refusal.sentence, fault=f"bureau_{refusal.fault}", **refusal.places) from refusal
    site_service.keep(session, maker, given.site, at)
    made = []
    for role in ROLES:
        person = given.people[role]
        try:
            email = _email(person.email)
            account = people.make(
                session, seal, maker, login=person.login, name=person.name, role=role.value, bureau_id=bureau.id,
                email="", at=at,
            )  # fmt: skip
        except NotValid as refusal:
            raise NotValid(refusal.sentence, fault=f"{role.value}_{refusal.fault}", **refusal.places) from refusal
        link = people.grant(session, seal, confirmer, account, at, site="", url=url)
        if link is None:
            raise AssertionError("an account without an address has its link handed over")
        # kept only now: the link is handed over, for nobody knows yet whether mail works
        account.email_sealed = seal.close(email, people.EMAIL_CONTEXT) if email else ""
        made.append(Invited(account, link))
    session.delete(session.get_one(SiteSetting, _KEY))
    session.flush()
    audit.record(session, maker, "site.set_up", "site", at, {"bureau": bureau.code})
    return made


def _email(typed: str) -> str:
    email = plaintext.one_line(typed, 200, "电子邮箱", "email")
    if email and not identifiers.check("email", email).is_valid:
        raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    return email


def _three_people(given: Mapping[Role, Person]) -> None:
    seen: set[str] = set()
    for role in ROLES:
        name = "".join(given[role].name.split())
        if name and name in seen:
            raise NotValid("三个岗位要由三个人担任，姓名不能相同。", fault=f"{role.value}_name")
        seen.add(name)
