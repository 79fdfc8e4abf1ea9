"""Keys of the JSON interface: made and shown once, recognised, noted when used, revoked.

A key reads `cpk_<id>_<secret>` (another platform's) or `cps_<id>_<secret>` (a member of staff's): the beginning lets
whoever finds one know what it is, the id finds its row, and of the secret only a keyed hash is kept.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from portal.access import PLATFORM_SCOPES, STAFF_SCOPES, Actor, Permission, Scope, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Account, ApiKey, Bureau
from portal.rules import plaintext
from portal.sealing import Seal
from portal.services import accounts, audit

PLATFORM, STAFF = "cpk", "cps"
#: how long a member of staff's own key may hold, in days
LASTING = (7, 30, 90, 180)
#: requests a minute: of a platform unless set otherwise, of a member of staff always, and the most there is
USUAL_RATE, STAFF_RATE, HIGHEST_RATE = 60, 120, 6000
#: how many keys of their own somebody may hold at once
MOST_OWN = 10
#: the last use is written down once in so long
NOTED_EVERY = timedelta(minutes=1)
#: compared with when there is no such key, so that the answer takes as long
_NO_TRACE = "0" * 64


def make_for_platform(
    session: Session,
    seal: Seal,
    actor: Actor,
    *,
    bureau_id: int | None,
    name: str,
    scopes: Iterable[str],
    per_minute: int | None,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Makes a key for another platform; the row, and the key itself, which is never shown again. Raises NotValid."""
    require(actor, Permission.MANAGE_KEYS)
    return make(session, seal, actor, bureau_id=bureau_id, name=name, scopes=scopes, per_minute=per_minute, at=at)


def make(
    session: Session,
    seal: Seal,
    actor: Actor,
    *,
    bureau_id: int | None,
    name: str,
    scopes: Iterable[str],
    per_minute: int | None,
    at: datetime,
) -> tuple[ApiKey, str]:
    """The same without asking for a permission, as the operator of the machine may."""
    bureau = session.get(Bureau, bureau_id) if bureau_id is not None else None
    if bureau is None:
        raise NotValid("请选择所在单位。", fault="bureau")
    rate = USUAL_RATE if per_minute is None else per_minute
    if not 1 <= rate <= HIGHEST_RATE:
        raise NotValid("每分钟次数请填1至%(most)s。", fault="per_minute", most=HIGHEST_RATE)
    chosen = _scopes(scopes, PLATFORM_SCOPES)
    made, key = _made(session, seal, PLATFORM, name, chosen, rate, at, bureau=bureau, created_by_id=actor.account_id)
    _record(session, actor, "key.create", made, at, {"name": made.name, "bureau": bureau.code, "scopes": chosen})
    return made, key


def make_own(
    session: Session,
    seal: Seal,
    account: Account,
    *,
    name: str,
    scopes: Iterable[str],
    days: int | None,
    password: str,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Makes a key for a member of staff who shows the password again; it does what that person may. Raises NotValid."""
    if days not in LASTING:
        raise NotValid("请选择有效期。", fault="days")
    allowed = tuple(scope for scope, permission in STAFF_SCOPES.items() if account.actor.may(permission))
    chosen = _scopes(scopes, allowed)
    accounts.require_password(account, password)
    if sum(key.holds(at) for key in own(session, account)) >= MOST_OWN:
        raise NotValid("个人密钥最多%(most)s个，请先撤销不用的。", most=MOST_OWN)
    made, key = _made(
        session, seal, STAFF, name, chosen, STAFF_RATE, at, bureau=account.bureau, account=account,
        created_by_id=account.id, expires_at=at + timedelta(days=days),
    )  # fmt: skip
    _record(session, account.actor, "key.create", made, at, {"name": made.name, "scopes": chosen, "days": days})
    return made, key


def _scopes(asked: Iterable[str], allowed: Iterable[Scope]) -> list[str]:
    chosen = [scope.value for scope in allowed if scope.value in set(asked)]
    if not chosen or set(asked) - set(chosen):
        raise NotValid("请至少选择一项用途。", fault="scopes")
    return chosen


def _made(
    session: Session, seal: Seal, kind: str, name: str, scopes: list[str], per_minute: int, at: datetime, **of: object
) -> tuple[ApiKey, str]:
    words = plaintext.one_line(name, 100, "名称", "name")
    if not words:
        raise NotValid("请填写名称，便于日后辨认。", fault="name")
    public_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    made = ApiKey(
        public_id=f"{kind}_{public_id}", secret_trace=_trace(seal, secret), name=words, scopes=scopes,
        per_minute=per_minute, created_at=at, **of,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made, f"{made.public_id}_{secret}"


def _trace(seal: Seal, secret: str) -> str:
    return seal.trace(secret, "api-key")


def recognised(session: Session, seal: Seal, key: str, at: datetime) -> ApiKey | None:
    """The key behind what a request brought; None when it is none of ours, was revoked or has run out."""
    kind, _, rest = key.partition("_")
    public_id, _, secret = rest.partition("_")
    found = session.scalar(
        select(ApiKey)
        .where(ApiKey.public_id == f"{kind}_{public_id}"[:64])
        .options(joinedload(ApiKey.bureau), joinedload(ApiKey.account).joinedload(Account.bureau))
    )
    fits = hmac.compare_digest(_trace(seal, secret), found.secret_trace if found else _NO_TRACE)
    if found is None or not fits or not found.holds(at):
        return None
    return found if found.account is None or found.account.is_active else None


def is_due_for_noting(key: ApiKey, at: datetime) -> bool:
    """Whether this use should be written down."""
    return key.last_used_at is None or at - key.last_used_at > NOTED_EVERY


def note_use(session: Session, key_id: int, at: datetime) -> None:
    """Writes down that a key was used."""
    session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=at))


def listed(session: Session, actor: Actor) -> list[ApiKey]:
    """The keys of other platforms, those that hold first, then the newest."""
    require(actor, Permission.MANAGE_KEYS)
    found = session.scalars(
        select(ApiKey).where(ApiKey.account_id.is_(None)).options(joinedload(ApiKey.bureau)).order_by(ApiKey.id.desc())
    )
    return sorted(found, key=lambda key: key.revoked_at is not None)


def own(session: Session, account: Account) -> list[ApiKey]:
    """The keys a member of staff made for themselves, the newest first."""
    return list(session.scalars(select(ApiKey).where(ApiKey.account_id == account.id).order_by(ApiKey.id.desc())))


def revoke(session: Session, actor: Actor, key_id: int, at: datetime) -> ApiKey:
    """Ends a key at once: a platform's by who manages keys, one's own by oneself. Raises NotThere, AlreadyDone."""
    found = session.scalar(select(ApiKey).where(ApiKey.id == key_id).with_for_update(key_share=True))
    is_own = found is not None and found.account_id is not None and found.account_id == actor.account_id
    if found is None or not (is_own or (found.account_id is None and actor.may(Permission.MANAGE_KEYS))):
        raise NotThere("没有这个密钥。")
    end(session, actor, found, at)
    return found


def end(session: Session, actor: Actor, key: ApiKey, at: datetime) -> None:
    """The same of a key in hand, as the operator of the machine may."""
    if key.revoked_at is not None:
        raise AlreadyDone("这个密钥已经撤销。")
    key.revoked_at = at
    session.flush()
    _record(session, actor, "key.revoke", key, at, {"name": key.name})


def _record(session: Session, actor: Actor, act: str, key: ApiKey, at: datetime, details: dict[str, object]) -> None:
    audit.record(session, actor, act, f"key:{key.public_id}", at, details)
