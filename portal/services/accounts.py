"""Staff accounts: making them, signing in and out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import ANYBODY, Actor, Role
from portal.errors import NotAllowed, NotValid
from portal.models import Account, Bureau, SignIn
from portal.rules import passwords
from portal.sealing import Seal
from portal.services import audit, second_factor

#: OWASP's second recommendation for Argon2id: 19 MiB, two passes; staff sign in a few times a day
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: what is verified when there is no such account, so that the answer takes as long
_NO_HASH = _HASHER.hash(secrets.token_hex(16))

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=30)
IDLE_FOR = timedelta(minutes=30)
LASTS_FOR = timedelta(hours=12)
#: how many passwords before this one may not come back
REMEMBERED = 5


def create(
    session: Session, *, login: str, name: str, role: Role, bureau: Bureau, password: str, at: datetime
) -> Account:
    """Makes an account that is open at once, as the operator of the machine may.

    Raises NotValid for a weak password or a login that is taken.
    """
    passwords.require_strong(password, login, name)
    if session.scalar(select(Account.id).where(Account.login == login)):
        raise NotValid("登录名“%(login)s”已被使用，请换一个。", fault="login", login=login)
    account = Account(
        login=login, name=name, role=role, bureau=bureau, password_hash=_HASHER.hash(password), created_at=at,
        password_changed_at=at, granted_at=at,
    )  # fmt: skip
    session.add(account)
    session.flush()
    audit.record(session, ANYBODY, "account.create", f"account:{login}", at, {"role": role.value})
    return account


def no_password() -> str:
    """What stands for the password of an account that has none yet: nothing matches it."""
    return "!"


def set_password(session: Session, account: Account, password: str, at: datetime) -> None:
    """Gives an account a new password and ends every other signing in. Raises NotValid for a weak or former one."""
    passwords.require_strong(password, account.login, account.name)
    former = [account.password_hash, *account.former_passwords]
    if any(_matches(old, password) for old in former):
        raise NotValid("这个密码最近用过，请换一个新的。", fault="password")
    if account.password_hash != no_password():
        account.former_passwords = former[:REMEMBERED]
    account.password_hash = _HASHER.hash(password)
    account.password_changed_at = at
    session.flush()
    audit.record(session, account.actor, "account.password", f"account:{account.login}", at)


def change_password(session: Session, account: Account, old: str, new: str, at: datetime) -> None:
    """A new password for somebody who knows the old one; other signings in of theirs end. Raises NotValid."""
    require_password(account, old, "old")
    set_password(session, account, new, at)


def require_password(account: Account, password: str, fault: str = "password") -> None:
    """Raises NotValid unless this is the password: asked for again before something that lasts."""
    if not _matches(account.password_hash, password):
        raise NotValid("现在的密码不对。", fault=fault)


def end_others(session: Session, account: Account, but: int | None, at: datetime) -> int:
    """Ends every signing in of this account but one; how many."""
    found = session.scalars(
        select(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None), SignIn.id != (but or 0))
    ).all()
    for row in found:
        row.ended_at = at
    session.flush()
    return len(found)


def open_sign_ins(session: Session, account: Account, at: datetime) -> list[SignIn]:
    """Where somebody is signed in now, the latest first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(
                SignIn.account_id == account.id, SignIn.ended_at.is_(None), SignIn.seen_at > at - IDLE_FOR,
                SignIn.started_at > at - LASTS_FOR,
            )
            .order_by(SignIn.seen_at.desc())
        )
    )  # fmt: skip


def is_password_old(account: Account, at: datetime, days: int) -> bool:
    """Whether the password is due for a change; never when `days` is 0."""
    since = account.password_changed_at or account.created_at
    return bool(days) and since + timedelta(days=days) <= at


def recognise(session: Session, login: str, password: str, at: datetime) -> Account | None:
    """Whose login and password these are, or None when either is wrong. A second factor may still be asked for.

    After five failures the account is locked for half an hour, and NotAllowed says until when; the failure
    is kept by the caller's commit.
    """
    account = session.scalar(select(Account).where(Account.login == login).with_for_update(key_share=True))
    if account is None or not account.is_active:
        _matches(_NO_HASH, password)
        return None
    _require_unlocked(account, at)
    if not _matches(account.password_hash, password):
        _fail(session, account, at)
        return None
    if not account.has_second_factor:
        account.failed_sign_ins, account.locked_until = 0, None
    return account


