"""The staff of a site: who is asked in, who confirms it, who leaves. Making an account and confirming it are apart."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, Role, require
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import Account, ApiKey, Bureau, Invitation, SignIn
from portal.rules import identifiers, plaintext, regions
from portal.sealing import Seal
from portal.services import accounts, audit, outbox, second_factor

#: how long a link that sets a password is good for
INVITED_FOR = timedelta(days=3)
EMAIL_CONTEXT = "account.email"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_BUREAU_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")


def staff(session: Session, actor: Actor) -> list[Account]:
    """Every account of the site: those that wait to be confirmed first, closed ones last."""
    require(actor, Permission.SEE_STAFF)
    found = session.scalars(select(Account).options(joinedload(Account.bureau))).all()
    return sorted(found, key=lambda a: (a.granted_at is not None, not a.is_active, a.bureau.name, a.login))


def account(session: Session, actor: Actor, account_id: int) -> Account:
    """One account. Raises NotThere."""
    require(actor, Permission.SEE_STAFF)
    found = session.get(Account, account_id, options=[joinedload(Account.bureau)])
    if found is None:
        raise NotThere("没有这个账号。")
    return found


def make(
    session: Session, seal: Seal, actor: Actor, *, login: str, name: str, role: str, bureau_id: int | None, email: str,
    at: datetime,
) -> Account:  # fmt: skip
    """Makes an account that waits for the security administrator. Nobody can sign in with it yet."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    login = plaintext.one_line(login, 40, "登录名", "login").lower()
    if not _LOGIN.fullmatch(login):
        raise NotValid("登录名用2至40个小写字母、数字、点、横线。", fault="login")
    if session.scalar(select(Account.id).where(Account.login == login)):
        raise NotValid("登录名“%(login)s”已被使用，请换一个。", fault="login", login=login)
    name = plaintext.one_line(name, 50, "姓名", "name")
    if not name:
        raise NotValid("请填写姓名。", fault="name")
    if role not in {member.value for member in Role}:
        raise NotValid("请选择岗位。", fault="role")
    bureau = session.get(Bureau, bureau_id) if bureau_id is not None else None
    if bureau is None:
        raise NotValid("请选择所在单位。", fault="bureau")
    email = plaintext.one_line(email, 200, "电子邮箱", "email")
    if email and not identifiers.check("email", email).is_valid:
        raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    made = Account(
        login=login, name=name, role=Role(role), bureau=bureau, created_at=at, is_active=False,
        password_hash=accounts.no_password(), email_sealed=seal.close(email, EMAIL_CONTEXT) if email else "",
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, actor, "account.create", f"account:{login}", at, {"role": role, "bureau": bureau.code})
    return made


def keep_own_email(session: Session, seal: Seal, person: Account, email: str, at: datetime) -> None:
    """Somebody's own address. Raises NotValid."""
    email = plaintext.one_line(email, 200, "电子邮箱", "email")
    if not identifiers.check("email", email).is_valid:
        raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    person.email_sealed = seal.close(email, EMAIL_CONTEXT)
    session.flush()
    audit.record(session, person.actor, "account.email", f"account:{person.login}", at)


def ask_for_role(session: Session, actor: Actor, person: Account, role: str, at: datetime) -> None:
    """Proposes another role; the account is closed until the security administrator confirms it."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    refuse_oneself(actor, person)
    if role not in {member.value for member in Role}:
        raise NotValid("请选择岗位。", fault="role")
    if person.role.value == role:
        raise AlreadyDone("已经是这个岗位。")
    before, person.role = person.role, Role(role)
    person.granted_at = person.granted_by_id = None
    _shut(session, person, at)
    audit.record(
        session, actor, "account.role", f"account:{person.login}", at, {"from": before.value, "to": person.role.value}
    )


def grant(
    session: Session, seal: Seal, actor: Actor, person: Account, at: datetime, *, site: str, url: str
) -> str | None:
    """Confirms that this person may have this role; the link that sets a password, unless it went out by mail.

    `url` is the address of the page that takes the token, the token to be added at its end.
    """
    require(actor, Permission.GRANT_ROLES)
    refuse_oneself(actor, person)
    if person.granted_at is not None:
        raise AlreadyDone("这个岗位已经确认过了。")
    person.granted_by_id, person.granted_at, person.is_active = actor.account_id, at, True
    session.flush()
    audit.record(session, actor, "account.grant", f"account:{person.login}", at, {"role": person.role.value})
    return invite(session, seal, actor, person, at, site=site, url=url)


def invite(
    session: Session, seal: Seal, actor: Actor, person: Account, at: datetime, *, site: str, url: str
) -> str | None:
    """Sends the link that sets a password; without an address it is given back, to be handed over."""
    if not (actor.may(Permission.MANAGE_ACCOUNTS) or actor.may(Permission.GRANT_ROLES)):
        require(actor, Permission.MANAGE_ACCOUNTS)
    if person.granted_at is None or not person.is_active:
        raise NotValid("账号还没有经安全管理员确认，或者已停用，不能发出邀请。")
    for earlier in session.scalars(
        select(Invitation).where(Invitation.account_id == person.id, Invitation.ended_at.is_(None))
    ):
        earlier.ended_at = at
    token = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            account_id=person.id, token_trace=seal.trace(token, "invitation"), made_at=at, expires_at=at + INVITED_FOR
        )
    )
    session.flush()
    audit.record(session, actor, "account.invite", f"account:{person.login}", at)
    link = url + token
    if not person.email_sealed:
        return link
    outbox.owe(
        session, seal, kind="invitation", recipient=seal.open(person.email_sealed, EMAIL_CONTEXT),
        subject=f"{site}：请设置登录密码", at=at,
        body=f"{person.name}：\n\n您的账号“{person.login}”（{person.role.label}）已开通。请在三天内打开下面的地址设置密码：\n\n"
        f"{link}\n\n这个地址只能使用一次，请不要转发。如果您没有申请过账号，请联系系统管理员。",
    )  # fmt: skip
    return None


def invited(session: Session, seal: Seal, token: str, at: datetime) -> Account:
    """Whom a link invites. Raises NotThere when it was used, replaced, too old or never given."""
    return _invitation(session, seal, token, at).account


def _invitation(session: Session, seal: Seal, token: str, at: datetime) -> Invitation:
    found = session.scalar(
        select(Invitation)
        .where(Invitation.token_trace == seal.trace(token, "invitation"), Invitation.ended_at.is_(None))
        .options(joinedload(Invitation.account))
    )
    if found is None or found.expires_at <= at or not found.account.is_active:
        raise NotThere("这个地址已经用过或者过期。请联系系统管理员重新发出邀请。")
    return found


def accept(session: Session, seal: Seal, token: str, password: str, at: datetime) -> Account:
    """Sets the first password of whoever holds the link, or a new one for somebody who forgot theirs."""
    found = _invitation(session, seal, token, at)
    accounts.set_password(session, found.account, password, at)
    found.ended_at = at
    found.account.failed_sign_ins, found.account.locked_until = 0, None
    session.flush()
    audit.record(session, found.account.actor, "account.accept", f"account:{found.account.login}", at)
    return found.account


def close(session: Session, actor: Actor, person: Account, at: datetime) -> None:
    """Closes an account: whoever is signed in with it is out at once. What they did stays under their name."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    refuse_oneself(actor, person)
    if not person.is_active and person.granted_at is None:
        raise AlreadyDone("账号已经停用。")
    person.granted_at = person.granted_by_id = None
    _shut(session, person, at)
    audit.record(session, actor, "account.close", f"account:{person.login}", at)


