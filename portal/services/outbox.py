"""Owing mail: a row in the same transaction as the act it tells of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.models import OutgoingEmail
from portal.sealing import Seal

#: after so many tries a letter waits for a person
GIVEN_UP_AFTER = 7
#: what the recipient's address and the text are sealed for
RECIPIENT = "outgoing_email.recipient"
BODY = "outgoing_email.body"
#: and the address that ends what it came by
LEAVE = "outgoing_email.leave"


def _header_line(text: str) -> str:
    """One line that stays one: also an encoded word (=?utf-8?q?=0D=0A?=), which a library decodes as it writes the
    header, begins no other."""
    return " ".join(text.split()).replace("=?", "= ?")


def owe(
    session: Session,
    seal: Seal,
    *,
    kind: str,
    recipient: str,
    subject: str,
    body: str,
    at: datetime,
    submission_id: int | None = None,
) -> OutgoingEmail:
    """Owes one letter, to be delivered by the worker after the commit."""
    email = OutgoingEmail(
        kind=kind,
        submission_id=submission_id,
        recipient_sealed=seal.close(recipient, RECIPIENT),
        subject=_header_line(subject),
        body_sealed=seal.close(body, BODY),
        created_at=at,
        due_at=at,
    )
    session.add(email)
    return email