def _fail(session: Session, account: Account, at: datetime) -> None:
    account.failed_sign_ins += 1
    if account.failed_sign_ins >= FAILURES_BEFORE_LOCK:
        account.locked_until = at + LOCKED_FOR
        account.failed_sign_ins = 0
        audit.record(session, account.actor, "account.lock", f"account:{account.login}", at)


def awaiting(session: Session, account_id: int, at: datetime) -> Account | None:
    """The account whose password was right a moment ago and whose second factor is asked for, locked for this try.

    Raises NotAllowed when it was locked meanwhile.
    """
    account = session.scalar(select(Account).where(Account.id == account_id).with_for_update(key_share=True))
    if account is None or not account.is_active or not account.has_second_factor:
        return None
    _require_unlocked(account, at)
    return account


def require_open(account: Account, at: datetime) -> None:
    """Raises NotAllowed when the account is closed, waits to be confirmed, or is locked."""
    if not account.is_active:
        raise NotAllowed("您的账号已停用，或者还没有经安全管理员确认，不能登录。")
    _require_unlocked(account, at)


def _require_unlocked(account: Account, at: datetime) -> None:
    if account.locked_until and account.locked_until > at:
        raise NotAllowed("多次输错密码，账号已临时锁定，请半小时后再试，或联系系统管理员。")


def check_second_factor(session: Session, seal: Seal, account: Account, code: str, at: datetime) -> bool:
    """Whether the second factor is right; wrong ones count like wrong passwords."""
    if not second_factor.passes(session, seal, account, code, at):
        _fail(session, account, at)
        return False
    account.failed_sign_ins, account.locked_until = 0, None
    return True


def begin(
    session: Session, seal: Seal, account: Account, at: datetime, *, is_by_provider: bool = False,
    is_factor_vouched: bool = False,
) -> str:  # fmt: skip
    """Signs somebody in who has shown everything that was asked; the token for the cookie.

    `is_by_provider`: the identity provider said who it is. `is_factor_vouched`: and that a second factor was shown.
    """
    login = account.login
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            account=account, token_trace=seal.trace(token, "sign-in"), started_at=at, seen_at=at,
            is_by_provider=is_by_provider, is_factor_vouched=is_factor_vouched,
        )
    )  # fmt: skip
    details = {"by": "provider", "is_factor_vouched": is_factor_vouched} if is_by_provider else {}
    audit.record(session, account.actor, "account.sign_in", f"account:{login}", at, details)
    return token


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def signed_in(session: Session, seal: Seal, token: str, at: datetime) -> SignIn | None:
    """The signing in behind a token; None when it was ended, idle too long, too old, or never given."""
    found = session.scalar(
        select(SignIn)
        .where(SignIn.token_trace == seal.trace(token, "sign-in"), SignIn.ended_at.is_(None))
        .options(joinedload(SignIn.account).joinedload(Account.bureau))
    )
    if found is None or found.seen_at + IDLE_FOR < at or found.started_at + LASTS_FOR < at:
        return None
    return found if found.account.is_active else None


def is_due_for_keeping(sign_in: SignIn, at: datetime) -> bool:
    """Whether its last use should be noted again: once a minute is enough, and spares a write on every page."""
    return at - sign_in.seen_at > timedelta(minutes=1)


def keep_alive(session: Session, seal: Seal, token: str, at: datetime) -> None:
    """Notes that the token was used, so that only idle sessions end."""
    found = session.scalar(select(SignIn).where(SignIn.token_trace == seal.trace(token, "sign-in")))
    if found is not None and found.ended_at is None:
        found.seen_at = at


def sign_out(session: Session, seal: Seal, token: str, actor: Actor, at: datetime) -> None:
    """Ends the token."""
    found = session.scalar(select(SignIn).where(SignIn.token_trace == seal.trace(token, "sign-in")))
    if found is not None and found.ended_at is None:
        found.ended_at = at
        audit.record(session, actor, "account.sign_out", f"account:{found.account.login}", at)


def easy_password() -> str:
    """A random password that can be typed from paper: four groups without letters that look alike."""
    alphabet = "abcdefghjkmnpqrstuvwxyz"
    groups = ["".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3)]
    return "-".join([*groups, "".join(secrets.choice("23456789") for _ in range(4))])
