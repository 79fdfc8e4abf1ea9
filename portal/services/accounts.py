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
from portal.sealing import Seal
from portal.services import audit

#: OWASP's second recommendation for Argon2id: 19 MiB, two passes; staff sign in a few times a day
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: what is verified when there is no such account, so that the answer takes as long
_NO_HASH = _HASHER.hash(secrets.token_hex(16))

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=30)
IDLE_FOR = timedelta(minutes=30)
LASTS_FOR = timedelta(hours=12)
SHORTEST_PASSWORD = 10


def create(
    session: Session, *, login: str, name: str, role: Role, bureau: Bureau, password: str, at: datetime
) -> Account:
    """Makes an account. Raises NotValid for a short password or a login that is taken."""
    if len(password) < SHORTEST_PASSWORD:
        raise NotValid("密码至少%(length)s个字符。", fault="password", length=SHORTEST_PASSWORD)
    if session.scalar(select(Account.id).where(Account.login == login)):
        raise NotValid("登录名“%(login)s”已被使用，请换一个。", fault="login", login=login)
    account = Account(
        login=login, name=name, role=role, bureau=bureau, password_hash=_HASHER.hash(password), created_at=at
    )
    session.add(account)
    session.flush()
    audit.record(session, ANYBODY, "account.create", f"account:{login}", at, {"role": role.value})
    return account


def sign_in(session: Session, seal: Seal, login: str, password: str, at: datetime) -> str | None:
    """The token for the cookie, or None when login or password are wrong.

    After five failures the account is locked for half an hour, and NotAllowed says until when; the failure
    is kept by the caller's commit.
    """
    account = session.scalar(select(Account).where(Account.login == login).with_for_update())
    if account is None or not account.is_active:
        _matches(_NO_HASH, password)
        return None
    if account.locked_until and account.locked_until > at:
        raise NotAllowed("多次输错密码，账号已临时锁定，请半小时后再试，或联系系统管理员。")
    if not _matches(account.password_hash, password):
        account.failed_sign_ins += 1
        if account.failed_sign_ins >= FAILURES_BEFORE_LOCK:
            account.locked_until = at + LOCKED_FOR
            account.failed_sign_ins = 0
            audit.record(session, account.actor, "account.lock", f"account:{login}", at)
        return None
    account.failed_sign_ins = 0
    account.locked_until = None
    token = secrets.token_urlsafe(32)
    session.add(SignIn(account=account, token_trace=seal.trace(token, "sign-in"), started_at=at, seen_at=at))
    audit.record(session, account.actor, "account.sign_in", f"account:{login}", at)
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
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