def unlock(session: Session, actor: Actor, person: Account, at: datetime) -> None:
    """Lets somebody try again who typed a wrong password too often."""
    require(actor, Permission.GRANT_ROLES)
    refuse_oneself(actor, person)
    person.failed_sign_ins, person.locked_until = 0, None
    session.flush()
    audit.record(session, actor, "account.unlock", f"account:{person.login}", at)


def end_second_factor(session: Session, actor: Actor, person: Account, at: datetime) -> None:
    """For somebody who lost telephone and recovery codes; they enrol again at the next signing in."""
    require(actor, Permission.GRANT_ROLES)
    refuse_oneself(actor, person)
    second_factor.end(session, actor, person, at)


def _shut(session: Session, person: Account, at: datetime) -> None:
    person.is_active = False
    for row in session.scalars(select(SignIn).where(SignIn.account_id == person.id, SignIn.ended_at.is_(None))):
        row.ended_at = at
    for key in session.scalars(select(ApiKey).where(ApiKey.account_id == person.id, ApiKey.revoked_at.is_(None))):
        key.revoked_at = at
    session.flush()


def refuse_oneself(actor: Actor, person: Account) -> None:
    """Raises NotAllowed for what nobody does to their own account."""
    if actor.account_id == person.id:
        raise NotAllowed("不能办理自己的账号，请由另一位管理员办理。")


def bureaus(session: Session) -> list[Bureau]:
    """Every bureau of the site."""
    return list(session.scalars(select(Bureau).order_by(Bureau.name)))


def keep_bureau(
    session: Session, actor: Actor, bureau_id: int | None, *, code: str, name: str, short_name: str, at: datetime
) -> Bureau:
    """Adds a bureau, or renames one; its code stays, for receipts and addresses may carry it."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    name = plaintext.one_line(name, 100, "单位名称", "name")
    if not name:
        raise NotValid("请填写单位名称。", fault="name")
    short = plaintext.one_line(short_name, 40, "单位简称", "short_name") or name
    if bureau_id is None:
        code = plaintext.one_line(code, 20, "单位代码", "code").lower()
        if not _BUREAU_CODE.fullmatch(code):
            raise NotValid("单位代码用1至20个小写字母、数字、横线，例如 slj。", fault="code")
        if session.scalar(select(Bureau.id).where(Bureau.code == code)):
            raise NotValid("单位代码“%(code)s”已被使用，请换一个。", fault="code", code=code)
        found = Bureau(code=code, name=name, short_name=short)
        session.add(found)
    else:
        kept = session.get(Bureau, bureau_id)
        if kept is None:
            raise NotThere("没有这个单位。")
        found = kept
        found.name, found.short_name = name, short
    session.flush()
    audit.record(session, actor, "bureau.keep", f"bureau:{found.code}", at, {"name": name, "short_name": short})
    return found


def keep_regions(session: Session, actor: Actor, bureau_id: int, typed: str, at: datetime) -> Bureau:
    """Keeps the regions a bureau's respondents may choose from; none, and nobody is asked.

    What was chosen before stays as it was chosen. Raises NotValid, NotThere.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    found = session.get(Bureau, bureau_id)
    if found is None:
        raise NotThere("没有这个单位。")
    found.regions = regions.listed(typed)
    session.flush()
    audit.record(session, actor, "bureau.regions", f"bureau:{found.code}", at, {"regions": found.regions})
    return found
