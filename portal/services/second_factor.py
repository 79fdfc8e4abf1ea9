"""The second factor of staff: a code of the moment from an app (RFC 6238), and recovery codes for a lost telephone."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
from sqlalchemy.orm import Session

from portal.access import Actor
from portal.errors import NotValid
from portal.models import Account
from portal.rules import codes
from portal.sealing import Seal
from portal.services import audit

CONTEXT = "account.totp"
STEP = 30  # seconds a code stands for
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret for somebody's app, to be confirmed by a first code before it counts."""
    return pyotp.random_base32()


def address(account: Account, secret: str, issuer: str) -> str:
    """The otpauth address an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=issuer)


def enrol(session: Session, seal: Seal, account: Account, secret: str, code: str, at: datetime) -> list[str]:
    """Makes the secret the account's second factor once its first code is right; the recovery codes, shown once."""
    step = _step_of(secret, code, at)
    if step is None:
        raise NotValid("动态码不对，请看手机上现在显示的六位数字，并检查手机时间是否准确。", fault="code")
    account.totp_sealed = seal.close(secret, CONTEXT)
    account.totp_last_step = step
    recovery = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]
    account.recovery_traces = [_trace(seal, one) for one in recovery]
    session.flush()
    audit.record(session, account.actor, "account.second_factor", f"account:{account.login}", at)
    return recovery


def passes(session: Session, seal: Seal, account: Account, code: str, at: datetime) -> bool:
    """Whether the code of the moment, or a recovery code, is right. Each is taken once."""
    trace = _trace(seal, code)
    if trace in account.recovery_traces:
        account.recovery_traces = [left for left in account.recovery_traces if left != trace]
        audit.record(
            session, account.actor, "account.recovery_code", f"account:{account.login}", at,
            {"left": len(account.recovery_traces)},
        )  # fmt: skip
        return True
    step = _step_of(seal.open(account.totp_sealed, CONTEXT), code, at)
    if step is None or step <= account.totp_last_step:
        return False
    account.totp_last_step = step
    return True


def end(session: Session, actor: Actor, account: Account, at: datetime) -> None:
    """Takes the second factor off an account, for a telephone that was lost together with its recovery codes."""
    account.totp_sealed, account.recovery_traces, account.totp_last_step = "", [], 0
    session.flush()
    audit.record(session, actor, "account.second_factor_ended", f"account:{account.login}", at)


def _trace(seal: Seal, code: str) -> str:
    return seal.trace(codes.plain(code).lower(), "recovery-code")


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The half-minute this code belongs to: now, or one before or after for a clock that is a little off."""
    digits = codes.plain(code)
    if not (len(digits) == 6 and digits.isascii() and digits.isdecimal()):
        return None
    now = int(at.timestamp()) // STEP
    for step in (now, now - 1, now + 1):
        if secrets.compare_digest(pyotp.TOTP(secret).at(step * STEP), digits):
            return step
    return None
