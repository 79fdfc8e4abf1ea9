"""Which account somebody is whom the identity provider vouches for. It never makes an account, and never gives a role."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotAllowed, NotValid
from portal.models import Account, AccountIdentity, SignIn
from portal.rules import plaintext
from portal.rules.id_tokens import LONGEST_SUBJECT, Vouched
from portal.services import accounts, audit, people


def bound(session: Session, account: Account, issuer: str) -> AccountIdentity | None:
    """Who an account is at this provider, if it is anybody there."""
    return session.scalar(
        select(AccountIdentity).where(AccountIdentity.account_id == account.id, AccountIdentity.issuer == issuer)
    )


def recognise(session: Session, issuer: str, vouched: Vouched, link_claim: str, at: datetime) -> Account:
    """Whose account it is. With `link_claim`, an account that is bound to nobody is bound at its first signing in to
    whoever has its login in that claim.

    Raises NotAllowed when nobody's, closed or locked.
    """
    found = session.scalar(
        select(AccountIdentity).where(AccountIdentity.issuer == issuer, AccountIdentity.subject == vouched.subject)
    )
    if found is not None:
        account = _taken(session, Account.id == found.account_id) or found.account
        accounts.require_open(account, at)
        return account
    login = vouched.claim(link_claim) if link_claim else ""
    linked = _taken(session, Account.login == login) if login else None
    if linked is None or bound(session, linked, issuer) is not None:
        raise NotAllowed(
            "您的身份还没有绑定本站的账号。请把身份编号“%(subject)s”告诉安全管理员，由其绑定后再登录。",
            subject=vouched.subject,
        )
    accounts.require_open(linked, at)
    session.add(AccountIdentity(account_id=linked.id, issuer=issuer, subject=vouched.subject, bound_at=at))
    session.flush()
    _note(session, linked.actor, "account.bind", linked, vouched.subject, at, by=link_claim)
    return linked


def _taken(session: Session, condition: ColumnElement[bool]) -> Account | None:
    """The account, locked for this try, as with a password."""
    return session.scalar(select(Account).where(condition).with_for_update(key_share=True))


def bind(session: Session, actor: Actor, person: Account, issuer: str, subject: str, at: datetime) -> AccountIdentity:
    """Binds an account to a subject of the provider. Raises NotValid, and AlreadyDone when it is bound already."""
    require(actor, Permission.GRANT_ROLES)
    people.refuse_oneself(actor, person)
    subject = plaintext.one_line(subject, LONGEST_SUBJECT, "身份编号", "subject")
    if not (subject and subject.isascii() and subject.isprintable()):
        raise NotValid("请填写身份编号，由英文字母、数字和符号组成。", fault="subject")
    if bound(session, person, issuer) is not None:
        raise AlreadyDone("这个账号已经绑定了身份编号，请先解除绑定。")
    other = session.scalar(
        select(AccountIdentity).where(AccountIdentity.issuer == issuer, AccountIdentity.subject == subject)
    )
    if other is not None:
        raise NotValid("这个身份编号已经绑定账号“%(login)s”。", fault="subject", login=other.account.login)
    made = AccountIdentity(
        account_id=person.id, issuer=issuer, subject=subject, bound_by_id=actor.account_id, bound_at=at
    )
    session.add(made)
    session.flush()
    _note(session, actor, "account.bind", person, subject, at, by="security")
    return made


def unbind(session: Session, actor: Actor, person: Account, issuer: str, at: datetime) -> None:
    """Takes the binding away; whoever came in by it is out at once. Raises AlreadyDone when there is none."""
    require(actor, Permission.GRANT_ROLES)
    people.refuse_oneself(actor, person)
    found = bound(session, person, issuer)
    if found is None:
        raise AlreadyDone("这个账号没有绑定身份编号。")
    session.delete(found)
    for row in session.scalars(
        select(SignIn).where(SignIn.account_id == person.id, SignIn.ended_at.is_(None), SignIn.is_by_provider)
    ):
        row.ended_at = at
    session.flush()
    _note(session, actor, "account.unbind", person, found.subject, at, by="security")


def _note(session: Session, actor: Actor, act: str, account: Account, subject: str, at: datetime, by: str) -> None:
    audit.record(session, actor, act, f"account:{account.login}", at, {"subject": subject, "by": by})
